import Foundation
import WeftBase

/// Parses JSON (RFC 8259) in time and memory proportional to its length.
///
/// Foundation's decoder tries every type for every value, which takes minutes for a few megabytes of brackets.
struct JSONParser {
  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0
  private var values = 0

  /// Deepest nesting, and most values, of a document.
  private static let (maximumDepth, maximumValueCount) = (128, 1 << 21)

  /// What a document violates.
  private struct Malformed: Error {}

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The value of a document; nil if it is not JSON, or too deep or large.
  static func value(of text: some Sequence<UInt8>) -> JSONValue? {
    var parser = JSONParser(Array(text))
    guard let value = try? parser.value() else { return nil }
    parser.skipBlanks()
    return parser.place == parser.bytes.count ? value : nil
  }

  private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipBlanks() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    skipBlanks()
    guard current == character.asciiValue else { return false }
    place += 1
    return true
  }

  private mutating func value() throws(Malformed) -> JSONValue {
    skipBlanks()
    values += 1
    guard let first = current, values <= Self.maximumValueCount else { throw Malformed() }
    switch first {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      depth += 1
      defer { depth -= 1 }
      guard depth <= Self.maximumDepth else { throw Malformed() }
      place += 1
      return first == UInt8(ascii: "{") ? .object(try members()) : .list(try elements())
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(Malformed) -> JSONValue {
    guard bytes[place...].starts(with: word.utf8) else { throw Malformed() }
    place += word.utf8.count
    return value
  }

  private mutating func members() throws(Malformed) -> [String: JSONValue] {
    var members: [String: JSONValue] = [:]
    if take("}") { return members }
    repeat {
      skipBlanks()
      let name = try text()
      guard take(":") else { throw Malformed() }
      // A repeated name is ambiguous: other programs may read the other value.
      guard members.updateValue(try value(), forKey: name) == nil else { throw Malformed() }
    } while take(",")
    guard take("}") else { throw Malformed() }
    return members
  }

  private mutating func elements() throws(Malformed) -> [JSONValue] {
    var elements: [JSONValue] = []
    if take("]") { return elements }
    repeat { elements.append(try value()) } while take(",")
    guard take("]") else { throw Malformed() }
    return elements
  }

  private mutating func number() throws(Malformed) -> JSONValue {
    let digits = bytes[place...].prefix { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
    }
    // Swift also reads a leading plus sign, which JSON has not.
    guard let first = digits.first, first != UInt8(ascii: "+"), digits.count <= 1000 else {
      throw Malformed()
    }
    place += digits.count
    let text = String(decoding: digits, as: UTF8.self)
    if let integer = Int(text) { return .integer(integer) }
    guard let number = Double(text), number.isFinite else { throw Malformed() }
    return .number(number)
  }

  private mutating func text() throws(Malformed) -> String {
    guard current == UInt8(ascii: "\"") else { throw Malformed() }
    place += 1
    var text: [UInt8] = []
    while let byte = current {
      place += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let valid = String(validating: text, as: UTF8.self) else { throw Malformed() }
        return valid
      case UInt8(ascii: "\\"): text += try escaped()
      case 0..<0x20: throw Malformed()
      default: text.append(byte)
      }
    }
    throw Malformed()
  }

  private mutating func escaped() throws(Malformed) -> [UInt8] {
    guard let byte = current else { throw Malformed() }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      var units = [try codeUnit()]
      if UTF16.isLeadSurrogate(units[0]) {
        guard bytes[place...].starts(with: "\\u".utf8) else { throw Malformed() }
        place += 2
        units.append(try codeUnit())
      }
      guard let text = String(validating: units, as: UTF16.self) else { throw Malformed() }
      return Array(text.utf8)
    default: throw Malformed()
    }
  }

  private mutating func codeUnit() throws(Malformed) -> UInt16 {
    let digits = bytes[place...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw Malformed() }
    place += 4
    return unit
  }
}
