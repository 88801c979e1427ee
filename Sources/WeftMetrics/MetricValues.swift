/// Numbers by name, in an order.
public struct MetricValues: ExpressibleByDictionaryLiteral, Sendable {
  /// The names with their numbers.
  public let entries: [(name: String, value: Double)]

  /// Numbers in the order in which they are written.
  public init(_ entries: [(name: String, value: Double)]) { self.entries = entries }

  /// Numbers in the order in which they are written.
  public init(dictionaryLiteral elements: (String, Double)...) {
    self.init(elements.map { (name: $0.0, value: $0.1) })
  }
}
