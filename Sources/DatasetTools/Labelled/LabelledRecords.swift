import WeftBase

/// Reads the texts of JSON objects, one a line, or of the rows of a table.
final class LabelledRecords: LabelledTextReader {
  private enum Source {
    case objects(JSONLines)
    case rows(TableReader, texts: [Int], labels: [Int])
  }

  private var remaining: ArraySlice<String>
  private var source: Source?
  private let texts: [String]
  private let labels: RecordLabels
  private let format: TableFormat
  private(set) var notes: [String] = []

  init(_ paths: [String], texts: [String], labels: RecordLabels, format: TableFormat) {
    remaining = paths[...]
    self.texts = texts
    self.labels = labels
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
      case .rows(let reader, let texts, let labels):
        if let fields = try reader.next() { return try text(fields, texts, labels, reader) }
        notes += reader.notes.map { "\(reader.path): \($0)" }
      case nil: return nil
      }
      source = nil
    }
  }

  private func open(_ path: String) throws(WeftError) -> Source {
    if try JSONLines.isWritten(in: path) {
      return .objects(try JSONLines(path, fields: texts + labels.fields))
    }
    let reader = try TableReader(path, format: format)
    func indices(_ names: [String], _ option: String) throws(WeftError) -> [Int] {
      try names.map { name throws(WeftError) in
        guard let index = try reader.index(of: name) else {
          throw .usage("\(option): no column '\(name)' in \(path)\(reader.advice(for: name))")
        }
        return index
      }
    }
    return .rows(
      reader, texts: try indices(texts, "--text-field"), labels: try indices(labels.fields, labels.option))
  }

  private func text(
    _ fields: TableRow, _ texts: [Int], _ labels: [Int], _ reader: TableReader
  ) throws(WeftError) -> LabelledText {
    let values = labels.map { fields[$0].withoutOuterSpace }
    if reader.format.hasHeader, values == self.labels.fields,
      zip(texts, self.texts).allSatisfy({ fields[$0] == $1 })
    {
      throw reader.failure("repeats the names of the columns; remove the line")
    }
    var found: [String]?
    var numbers: [Double] = []
    switch self.labels {
    case .none: break
    case .numbers(let names):
      for (name, index) in zip(names, labels) {
        guard let number = try reader.target(fields, index, classOption: "--label-field") else {
          throw reader.failure(
            "has no number; give it, remove the row, or leave out --target-field for texts to predict",
            column: name)
        }
        numbers.append(number)
      }
    case .field(let name, let separator):
      found = Self.divided(values[0], separator)
      if found?.isEmpty == true, separator == nil {
        throw reader.failure(
          "has no label; give the row its label, remove it, or leave out --label-field for texts without classes",
          column: name)
      }
    case .flags(let names):
      found = []
      for (name, value) in zip(names, values) {
        guard let flag = Self.flag(value) else {
          throw reader.failure("is '\(value)', \(Self.flagAdvice)", column: name)
        }
        if flag { found?.append(name) }
      }
    }
    let parts = texts.map { fields[$0].withPlainLineEnds.withoutOuterSpace }.filter { !$0.isEmpty }
    return LabelledText(
      text: parts.joined(separator: " "), labels: found, numbers: numbers,
      place: "\(reader.path): line \(reader.line)")
  }

  private static let flagAdvice =
    "neither 0 nor 1; each of several columns of --label-field tells whether a text has a label"

  /// Whether a text has a label; nil if its column says something else.
  private static func flag(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "1", "1.0", "true": true
    case "0", "0.0", "false": false
    default: nil
    }
  }

  /// The labels of a field, each once.
  private static func divided(_ text: String, _ separator: String?) -> [String] {
    guard let separator else { return text.isEmpty ? [] : [text] }
    var labels: [String] = []
    for part in text.split(separator: separator) {
      let label = String(part).withoutOuterSpace
      if !label.isEmpty, !labels.contains(label) { labels.append(label) }
    }
    return labels
  }

  private func text(_ record: [String: JSONField], _ lines: JSONLines) throws(WeftError) -> LabelledText {
    var parts: [String] = []
    for field in texts {
      switch record[field] {
      case .text(let text): parts.append(text.withPlainLineEnds.withoutOuterSpace)
      case nil: throw lines.absent(field, "--text-field")
      case .whole, .fraction, .truth, .texts, .other:
        if case .other = record[field], let half = lines.halfCharacter {
          throw lines.failure(
            "'\(field)' has half of a character, \(half); write it with its other half, or leave it out")
        }
        if case .texts = record[field] {
          throw lines.failure(
            "'\(field)' is a list of texts; jq -c '.\(field) |= join(\" \")' joins them, and for a tag of each word jq -r"
              + " '([.\(field), .tags] | transpose[] | @tsv), \"\"' writes lines for --tag-column 2")
        }
        throw lines.failure(
          "'\(field)' is not a text in quotes; name the field of the text with --text-field, and save tables of pandas with"
            + " orient='records', lines=True")
      case .missing: throw lines.failure("'\(field)' is null; give the text, or remove the line")
      }
    }
    return LabelledText(
      text: parts.filter { !$0.isEmpty }.joined(separator: " "), labels: try found(record, lines),
      numbers: try numbers(record, lines), place: "\(lines.path): line \(lines.number)")
  }

  private func found(_ record: [String: JSONField], _ lines: JSONLines) throws(WeftError) -> [String]? {
    switch labels {
    case .none, .numbers: return nil
    case .field(let name, let separator):
      switch record[name] {
      case .text(let text) where !text.withoutOuterSpace.isEmpty || separator != nil:
        return Self.divided(text.withoutOuterSpace, separator)
      case .whole(let number): return ["\(number)"]
      case .truth(let flag): return ["\(flag)"]
      case .texts(let labels):
        guard !labels.contains(where: \.withoutOuterSpace.isEmpty) else {
          throw lines.failure("'\(name)' has an empty label; remove it")
        }
        return labels.map(\.withoutOuterSpace).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
      case nil: throw lines.absent(name, "--label-field")
      case .text, .missing:
        throw lines.failure(
          "'\(name)' is empty; give the text its label, remove the line, or leave out --label-field for texts"
            + " without classes")
      case .fraction:
        throw lines.failure(
          "'\(name)' is neither a text nor a whole number, which name a class; --target-field reads numbers to predict"
        )
      case .other:
        throw lines.failure("'\(name)' is neither a text nor a whole number, which name a class")
      }
    case .flags(let names):
      var found: [String] = []
      for name in names {
        switch record[name] {
        case .whole(let number) where number == 0 || number == 1: if number == 1 { found.append(name) }
        case .truth(let flag): if flag { found.append(name) }
        case nil: throw lines.absent(name, "--label-field")
        default: throw lines.failure("'\(name)' is \(Self.flagAdvice)")
        }
      }
      return found
    }
  }

  /// The numbers of an object that are to be predicted.
  private func numbers(_ record: [String: JSONField], _ lines: JSONLines) throws(WeftError) -> [Double] {
    guard case .numbers(let names) = labels else { return [] }
    var numbers: [Double] = []
    for name in names {
      switch record[name] {
      case .whole(let number): numbers.append(Double(number))
      case .fraction(let number) where Float(number).isFinite: numbers.append(number)
      case .fraction(let number): throw lines.failure("'\(name)' \(PrecisionSurvey.excess(number))")
      case nil: throw lines.absent(name, labels.option)
      case .missing:
        throw lines.failure(
          "'\(name)' is null; give the number, remove the line, or leave out --target-field for texts to predict"
        )
      case .text, .truth, .texts, .other: throw lines.failure("'\(name)' is not a number")
      }
    }
    return numbers
  }
}
