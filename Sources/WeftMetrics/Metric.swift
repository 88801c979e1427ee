/// A number that tells how good a model is at its job.
public struct Metric: Sendable, Hashable {
  /// As in configurations, metrics and the progress line.
  public let name: String
  /// Whether more is better.
  public let isHigherBetter: Bool

  /// A metric of that name.
  public init(_ name: String, isHigherBetter: Bool) {
    self.name = name
    self.isHigherBetter = isHigherBetter
  }

  /// The mean loss of a target.
  public static let loss = Metric("loss", isHigherBetter: false)
  /// Share of the targets whose class was the likeliest.
  public static let accuracy = Metric("accuracy", isHigherBetter: true)

  /// Whether a value is better than the best so far; nil for none so far. What is no number is never better.
  package func isBetter(_ value: Double, than best: Double?) -> Bool {
    guard let best else { return !value.isNaN }
    return isHigherBetter ? value > best : value < best
  }
}

/// A metric's value on some data.
public struct MeasuredMetric: Sendable, Equatable {
  /// What was measured.
  public let metric: Metric
  /// Its value.
  public let value: Double

  /// A metric and its value.
  public init(_ metric: Metric, _ value: Double) {
    self.metric = metric
    self.value = value
  }
}
