/// A number that tells how good a model is at its job.
public struct Metric: Sendable, Hashable {
  /// As in configurations, metrics and the progress line.
  public let name: String
  /// Whether more is better.
  public let higherIsBetter: Bool

  /// A metric of that name.
  public init(_ name: String, higherIsBetter: Bool) {
    self.name = name
    self.higherIsBetter = higherIsBetter
  }

  /// The mean loss of a target.
  public static let loss = Metric("loss", higherIsBetter: false)
  /// Share of the targets whose class was the likeliest.
  public static let accuracy = Metric("accuracy", higherIsBetter: true)

  /// Whether a value is better than the best so far; nil for none so far. What is no number is never better.
  package func isBetter(_ value: Double, than best: Double?) -> Bool {
    guard let best else { return !value.isNaN }
    return higherIsBetter ? value > best : value < best
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
