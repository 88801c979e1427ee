/// An ordered collection of named values.
public struct MetricValues: ExpressibleByDictionaryLiteral, Sendable {
  /// Names and values.
  public let entries: [(name: String, value: Double)]

  /// Values in the order given.
  public init(_ entries: [(name: String, value: Double)]) { self.entries = entries }

  /// Values in the order given.
  public init(dictionaryLiteral elements: (String, Double)...) {
    self.init(elements.map { (name: $0.0, value: $0.1) })
  }
}
