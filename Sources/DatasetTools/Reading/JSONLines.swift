import Foundation
import WeftBase

/// A value of a field of a JSON object, as far as it is a text or a class.
enum JSONField: Decodable, Equatable {
  case text(String)
  case whole(Int)
  case fraction(Double)
  case truth(Bool)
  case texts([String])
  /// `null`
  case missing
  /// An object or another list.
  case other

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .missing
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let truth = try? value.decode(Bool.self) {
      self = .truth(truth)
    } else if let number = try? value.decode(Int.self) {
      self = .whole(number)
    } else if let number = try? value.decode(Double.self) {
      self = .fraction(number)
    } else if let texts = try? value.decode([String].self) {
      self = .texts(texts)
    } else if let numbers = try? value.decode([Int].self) {
      self = .texts(numbers.map { "\($0)" })
    } else {
      self = .other
    }
  }
}

/// A line of a file that is a JSON object of its own.
struct JSONLine: Sendable {
  let text: String
  let number: Int

  /// Whether it may be an object, and is not a list, which may be long.
  var isObject: Bool { text.first { !$0.isWhitespace } == "{" }
}

/// Reads fields of JSON objects, one a line. Objects are decoded on all cores.
final class JSONLines {
  private let lines: LineReader
  /// What the wanted fields of each object are; nil where a line is no object.
  private let objects: ConcurrentMap<JSONLine, [String: JSONField]?>
  /// The line of the last object.
  private var current = JSONLine(text: "", number: 0)

  private static let fieldsKey = wanted()
  private static func wanted() -> CodingUserInfoKey {
    guard let key = CodingUserInfoKey(rawValue: "fields") else { preconditionFailure("any text is a key") }
    return key
  }

  /// - Parameter fields: The names of the fields that are wanted.
  /// - Throws: If the file cannot be opened.
  init(_ path: String, fields: [String]) throws(WeftError) {
    let lines = try LineReader(path)
    self.lines = lines
    let decoder = JSONDecoder()
    decoder.userInfo[Self.fieldsKey] = fields
    objects = ConcurrentMap(lines.nextObject, size: { $0.text.utf8.count }) { line in
      line.isObject ? try? decoder.decode(Fields.self, from: Data(line.text.utf8)).values : nil
    }
  }

  var path: String { lines.path }

  /// The line of the last object.
  var number: Int { current.number }

  /// Half of a character beyond U+FFFF in the last object, without its other half, as cut texts have it; nil if there is none.
  var halfCharacter: String? {
    let pairless =
      #/(?i)\\u(?:d[89ab][0-9a-f]{2}(?!\\ud[c-f][0-9a-f]{2})|d[c-f][0-9a-f]{2})/#
    let pairs = #/(?i)\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}/#
    return current.text.replacing(pairs, with: "").firstMatch(of: pairless).map { String($0.0) }
  }

  /// Whether a file is of JSON objects or a list of them, by its first character.
  ///
  /// - Throws: If it cannot be read.
  static func isWritten(in path: String) throws(WeftError) -> Bool {
    let first = try ByteReader.start(of: path).first
    if first == UInt8(ascii: "{") { return true }
    return first == UInt8(ascii: "[") && path.lowercased().contains(".json")
  }

  /// The names of the fields of the first object of a file of objects, one a line; nil for other files.
  ///
  /// - Throws: If it cannot be read.
  static func names(in path: String) throws(WeftError) -> [String]? {
    let start = try ByteReader.start(of: path)
    // A longer object may be a whole file, of which this tells nothing.
    guard start.first == UInt8(ascii: "{"),
      let end = start.firstIndex(of: UInt8(ascii: "\n")) ?? shortEnd(start)
    else { return nil }
    return try? JSONDecoder().decode(FieldNames.self, from: Data(start[..<end])).names
  }

  private static func shortEnd(_ start: ArraySlice<UInt8>) -> Int? {
    start.count < 1 << 11 ? start.endIndex : nil
  }

  /// The wanted fields of the next object that has them; nil after the last one.
  ///
  /// - Throws: If a line is not an object.
  func next() throws(WeftError) -> [String: JSONField]? {
    guard let (line, fields) = try objects.next() else { return nil }
    current = line
    if let fields { return fields }
    if line.text.first(where: { !$0.isWhitespace }) == "[" {
      throw failure(
        "is a list; write its objects one a line, for example with jq -c '.[]' \(PathParts.name(of: path))")
    }
    throw failure(
      "is not a JSON object of its own; each line needs one, such as {\"text\": \"…\", \"label\": \"…\"}")
  }

  /// A failure at the last object.
  func failure(_ message: String) -> WeftError { lines.failure(message, line: number) }

  /// The failure of a field that the last object lacks.
  func absent(_ field: String, _ option: String) -> WeftError {
    let names = (try? JSONDecoder().decode(FieldNames.self, from: Data(current.text.utf8)).names) ?? []
    let near = field.nearest(among: names).map { "; did you mean '\($0)'?" } ?? ""
    let shown = names.sorted().prefix(20).map { "'\($0)'" }.joined(separator: ", ")
    return failure(
      "has no field '\(field)' (\(option))\(near.isEmpty ? "; its" : "\(near) Its") fields are \(shown)")
  }

  /// The wanted fields of an object, as far as it has them.
  private struct Fields: Decodable {
    var values: [String: JSONField] = [:]

    init(from decoder: any Decoder) throws {
      let wanted = decoder.userInfo[JSONLines.fieldsKey] as? [String] ?? []
      let container = try decoder.container(keyedBy: FieldName.self)
      for name in wanted where container.contains(FieldName(stringValue: name)) {
        values[name] = try container.decode(JSONField.self, forKey: FieldName(stringValue: name))
      }
    }
  }

  /// The names of all fields of an object.
  private struct FieldNames: Decodable {
    let names: [String]

    init(from decoder: any Decoder) throws {
      names = try decoder.container(keyedBy: FieldName.self).allKeys.map(\.stringValue)
    }
  }

  private struct FieldName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension LineReader {
  /// The next line that contains more than white space; nil after the last one.
  ///
  /// - Throws: As ``nextEntry()``.
  func nextObject() throws(WeftError) -> JSONLine? {
    try nextEntry().map { JSONLine(text: $0, number: number) }
  }
}
