import Foundation
import WeftMetrics
import WeftTasks

/// The evaluation of a split.
public struct Evaluation: Sendable, Equatable {
  /// Mean loss per target; in nats for cross-entropies.
  public let loss: Double
  /// Top-1 accuracy; nil if targets are not classes.
  public let accuracy: Double?
  /// Number of targets.
  public let count: Int
  /// Whether the targets are text tokens.
  public let isText: Bool
  /// Metrics of the task, including the accuracy.
  public let metrics: [MeasuredMetric]
  /// Predicted classes by label; nil if targets are not classes, or are text.
  public let confusion: ConfusionMatrix?
  /// For each of several labels at once (`binary-cross-entropy`), the predictions of 0 and 1; empty for other targets.
  public let labels: [ConfusionMatrix]

  init(_ measured: WeftTasks.Measurement, isText: Bool) {
    loss = measured.loss
    accuracy = measured.value(of: .accuracy)
    count = measured.targets
    self.isText = isText
    metrics = measured.metrics
    confusion = measured.confusion
    labels = measured.labels
  }
}

extension Evaluation {
  /// Loss in bits per token; nil if the targets are not text.
  public var bitsPerToken: Double? { isText ? loss / log(2) : nil }
  /// Perplexity, e to the loss; nil if the targets are not text.
  public var perplexity: Double? { isText ? exp(loss) : nil }
}
