import Foundation
import TestSupport
import Testing

/// Every row of the table in `docs/data.md`: data as people organise them, made by h5py, and what the page says to write.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct DataOrganisationTests {
  /// The first column of the table without its links and code, and the second.
  private static let rows: [(data: String, remedy: String)] = {
    let page = DocumentationPage.all.first { $0.path == "docs/data.md" }
    let lines = (page?.text ?? "").split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2)
    return lines.map { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      return (cells[0], cells.count > 1 ? cells[1] : "")
    }
  }()

  @Test func everyRowIsRun() {
    for row in Self.rows {
      #expect(Self.cases.count { row.data.hasPrefix($0.row) } >= 1, "\(row.data)")
    }
    for example in Self.cases {
      #expect(Self.rows.contains { $0.data.hasPrefix(example.row) }, "\(example.row)")
    }
  }

  @Test(arguments: cases) func dataAreUnderstood(_ example: DataOrganisation) throws {
    let row = try #require(Self.rows.first { $0.data.hasPrefix(example.row) })
    try TemporaryFolder.use { folder in
      let made = try Python.run(DataOrganisation.start + example.program, in: folder)
      #expect(made.status == 0, "\(made.output)")
      var file = "x.h5"
      if let command = example.command {
        // The command is the page's own.
        let shown = example.shown ?? command
        #expect(row.remedy.contains("`weft \(shown)"), "\(row.remedy)")
        let result = try Command.shell("\"$WEFT\" \(command)", in: folder)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        file = command.split(separator: " ").last.map(String.init) ?? ""
      }
      for key in example.keys { #expect(row.remedy.contains(key.shown), "\(row.remedy): \(key.shown)") }
      let lines = example.keys.map { "  \($0.yaml)\n" }.joined()
      let input = lines.contains("files:") ? "" : "  file: \(file)\n"
      let yaml = "data:\n\(input)\(lines)\(example.extra)"
      try Data(yaml.utf8).write(to: folder.appending(path: "train.yaml"))
      let checked = try Command.run("data", "check", "--config", "train.yaml", in: folder)
      #expect(checked.status == 0, "\(checked.output)\(checked.errors)")
      let first = checked.output.split(separator: "\n").first.map(String.init) ?? ""
      #expect(first.contains(example.line), "\(first)")
      #expect(checked.output.contains("; no faults"))
    }
  }
}

/// Data, what to write for them, and how they are understood.
struct DataOrganisation: Sendable, CustomTestStringConvertible {
  /// The beginning of a row of the table.
  let row: String
  /// Writes the data.
  let program: String
  /// Keys of the section `data`.
  var keys: [Key] = []
  /// The command, without the program's name.
  var command: String?
  /// Its beginning on the page, if that differs.
  var shown: String?
  /// The other sections.
  var extra = DataOrganisation.classifier
  /// Part of the first line of training.
  let line: String

  var testDescription: String { row }

  /// A key as in YAML, and as on the page.
  struct Key: Sendable {
    let yaml: String
    var shown: String { "data.\(yaml)" }
  }

  static let start = """
    import h5py, numpy as np, os
    x = np.arange(10 * 4 * 2, dtype="f4").reshape(10, 4, 2)
    y = np.arange(10) % 2

    """
  static let classifier = """
    model: {cell: gru, hidden: 4, output: last-step}
    training: {epochs: 1, batch: 4}

    """
  /// A number for each sequence.
  static let numbers = """
    model: {cell: gru, hidden: 4, output: mean}
    loss: {kind: squared-error}
    training: {epochs: 1, batch: 4}

    """
  static let regression = """
    model: {cell: gru, hidden: 4}
    loss: {kind: squared-error}
    training: {epochs: 1, batch: 4}

    """
}
