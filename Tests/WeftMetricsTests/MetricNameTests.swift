import Testing
import WeftMetrics

/// What a metric of a log means is known by its name.
@Suite struct MetricNameTests {
  @Test(arguments: [
    ("loss", false), ("accuracy", true), ("roc_auc", true), ("mae", false), ("mae_accuracy", false),
    ("r2", true), ("r2_temperature", true), ("rmse_r2", false), ("label_error_rate", false),
    ("exactly", false), ("seconds", false), ("", false),
  ])
  func higherIsBetter(name: String, expected: Bool) {
    #expect(Metric.higherIsBetter(named: name) == expected)
  }

  @Test func allNamesDiffer() {
    #expect(Set(Metric.all.map(\.name)).count == Metric.all.count)
  }
}
