import HDF5
import WeftBase

/// Writes the arrays of several files that have the same names, such as an archive for each subject or a file for each
/// channel, one file after the other.
///
/// Arrays of steps make one sequence of each file, which has its name; arrays of sequences follow one another, with the name
/// of its file for each, by which `weft data split --groups` keeps them together.
struct GatheredArrays {
  /// A file: its name, the split that its folder tells, and its arrays.
  struct Source {
    let name: String
    let split: String
    let arrays: [(name: String, open: () throws -> RandomAccessFile)]
  }

  let sources: [Source]
  /// What arrays become, such as `inputs`, by their names in files.
  let names: [String: String]

  /// The dataset of the files of sequences.
  static let files = "files"

  /// - Parameter names: New names of arrays that the user gives; empty to tell inputs and targets by their usual names.
  /// - Throws: If files have no array for the inputs.
  init(_ sources: [Source], names: [String: String]) throws(WeftError) {
    self.sources = sources
    let found = sources.first?.arrays.map(\.name) ?? []
    var names = names
    if names.isEmpty {
      for (usual, new) in [(SplitArrays.inputNames, "inputs"), (SplitArrays.targetNames, "targets")] {
        if let name = usual.lazy.compactMap({ word in found.first { $0.lowercased() == word } }).first {
          names[name] = new
        }
      }
    }
    if found.count == 1, names.isEmpty { names[found[0]] = "inputs" }
    self.names = names
    if let name = names.keys.sorted().first(where: { name in !found.contains(name) }) {
      throw .usage(
        "no array '\(name)' in \(sources.first?.name ?? ""), among \(found.joined(separator: ", "))")
    }
    guard names.values.contains("inputs") else {
      throw .usage(
        "--name: \(sources.count) files have arrays of the same names, \(found.joined(separator: ", ")), which become"
          + " sequences of each file if the inputs are named: --name \(found.first ?? "x")=inputs, and so targets"
      )
    }
  }

  /// Writes all files.
  ///
  /// - Throws: If an array is damaged, or differs from that of the first file in its type or the shape of its rows.
  func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    let splits = SplitNames.usualFirst(
      sources.map(\.split).reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
    var groups: [String: Group] = [:]
    // One series for each split needs no boundaries.
    let isStream = Set(sources.map(\.split)).count == sources.count
    for split in splits { groups[split] = Group(split, writer, isStream: isStream) }
    var (form, left): (Form?, [String]) = (nil, [])
    progress.begin("reading files", total: sources.count, unit: "files")
    for source in sources {
      let arrays = try arrays(of: source, &left)
      let own = try form ?? Form(arrays)
      form = own
      try groups[source.split]?.append(source, arrays, own)
      progress.advance()
    }
    guard let form else { throw WeftError.data("no files to write") }
    var summary = ConversionSummary(unit: "")
    summary.splits = splits.map { .init(name: $0, count: groups[$0]?.count ?? 0) }
    let isOneSeries = isStream && form.isAStream
    summary.unit = isOneSeries ? "steps" : "sequences"
    let extent =
      isOneSeries
      ? "a series for each split"
      : form.isOfSteps ? "steps of each file are a sequence with its name" : "sequences of each file"
    summary.notes.append(
      "gathered \(sources.count) files: \(extent); "
        + form.members.map { "\($0.name) is \($0.path)\($0.extent.words)" }.joined(separator: ", "))
    let missing = left + form.left
    if !missing.isEmpty {
      summary.notes.append(
        "left out \(missing.joined(separator: ", ")), which have no row for each step or sequence")
    }
    if splits.count == 1, !isOneSeries {
      summary.notes.append(
        "weft data split \(writer.path.shellQuoted) --fractions 0.8,0.1,0.1 \(form.isOfSteps ? "" : "--groups \(Self.files) ")"
          + "-o divided.h5 divides it, and keeps each file in one split")
    }
    try writer.file.attributes.set("source", to: "\(sources.count) files, from \(sources[0].name)")
    return summary
  }

  /// The readable arrays of a file. What else it has is left out.
  private func arrays(of source: Source, _ left: inout [String]) throws -> [(
    name: String, path: String, rows: ArrayRows
  )] {
    var arrays: [(name: String, path: String, rows: ArrayRows)] = []
    for (name, open) in source.arrays {
      do {
        let rows = try ArrayRows(open())
        try rows.checkTexts()
        arrays.append((name, names[name] ?? name, rows))
      } catch {
        guard names[name] == nil else { throw error }
        if !left.contains(name) { left.append(name) }
      }
    }
    return arrays
  }

  /// What the arrays of the first file are, which those of others must be as well.
  private struct Form {
    enum Extent: Equatable {
      /// A row for each step of the inputs, or each sequence of arrays of sequences.
      case row
      /// A value for the sequence of a file.
      case sequence

      var words: String { self == .sequence ? " of each sequence" : "" }
    }

    /// An array that is written.
    struct Member {
      let name: String
      let path: String
      let extent: Extent
      let header: ArrayHeader
    }

    /// Whether the rows of the inputs are steps, rather than sequences.
    let isOfSteps: Bool
    let members: [Member]
    let left: [String]

    /// Whether one file alone is a stream.
    var isAStream: Bool { isOfSteps && members.allSatisfy { $0.extent == .row } }

    init(_ arrays: [(name: String, path: String, rows: ArrayRows)]) throws {
      guard let inputs = arrays.first(where: { $0.path == "inputs" }) else {
        throw WeftError.data("no array for the inputs")
      }
      let shape = inputs.rows.header.shape
      guard !shape.isEmpty, inputs.rows.header.text == nil else {
        throw WeftError.data("\(inputs.rows.path): has the shape \(shape); inputs need rows of numbers")
      }
      isOfSteps = shape.count < 3
      let isOfSteps = isOfSteps
      var (members, left): ([Member], [String]) = ([], [])
      for (name, path, rows) in arrays {
        let header = rows.header
        if header.shape.first == shape[0] {
          members.append(Member(name: name, path: path, extent: .row, header: header))
        } else if isOfSteps, header.count == 1, path == "targets" {
          members.append(Member(name: name, path: path, extent: .sequence, header: header))
        } else if path == "targets" {
          throw WeftError.data(
            "\(rows.path): has the shape \(header.shape), but the inputs \(shape); targets need a row for each of theirs"
          )
        } else {
          left.append(name)
        }
      }
      (self.members, self.left) = (members, left)
    }
  }

  /// Writes the files of a split.
  private final class Group {
    private let split: String
    private let writer: DatasetWriter
    private let isStream: Bool
    private var columns: [String: (ArrayRows) throws -> Void] = [:]
    private var offsets: ArrayWriter<Int64>?
    private var names: TextWriter?
    private var end: Int64 = 0
    /// Number of sequences.
    private(set) var count = 0

    init(_ split: String, _ writer: DatasetWriter, isStream: Bool) {
      self.split = split
      self.isStream = isStream
      self.writer = writer
    }

    func append(_ source: Source, _ arrays: [(name: String, path: String, rows: ArrayRows)], _ form: Form)
      throws
    {
      var rowCount: Int?
      for member in form.members {
        guard let rows = arrays.first(where: { $0.name == member.name })?.rows else {
          throw WeftError.data("\(source.name): has no array '\(member.name)', as the first file has")
        }
        let (header, wanted) = (rows.header, member.header)
        guard header.kind == wanted.kind, (header.text == nil) == (wanted.text == nil),
          header.shape.dropFirst() == wanted.shape.dropFirst(), header.shape.isEmpty == wanted.shape.isEmpty
        else {
          throw WeftError.data(
            "\(rows.path): is \(header.kind.rawValue) \(header.shape), but in the first file \(wanted.kind.rawValue)"
              + " \(wanted.shape); arrays that are gathered need one type and rows of one shape")
        }
        if member.extent == .row {
          let own = header.shape[0]
          guard rowCount ?? own == own else {
            throw WeftError.data(
              "\(rows.path): has \(own) rows, but other arrays of the file \(rowCount ?? 0)")
          }
          rowCount = own
        } else if header.count != 1 {
          throw WeftError.data("\(rows.path): has the shape \(header.shape), but one value in the first file")
        }
        let column = try columns[member.path] ?? makeColumn(member, form)
        columns[member.path] = column
        try column(rows)
      }
      let rows = rowCount ?? 0
      guard rows > 0 else { throw WeftError.data("\(source.name): is empty") }
      if isStream, form.isAStream {
        count += rows
        return
      }
      if form.isOfSteps {
        if offsets == nil {
          offsets = writer.array("\(split)/offsets", of: Int64.self, labels: ["sequence boundary"])
          try offsets?.append(0)
        }
        end += Int64(rows)
        try offsets?.append(end)
        count += 1
      } else {
        count += rows
      }
      let dataset = form.isOfSteps ? "names" : GatheredArrays.files
      if names == nil {
        names = try TextWriter(
          writer, "\(split)/\(dataset)", label: "sequence", description: "source file of each sequence")
      }
      try names?.append([String](repeating: source.name, count: form.isOfSteps ? 1 : rows))
    }

    private func makeColumn(_ member: Form.Member, _ form: Form) throws -> (ArrayRows) throws -> Void {
      let path = "\(split)/\(member.path)"
      if member.header.text != nil {
        let texts = try TextWriter(writer, path, label: "sequence", description: "values of \(member.name)")
        return { try texts.append($0.texts(isSingle: true)) }
      }
      return numbers(member, form, of: member.header.kind.type, path)
    }

    private func numbers<Element: HDF5Element>(
      _ member: Form.Member, _ form: Form, of type: Element.Type, _ path: String
    ) -> (ArrayRows) throws -> Void {
      var rowShape = member.extent == .row ? Array(member.header.shape.dropFirst()) : []
      // A series of single numbers has one feature.
      if member.path == "inputs", form.isOfSteps, rowShape.isEmpty { rowShape = [1] }
      let labels = rowShape.count == 2 ? ["sequence", "time", "feature"] : []
      let array = writer.array(path, of: type, rowShape: rowShape, labels: labels)
      return { rows in try rows.forEachBlock(of: type) { try array.append($0) } }
    }
  }
}
