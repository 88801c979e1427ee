/// What happens in a training run, for programs that follow it.
public enum TrainingEvent: Sendable, Equatable {
  /// A line of the metrics: of training, with the time steps trained per second so far, or of an evaluation.
  case metrics(MetricsRecord, stepsPerSecond: Double?)
  /// A checkpoint was written.
  case checkpoint(step: Int, path: String)
}
