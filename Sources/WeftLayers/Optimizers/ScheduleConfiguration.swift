import WeftConfiguration

/// The learning-rate schedule.
public struct ScheduleConfiguration: Equatable, Sendable {
  /// Learning-rate schedule after warm-up.
  public var kind = ScheduleKind.constant
  /// Steps of linear warm-up from 0.
  public var warmupSteps = 0
  /// Steps between decays; required by `step` and `exponential`.
  public var stepEvery: Int?
  /// Factor applied to the learning rate at each decay.
  public var factor = 0.5
  /// Minimum learning rate.
  public var minimum = 0.0
  /// Evaluations without improvement before `plateau` decays the rate.
  public var patience = 2

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<ScheduleConfiguration>] = [
    ConfigurationKey(
      "kind", \.kind,
      "Learning-rate schedule after warm-up: `step` multiplies by `factor` every `step_every` steps;"
        + " `exponential` does so continuously; `cosine` decays to `minimum` at the last step; `plateau`"
        + " multiplies by `factor` when the selection metric stops improving."),
    ConfigurationKey("warmup_steps", \.warmupSteps, .atLeast(0), "Steps of linear warm-up from 0."),
    ConfigurationKey(
      "step_every", \.stepEvery, .atLeast(1),
      "Steps between decays; required by `step` and `exponential`."),
    ConfigurationKey(
      "factor", \.factor, .above(0, atMost: 1),
      "Factor applied to the learning rate at each decay."),
    ConfigurationKey("minimum", \.minimum, .atLeast(0), "Minimum learning rate."),
    ConfigurationKey(
      "patience", \.patience, .atLeast(0),
      "Evaluations without improvement before `plateau` decays the rate."),
  ]
}

/// Learning-rate schedule after warm-up.
public enum ScheduleKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Constant.
  case constant
  /// Decays at intervals.
  case step
  /// Decays continuously.
  case exponential
  /// Half a cosine, down to the minimum.
  case cosine
  /// Decays when the selection metric stops improving.
  case plateau
}
