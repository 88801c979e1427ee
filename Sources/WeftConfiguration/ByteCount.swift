import Yams

/// A size in bytes, such as 256MiB.
public struct ByteCount: Comparable, Sendable, CustomStringConvertible {
  /// The number of bytes.
  public let bytes: Int

  /// A size of `bytes` bytes.
  public init(_ bytes: Int) { self.bytes = bytes }

  private static let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)]

  /// The size in the largest unit that divides it: 256MiB.
  public var description: String {
    let unit = ByteCount.units.first { bytes != 0 && bytes.isMultiple(of: $0.1) } ?? ("B", 1)
    return "\(bytes / unit.1)\(unit.0)"
  }

  /// Compares sizes.
  public static func < (first: ByteCount, second: ByteCount) -> Bool { first.bytes < second.bytes }

  /// Parses a size such as `256MiB` or `1.5 GiB`; nil if the text is not one.
  public init?(text: String) {
    guard let (name, size) = ByteCount.units.first(where: { text.hasSuffix($0.0) }),
      let number = Double(text.dropLast(name.count).filter { $0 != " " }), number >= 0,
      number * Double(size) < Double(1 << 52)
    else { return nil }
    bytes = Int(number * Double(size))
  }
}

extension ByteCount: ConfigurationValue {
  package static var expectation: String { "a size such as 256MiB" }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    guard let text = node.scalar?.string, let amount = ByteCount(text: text) else {
      throw ConfigurationValueProblem(
        "expected \(ByteCount.expectation), found '\(node.scalar?.string ?? "a list")'")
    }
    self = amount
  }

  package var configurationText: String? { description }
}
