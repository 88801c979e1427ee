import WeftLayers
import WeftMetrics
import WeftParallel

/// Loss and metrics on a split.
package struct Measurement: Sendable {
  /// Mean loss per target.
  package var loss: Double
  /// Number of targets.
  package var targets: Int
  /// The task's metrics.
  package var metrics: [MeasuredMetric]
  /// The confusion matrix of classes; nil for other targets.
  package var confusion: ConfusionMatrix?
  /// For each of several labels at once, the predictions of 0 and 1; empty for other targets.
  package var labels: [ConfusionMatrix] = []

  /// The losses of a pass over the split, with the accuracy if targets are classes.
  package init(_ result: PassResult, _ loss: Loss) {
    self.init(result, metrics: loss.wantsClasses ? [MeasuredMetric(.accuracy, result.accuracy)] : [])
  }

  /// The losses of a pass over the split, and the task's own metrics.
  package init(_ result: PassResult, metrics: [MeasuredMetric]) {
    loss = result.meanLoss
    targets = result.targets
    self.metrics = metrics
  }

  /// The value of a metric; nil if it was not measured.
  package func value(of metric: Metric) -> Double? {
    metric == .loss ? loss : metrics.first { $0.metric == metric }?.value
  }

  /// The loss and all metrics by their names in metrics files.
  package var values: MetricValues {
    MetricValues([(Metric.loss.name, loss)] + metrics.map { ($0.metric.name, $0.value) })
  }
}
