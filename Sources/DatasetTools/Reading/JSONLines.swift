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

/// Reads fields of JSON objects, one a line.
final class JSONLines {
  private let reader: LineReader
  private let decoder = JSONDecoder()
  /// The names that the last object has.
  private var names: [String] = []

  private static let fieldsKey = wanted()
  private static func wanted() -> CodingUserInfoKey {
    guard let key = CodingUserInfoKey(rawValue: "fields") else { preconditionFailure("any text is a key") }
    return key
  }

  /// - Parameter fields: The names of the fields that are wanted.
  /// - Throws: If the file cannot be opened.
  init(_ path: String, fields: [String]) throws(WeftError) {
    reader = try LineReader(path)
    decoder.userInfo[Self.fieldsKey] = fields
  }

  var path: String { reader.path }
  /// The line of the last object.
  var number: Int { reader.number }
  /// The line of the last object.
  private var current = ""

  /// Half of a character beyond U+FFFF in the last object, without its other half, as cut texts have it; nil if there is none.
  var halfCharacter: String? {
    let pairless =
      #/(?i)\\u(?:d[89ab][0-9a-f]{2}(?!\\ud[c-f][0-9a-f]{2})|d[c-f][0-9a-f]{2})/#
    let pairs = #/(?i)\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}/#
    return current.replacing(pairs, with: "").firstMatch(of: pairless).map { String($0.0) }
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
    return try? JSONDecoder().decode(Object.self, from: Data(start[..<end])).names
  }

  private static func shortEnd(_ start: ArraySlice<UInt8>) -> Int? {
    start.count < 1 << 11 ? start.endIndex : nil
  }

  /// The wanted fields of the next object that has them; nil after the last one.
  ///
  /// - Throws: If a line is not an object.
  func next() throws(WeftError) -> [String: JSONField]? {
    while let line = try reader.next() {
      if line.allSatisfy(\.isWhitespace) { continue }
      if line.first(where: { !$0.isWhitespace }) == "[" {
        throw failure(
          "is a list; write its objects one a line, for example with jq -c '.[]' \(PathParts.name(of: path))")
      }
      do {
        let object = try decoder.decode(Object.self, from: Data(line.utf8))
        (names, current) = (object.names, line)
        return object.fields
      } catch {
        throw failure(
          "is not a JSON object of its own; each line needs one, such as {\"text\": \"…\", \"label\": \"…\"}")
      }
    }
    return nil
  }

  /// A failure at the last object.
  func failure(_ message: String) -> WeftError { reader.failure(message) }

  /// The failure of a field that the last object lacks.
  func absent(_ field: String, _ option: String) -> WeftError {
    let near = field.nearest(among: names).map { "; did you mean '\($0)'?" } ?? ""
    let shown = names.sorted().prefix(20).map { "'\($0)'" }.joined(separator: ", ")
    return failure(
      "has no field '\(field)' (\(option))\(near.isEmpty ? "; its" : "\(near) Its") fields are \(shown)")
  }

  private struct Object: Decodable {
    var fields: [String: JSONField] = [:]
    var names: [String] = []

    init(from decoder: any Decoder) throws {
      let wanted = decoder.userInfo[JSONLines.fieldsKey] as? [String] ?? []
      let container = try decoder.container(keyedBy: FieldName.self)
      names = container.allKeys.map(\.stringValue)
      for key in container.allKeys where wanted.contains(key.stringValue) {
        fields[key.stringValue] = try container.decode(JSONField.self, forKey: key)
      }
    }
  }

  private struct FieldName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
