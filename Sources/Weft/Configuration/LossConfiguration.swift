/// What to minimise.
public struct LossConfiguration: Equatable, Sendable {
  /// The loss of one output.
  public var kind = LossKind.crossEntropy
  /// Share of a target's probability that is spread over all classes.
  public var labelSmoothing = 0.0

  /// The defaults.
  public init() {}

  static let keys = [
    ConfigurationKey(
      "loss.kind", \.loss.kind,
      "The loss of one output; a batch's loss is the mean over its unpadded outputs."),
    ConfigurationKey(
      "loss.label_smoothing", \.loss.labelSmoothing, .from(0, below: 1),
      "Share of a target's probability that is spread over all classes; cross-entropy only."),
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
}
