/// What to minimise.
public struct LossConfiguration: Equatable, Sendable {
  /// The loss of one output.
  public var kind = LossKind.crossEntropy
  /// Share of a target's probability that is spread over all classes.
  public var labelSmoothing = 0.0
  /// The class that stands for no label in an alignment; nil for one after all classes.
  public var blank: Int?
  /// The quantiles that are forecast.
  public var quantiles = [0.1, 0.5, 0.9]

  /// The defaults.
  public init() {}

  static let keys = [
    ConfigurationKey(
      "loss.kind", \.loss.kind,
      "The loss of one output; a batch's loss is the mean over its unpadded outputs. `ctc` (connectionist temporal"
        + " classification, Graves et al. 2006) learns labels that are not aligned to the steps. `gaussian` and"
        + " `student-t` forecast a distribution, `quantile` some quantiles."),
    ConfigurationKey(
      "loss.label_smoothing", \.loss.labelSmoothing, .from(0, below: 1),
      "Share of a target's probability that is spread over all classes; cross-entropy only."),
    ConfigurationKey(
      "loss.blank", \.loss.blank, .atLeast(0),
      "The class that stands for no label; `ctc` only. Left out: one more than the targets have."),
    ConfigurationKey("loss.quantiles", \.loss.quantiles, "The levels to forecast; `quantile` only."),
  ]
}

/// The loss of one output.
public enum LossKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Of one class among many, after a softmax.
  case crossEntropy = "cross-entropy"
  /// (y − t)².
  case squaredError = "squared-error"
  /// |y − t|.
  case absoluteError = "absolute-error"
  /// Of independent yes-or-no classes, after a sigmoid.
  case binaryCrossEntropy = "binary-cross-entropy"
  /// Of label sequences whose alignment to the steps is not known.
  case temporalClassification = "ctc"
  /// Of a normal distribution's mean and deviation.
  case gaussian
  /// Of the location, scale and degrees of freedom of Student's distribution.
  case student = "student-t"
  /// Of some quantiles.
  case quantile
}
