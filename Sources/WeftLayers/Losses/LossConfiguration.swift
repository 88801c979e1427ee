import WeftConfiguration

/// The loss.
public struct LossConfiguration: Equatable, Sendable {
  /// The loss, averaged over the unpadded outputs of a minibatch.
  public var kind = LossType.crossEntropy
  /// Label smoothing: probability mass spread uniformly over all classes; `cross-entropy` only.
  public var labelSmoothing = 0.0
  /// Index of the CTC blank; `ctc` only. (default: one class after the labels)
  public var blank: Int?
  /// Quantile levels to forecast; `quantile` only.
  public var quantiles = [0.1, 0.5, 0.9]

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<LossConfiguration>] = [
    ConfigurationKey(
      "kind", \.kind,
      "The loss, averaged over the unpadded outputs of a minibatch. `ctc` (connectionist temporal"
        + " classification, Graves et al. 2006) learns from unaligned labels. `gaussian` and `student-t`"
        + " forecast a distribution, `quantile` quantiles."),
    ConfigurationKey(
      "label_smoothing", \.labelSmoothing, .from(0, below: 1),
      "Label smoothing: probability mass spread uniformly over all classes; `cross-entropy` only."),
    ConfigurationKey(
      "blank", \.blank, .atLeast(0),
      "Index of the CTC blank; `ctc` only. (default: one class after the labels)"),
    ConfigurationKey("quantiles", \.quantiles, "Quantile levels to forecast; `quantile` only."),
  ]
}
