import Foundation
import WeftMetrics
import WeftTasks

/// What was measured on a split.
public struct Evaluation: Sendable, Equatable {
  /// The mean loss of a target, in nats where it is an entropy.
  public let loss: Double
  /// Share of the targets whose class was the likeliest; nil where targets are no classes.
  public let accuracy: Double?
  /// Targets measured.
  public let count: Int
  /// Whether targets are tokens of a text.
  public let isText: Bool
  /// The task's metrics, the accuracy among them.
  public let metrics: [MeasuredMetric]

  init(_ measured: WeftTasks.Measurement, isText: Bool) {
    loss = measured.loss
    accuracy = measured.value(of: .accuracy)
    count = measured.targets
    self.isText = isText
    metrics = measured.metrics
  }
}

extension Evaluation {
  /// The loss in bits a token; nil where targets are no text.
  public var bitsPerToken: Double? { isText ? loss / log(2) : nil }
  /// e to the loss: between how many tokens the model is undecided, on average; nil where targets are no text.
  public var perplexity: Double? { isText ? exp(loss) : nil }
}
