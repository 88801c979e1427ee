import WeftConfiguration

/// The loss.
public struct LossConfiguration: Equatable, Sendable {
  /// The loss, averaged over the unpadded outputs of a minibatch.
  public var kind = LossType.crossEntropy
  /// Label smoothing: probability mass spread uniformly over all classes; `cross-entropy` only.
  public var labelSmoothing = 0.0
  /// The weight of each class in training, in the order of the classes; `cross-entropy` only.
  public var classWeights: LossWeights?
  /// The weight of positive targets in training; `binary-cross-entropy` only: one number, or one for each label.
  public var positiveWeight: LossWeights?
  /// γ of the focal loss: the loss of a target predicted with probability p counts (1 − p)^γ.
  public var focalGamma = 0.0
  /// Error beyond which the loss is linear; `huber` only.
  public var huberDelta = 1.0
  /// Power of the mean to which the variance is proportional, between 1, as of counts, and 2; `tweedie` only.
  public var tweediePower = 1.5
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
        + " forecast a distribution, `poisson` and `negative-binomial` one of counts, `quantile` quantiles."
        + " `tweedie` predicts the mean of amounts that are often 0, such as rain."),
    ConfigurationKey(
      "label_smoothing", \.labelSmoothing, .from(0, below: 1),
      "Label smoothing: probability mass spread uniformly over all classes; `cross-entropy` only."),
    ConfigurationKey(
      "class_weights", \.classWeights,
      "The weight of each class in training, in the order of the classes; `cross-entropy` only. `balanced` weights"
        + " them inversely to their number of targets in the training split, with a mean of 1 over all targets."
        + " Evaluations are not weighted. (default: 1)"),
    ConfigurationKey(
      "positive_weight", \.positiveWeight,
      "The weight of positive targets in training; `binary-cross-entropy` only: one number, or one for each label."
        + " `balanced` is the number of negative targets divided by that of positive ones. Evaluations are not"
        + " weighted. (default: 1)"),
    ConfigurationKey(
      "focal_gamma", \.focalGamma, .from(0, atMost: 20),
      "γ of the focal loss: the loss of a target predicted with probability p counts (1 − p)^γ (Lin et al. 2017)."
        + " `cross-entropy` and `binary-cross-entropy` only."),
    ConfigurationKey(
      "huber_delta", \.huberDelta, .above(0), "Error beyond which the loss is linear; `huber` only."),
    ConfigurationKey(
      "tweedie_power", \.tweediePower, .above(1, below: 2),
      "Power of the mean to which the variance is proportional, between 1, as of counts, and 2; `tweedie` only."
    ),
    ConfigurationKey(
      "blank", \.blank, .atLeast(0),
      "Index of the CTC blank; `ctc` only. (default: one class after the labels)"),
    ConfigurationKey("quantiles", \.quantiles, "Quantile levels to forecast; `quantile` only."),
  ]
}
