import WeftConfiguration

/// The learning rate over time.
public struct ScheduleConfiguration: Equatable, Sendable {
  /// The shape after the warm-up.
  public var kind = ScheduleKind.constant
  /// Steps of linear rise from 0 before the schedule proper.
  public var warmupSteps = 0
  /// Steps between two reductions.
  public var stepEvery: Int?
  /// What a reduction multiplies the rate by.
  public var factor = 0.5
  /// The least learning rate.
  public var minimum = 0.0
  /// Evaluations without improvement before a plateau's reduction.
  public var patience = 2

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<ScheduleConfiguration>] = [
    ConfigurationKey(
      "kind", \.kind,
      "The shape after the warm-up: `step` multiplies by `factor` every `step_every` steps, `exponential` does"
        + " so in a smooth curve, `cosine` falls to `minimum` at the last step, `plateau` multiplies by `factor`"
        + " when the validation loss stops improving."),
    ConfigurationKey(
      "warmup_steps", \.warmupSteps, .atLeast(0),
      "Steps over which the rate first rises in a line from 0."),
    ConfigurationKey(
      "step_every", \.stepEvery, .atLeast(1),
      "Steps between reductions; `step` and `exponential` need it."),
    ConfigurationKey(
      "factor", \.factor, .above(0, atMost: 1), "What a reduction multiplies the rate by."),
    ConfigurationKey("minimum", \.minimum, .atLeast(0), "The least learning rate."),
    ConfigurationKey(
      "patience", \.patience, .atLeast(0),
      "Evaluations without a better validation loss before `plateau` reduces the rate."),
  ]
}

/// The shape of the learning rate over time.
public enum ScheduleKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// The same at every step.
  case constant
  /// Reduced at intervals.
  case step
  /// Reduced in a smooth curve.
  case exponential
  /// Half a cosine down to the minimum.
  case cosine
  /// Reduced when the validation loss stops improving.
  case plateau
}
