import WeftBase

/// Reads the texts of JSON objects, one a line, or of the rows of a table.
final class LabelledRecords: LabelledTextReader {
  private enum Source {
    case objects(JSONLines)
    case rows(TableReader, texts: [Int], label: Int?)
  }

  private var remaining: ArraySlice<String>
  private var source: Source?
  private let texts: [String]
  private let label: String?
  private let format: TableFormat
  private(set) var notes: [String] = []

  init(_ paths: [String], texts: [String], label: String?, format: TableFormat) {
    remaining = paths[...]
    self.texts = texts
    self.label = label
    self.format = format
  }

  func next() throws(WeftError) -> LabelledText? {
    while true {
      if source == nil {
        guard let path = remaining.popFirst() else { return nil }
        source = try open(path)
      }
      switch source {
      case .objects(let lines):
        if let record = try lines.next() { return try text(record, lines) }
      case .rows(let reader, let texts, let label):
        if let fields = try reader.next() { return try text(fields, texts, label, reader) }
        notes += reader.notes.map { "\(reader.path): \($0)" }
      case nil: return nil
      }
      source = nil
    }
  }

  private func open(_ path: String) throws(WeftError) -> Source {
    if try JSONLines.isWritten(in: path) {
      return .objects(try JSONLines(path, fields: texts + (label.map { [$0] } ?? [])))
    }
    let reader = try TableReader(path, format: format)
    func index(_ name: String, _ option: String) throws(WeftError) -> Int {
      guard let index = try reader.index(of: name) else {
        throw .usage("\(option): no column '\(name)' in \(path)\(reader.advice(for: name))")
      }
      return index
    }
    var indices: [Int] = []
    for name in texts { indices.append(try index(name, "--text-field")) }
    return .rows(
      reader, texts: indices,
      label: try label.map { name throws(WeftError) in try index(name, "--label-field") })
  }

  private func text(
    _ fields: [String], _ texts: [Int], _ label: Int?, _ reader: TableReader
  ) throws(WeftError) -> LabelledText {
    let name = label.map { fields[$0].withoutOuterSpace }
    if reader.format.hasHeader, name == self.label, zip(texts, self.texts).allSatisfy({ fields[$0] == $1 }) {
      throw reader.failure("repeats the names of the columns; remove the line")
    }
    if name?.isEmpty == true {
      throw reader.failure(
        "has no label; give the row its label, remove it, or leave out --label-field for texts without classes",
        column: self.label)
    }
    let parts = texts.map { fields[$0].withPlainLineEnds.withoutOuterSpace }.filter { !$0.isEmpty }
    return LabelledText(
      text: parts.joined(separator: " "), label: name, place: "\(reader.path): line \(reader.line)")
  }

  private func text(_ record: [String: JSONField], _ lines: JSONLines) throws(WeftError) -> LabelledText {
    var parts: [String] = []
    for field in texts {
      switch record[field] {
      case .text(let text): parts.append(text.withPlainLineEnds.withoutOuterSpace)
      case nil: throw lines.absent(field, "--text-field")
      case .whole, .truth, .texts, .other:
        throw lines.failure(
          "'\(field)' is not a text in quotes; name the field of the text with --text-field")
      case .missing: throw lines.failure("'\(field)' is null; give the text, or remove the line")
      }
    }
    var name: String?
    if let label {
      switch record[label] {
      case .text(let text) where !text.withoutOuterSpace.isEmpty: name = text.withoutOuterSpace
      case .whole(let number): name = "\(number)"
      case .truth(let flag): name = "\(flag)"
      case .texts(let labels) where labels.count == 1: name = labels[0]
      case .texts(let labels) where labels.count > 1:
        throw lines.failure(
          "'\(label)' has \(labels.count) labels (\(labels.prefix(5).joined(separator: ", "))), but a text is of one"
            + " class; keep one of them, or make one of them all")
      case nil: throw lines.absent(label, "--label-field")
      case .text, .missing, .texts:
        throw lines.failure(
          "'\(label)' is empty; give the text its label, remove the line, or leave out --label-field for texts"
            + " without classes")
      case .other:
        throw lines.failure("'\(label)' is neither a text nor a whole number, which name a class")
      }
    }
    return LabelledText(
      text: parts.filter { !$0.isEmpty }.joined(separator: " "), label: name,
      place: "\(lines.path): line \(lines.number)")
  }
}
