import WeftBase
import Yams

/// An error in the value of a key, without its place.
package struct ConfigurationValueProblem: Error {
  package let text: String

  package init(_ text: String) { self.text = text }
}

/// A type of configuration values.
package protocol ConfigurationValue: Equatable, Sendable {
  /// The expected value, such as `an integer`.
  static var expectation: String { get }
  /// What an element of a list of values is called.
  static var elementName: String { get }
  init(configurationNode node: Node) throws(ConfigurationValueProblem)
  /// The value as YAML on one line, which reads back as the same value; nil for no value.
  var configurationText: String? { get }
}

extension ConfigurationValue {
  package static var elementName: String { "element" }

  /// The text of an unquoted scalar, as numbers and Booleans are written.
  fileprivate static func plainText(_ node: Node) throws(ConfigurationValueProblem) -> String {
    guard case .scalar(let scalar) = node, scalar.style == .plain, !node.isNull else {
      throw mismatch(node)
    }
    return scalar.string
  }

  fileprivate static func mismatch(_ node: Node) -> ConfigurationValueProblem {
    ConfigurationValueProblem("expected \(expectation), found \(node.summary)")
  }
}

extension Node {
  /// Whether the node is one of YAML's spellings of null.
  package var isNull: Bool {
    guard case .scalar(let scalar) = self, scalar.style == .plain else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// Short description of the node, for errors.
  fileprivate var summary: String {
    switch self {
    case _ where isNull: "nothing"
    case .scalar(let scalar): "'\(scalar.string)'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .alias: "an alias"
    }
  }
}

extension FixedWidthInteger {
  fileprivate init?(yaml text: String) {
    self.init(text.replacing("_", with: ""))
  }
}

extension Int: ConfigurationValue {
  package static var expectation: String { "an integer" }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    guard let value = Int(yaml: try Self.plainText(node)) else { throw Self.mismatch(node) }
    // Keeps sums and products of two values from overflowing.
    guard value.magnitude <= Int32.max else {
      throw ConfigurationValueProblem("must be at most \(Int32.max), found \(value)")
    }
    self = value
  }

  package var configurationText: String? { description }
}

extension UInt64: ConfigurationValue {
  package static var expectation: String { "an integer, at least 0" }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    guard let value = UInt64(yaml: try Self.plainText(node)) else { throw Self.mismatch(node) }
    self = value
  }

  package var configurationText: String? { description }
}

extension Double: ConfigurationValue {
  package static var expectation: String { "a number" }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    let text = try Self.plainText(node)
    // Swift also parses hexadecimal and non-finite numbers, which make no sense as settings.
    guard text.utf8.allSatisfy({ "0123456789+-.eE".utf8.contains($0) }), let value = Double(text),
      value.isFinite
    else { throw Self.mismatch(node) }
    self = value
  }

  /// Swift's shortest text that parses to the same number. YAML 1.1 readers need a point before an exponent.
  package var configurationText: String? {
    let parts = description.split(separator: "e")
    guard parts.count == 2, !parts[0].contains(".") else { return description }
    return "\(parts[0]).0e\(parts[1])"
  }
}

extension Bool: ConfigurationValue {
  package static var expectation: String { "true or false" }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    switch try Self.plainText(node) {
    case "true", "True", "TRUE": self = true
    case "false", "False", "FALSE": self = false
    default: throw Self.mismatch(node)
    }
  }

  package var configurationText: String? { description }
}

extension String: ConfigurationValue {
  package static var expectation: String { "a text" }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    guard case .scalar(let scalar) = node, !node.isNull else { throw Self.mismatch(node) }
    self = scalar.string
  }

  /// Plain if it cannot be mistaken for another type of value, otherwise in double quotes.
  package var configurationText: String? {
    let isPlain =
      first?.isLetter == true
      && unicodeScalars.allSatisfy {
        $0.properties.isAlphabetic || "0123456789/._-".unicodeScalars.contains($0)
      }
      && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(lowercased())
    return isPlain ? self : quoted
  }

  /// In double quotes, with the escapes that YAML shares with JSON.
  private var quoted: String {
    var result = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.properties.generalCategory == .control || (0x2028...0x2029).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension Optional: ConfigurationValue where Wrapped: ConfigurationValue {
  package static var expectation: String { Wrapped.expectation }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    self = node.isNull ? nil : try Wrapped(configurationNode: node)
  }

  package var configurationText: String? { self?.configurationText }
}

/// A list; a single value is a list of one element.
extension Array: ConfigurationValue where Element: ConfigurationValue {
  package static var expectation: String {
    Element.elementName == elementName
      ? "a list of: \(Element.expectation)" : "\(Element.expectation), or a list of them"
  }
  package static var elementName: String { "list" }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    switch node {
    case _ where node.isNull: self = []
    case .sequence(let sequence):
      self = []
      for (index, element) in sequence.enumerated() {
        do { append(try Element(configurationNode: element)) } catch {
          if case .scalar = element { throw error }
          throw ConfigurationValueProblem("\(Element.elementName) \(index + 1): \(error.text)")
        }
      }
    default: self = [try Element(configurationNode: node)]
    }
  }

  package var configurationText: String? {
    // An empty list is no value, but it counts as an element of a list.
    isEmpty ? nil : "[\(map { $0.configurationText ?? "[]" }.joined(separator: ", "))]"
  }
}

/// A value from a fixed set of names.
package protocol ConfigurationChoice: ConfigurationValue, CaseIterable, RawRepresentable
where RawValue == String {}

extension ConfigurationChoice {
  package static var expectation: String {
    "one of " + allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
  }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    guard case .scalar(let scalar) = node, let value = Self(rawValue: scalar.string) else {
      guard let nearest = node.scalar?.string.nearest(among: Self.allCases.map(\.rawValue)) else {
        throw Self.mismatch(node)
      }
      throw ConfigurationValueProblem("unknown value \(node.summary); did you mean '\(nearest)'?")
    }
    self = value
  }

  package var configurationText: String? { rawValue }
}
