import Yams

/// An amount of memory, such as 256MiB.
public struct ByteCount: Comparable, Sendable, CustomStringConvertible {
  /// The amount in bytes.
  public let bytes: Int

  /// An amount in bytes.
  public init(_ bytes: Int) { self.bytes = bytes }

  private static let units = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)]

  /// The amount in the largest unit of which it is a whole number: 256MiB.
  public var description: String {
    let unit = ByteCount.units.first { bytes != 0 && bytes.isMultiple(of: $0.1) } ?? ("B", 1)
    return "\(bytes / unit.1)\(unit.0)"
  }

  /// The smaller amount comes first.
  public static func < (first: ByteCount, second: ByteCount) -> Bool { first.bytes < second.bytes }

  /// The amount that a text such as `256MiB` or `1.5 GiB` tells.
  public init?(text: String) {
    guard let (name, size) = ByteCount.units.first(where: { text.hasSuffix($0.0) }),
      let number = Double(text.dropLast(name.count).filter { $0 != " " }), number >= 0,
      number * Double(size) < Double(1 << 52)
    else { return nil }
    bytes = Int(number * Double(size))
  }
}

extension ByteCount: ConfigurationValue {
  package static var expectation: String { "an amount of memory such as 256MiB" }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    guard let text = node.scalar?.string, let amount = ByteCount(text: text) else {
      throw ConfigurationValueProblem(
        "expected \(ByteCount.expectation), found '\(node.scalar?.string ?? "a list")'")
    }
    self = amount
  }

  package var configurationText: String? { description }
}
