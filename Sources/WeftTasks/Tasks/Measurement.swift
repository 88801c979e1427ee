import WeftLayers
import WeftMetrics
import WeftParallel

/// What was measured on a split.
package struct Measurement: Sendable {
  /// The mean loss of a target.
  package var loss: Double
  /// Targets measured.
  package var targets: Int
  /// The task's metrics.
  package var metrics: [MeasuredMetric]

  /// The losses of a pass over the split, with the accuracy where targets are classes.
  package init(_ result: PassResult, _ loss: Loss) {
    self.init(result, metrics: loss.wantsClasses ? [MeasuredMetric(.accuracy, result.accuracy)] : [])
  }

  /// The losses of a pass over the split, and the task's own metrics.
  package init(_ result: PassResult, metrics: [MeasuredMetric]) {
    loss = result.meanLoss
    targets = result.targets
    self.metrics = metrics
  }

  /// The value of a metric; nil where it was not measured.
  package func value(of metric: Metric) -> Double? {
    metric == .loss ? loss : metrics.first { $0.metric == metric }?.value
  }

  /// The loss and all metrics by name, as metrics files hold them.
  package var values: MetricValues {
    MetricValues([(Metric.loss.name, loss)] + metrics.map { ($0.metric.name, $0.value) })
  }
}
