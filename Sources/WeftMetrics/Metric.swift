/// A metric of the quality of a model.
public struct Metric: Sendable, Hashable {
  /// Name in configurations, metrics files and the progress line.
  public let name: String
  /// Whether larger values are better.
  public let higherIsBetter: Bool

  /// A metric with a name.
  public init(_ name: String, higherIsBetter: Bool) {
    self.name = name
    self.higherIsBetter = higherIsBetter
  }

  /// Whether a value is better than the best so far, if any. NaN is never better.
  package func isBetter(_ value: Double, than best: Double?) -> Bool {
    guard let best else { return !value.isNaN }
    return higherIsBetter ? value > best : value < best
  }
}

/// A metric and its value.
public struct MeasuredMetric: Sendable, Equatable {
  /// The metric.
  public let metric: Metric
  /// Its value.
  public let value: Double

  /// A metric and its value.
  public init(_ metric: Metric, _ value: Double) {
    self.metric = metric
    self.value = value
  }
}
