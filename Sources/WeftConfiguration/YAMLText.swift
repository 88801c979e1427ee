import WeftBase
import Yams

/// Parses YAML from files that may be hostile.
enum YAMLText {
  /// Bytes of a configuration, which has a few hundred lines; parsing takes hundreds of bytes for each.
  private static let maximumByteCount = 1 << 20

  /// References to other values (`*name`). A few of them, each repeating the previous one several times, stand for any
  /// number of values; with so many, it is at most 20 times the text.
  private static let maximumAliasCount = 8

  /// The root of a document; nil for an empty one.
  ///
  /// - Throws: Yams's `YamlError`, or a `YAMLText.Refused` for what would take too long.
  static func compose(_ yaml: String) throws -> Node? {
    guard yaml.utf8.count <= maximumByteCount else {
      throw Refused(text: "a configuration exceeds \(maximumByteCount >> 10) KiB; is it the right file?")
    }
    // More than aliases match, such as a product in a comment; fewer do not.
    let marks = zip(yaml.utf8, yaml.utf8.dropFirst()).count { $0 == UInt8(ascii: "*") && isName($1) }
    guard marks <= maximumAliasCount else {
      throw Refused(text: "more than \(maximumAliasCount) aliases (*name); write the values out")
    }
    return try Yams.compose(yaml: yaml)
  }

  /// Whether a byte can be part of an alias's name.
  private static func isName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// Why a text is not parsed.
  struct Refused: Error {
    let text: String
  }
}

extension ConfigurationValue {
  /// Reads a value as it stands in a configuration, such as `[{dense: 3}]`.
  ///
  /// - Throws: If the text is not YAML, or not a value of this type.
  package init(configurationText text: String) throws {
    try self.init(configurationNode: YAMLText.compose(text) ?? Node("", .implicit, .plain))
  }
}
