import WeftConfiguration

/// What to minimise.
public struct LossConfiguration: Equatable, Sendable {
  /// The loss of one output.
  public var kind = LossType.crossEntropy
  /// Share of a target's probability that is spread over all classes.
  public var labelSmoothing = 0.0
  /// The class that stands for no label in an alignment; nil for one after all classes.
  public var blank: Int?
  /// The quantiles that are forecast.
  public var quantiles = [0.1, 0.5, 0.9]

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<LossConfiguration>] = [
    ConfigurationKey(
      "kind", \.kind,
      "The loss of one output; a batch's loss is the mean over its unpadded outputs. `ctc` (connectionist temporal"
        + " classification, Graves et al. 2006) learns labels that are not aligned to the steps. `gaussian` and"
        + " `student-t` forecast a distribution, `quantile` some quantiles."),
    ConfigurationKey(
      "label_smoothing", \.labelSmoothing, .from(0, below: 1),
      "Share of a target's probability that is spread over all classes; cross-entropy only."),
    ConfigurationKey(
      "blank", \.blank, .atLeast(0),
      "The class that stands for no label; `ctc` only. Left out: one more than the targets have."),
    ConfigurationKey("quantiles", \.quantiles, "The levels to forecast; `quantile` only."),
  ]
}
