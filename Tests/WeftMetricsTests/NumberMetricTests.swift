import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftMetrics

@Suite("Metrics of classes, scores and forecasts") struct NumberMetricTests {
  static let tolerance = 1e-12

  @Test("Confusion, accuracy, precision, recall and F1 are scikit-learn's")
  func classes() throws {
    let group = try GoldenFile.metrics.open().group("classification")
    let matrix = ConfusionMatrix(
      classes: 8, labels: try group.integers("truths").map(Int.init),
      predictions: try group.integers("predictions").map(Int.init))
    #expect(matrix.counts == (try group.integers("confusion").map(Int.init)))
    #expect(abs(matrix.accuracy - (try group.doubles("accuracy")[0])) < Self.tolerance)
    #expect(abs(matrix.macroF1 - (try group.doubles("macro_f1")[0])) < Self.tolerance)
    let scores = [
      (matrix.precision, try group.doubles("precision")), (matrix.recall, try group.doubles("recall")),
      (matrix.f1, try group.doubles("f1")),
    ]
    for (score, expected) in scores {
      #expect(relativeDifference((0..<8).map { score($0) }, expected) < Self.tolerance)
    }
    #expect(ConfusionMatrix(classes: 2).accuracy == 0 && ConfusionMatrix(classes: 2).macroF1 == 0)
  }

  @Test("Area under the curve and best F1 are scikit-learn's", arguments: ["distinct", "tied"])
  func detection(scores: String) throws {
    let group = try GoldenFile.metrics.open().group("detection_\(scores)")
    let result = DetectionMetrics(
      scores: try group.doubles("scores"), labels: try group.integers("labels").map { $0 != 0 })
    #expect(abs(result.areaUnderCurve - (try group.doubles("area")[0])) < Self.tolerance)
    let best = [result.bestF1, result.threshold, result.precision, result.recall]
    #expect(relativeDifference(best, try group.doubles("best")) < Self.tolerance)
  }

  @Test("Without anomalies, or with nothing else")
  func oneSided() {
    #expect(DetectionMetrics(scores: [1, 2], labels: [false, false]).areaUnderCurve.isNaN)
    #expect(DetectionMetrics(scores: [1, 2], labels: [false, false]).bestF1 == 0)
    let all = DetectionMetrics(scores: [1, 2], labels: [true, true])
    #expect(all.areaUnderCurve.isNaN && all.bestF1 == 1 && all.threshold == 1)
  }

  @Test("Errors of forecasts are scikit-learn's")
  func forecasts() throws {
    let group = try GoldenFile.metrics.open().group("forecasts")
    let (truths, forecasts) = (try group.doubles("truths"), try group.doubles("forecasts"))
    let result = ForecastMetrics(forecasts, groundTruth: truths)
    #expect(abs(result.meanAbsoluteError - (try group.doubles("absolute")[0])) < Self.tolerance)
    #expect(abs(result.rootMeanSquaredError - (try group.doubles("root_squared")[0])) < Self.tolerance)
    let scaled = result.scaledError(training: try group.doubles("training"), season: 24)
    #expect(abs(scaled - (try group.doubles("scaled")[0])) < Self.tolerance)
    let pinball = zip(forecasts, truths).reduce(0) { $0 + pinballLoss($1.0, level: 0.9, groundTruth: $1.1) }
    #expect(abs(pinball / Double(truths.count) - (try group.doubles("pinball")[0])) < Self.tolerance)
  }

  /// scikit-learn's roc_auc_score and average_precision_score by label, and its macro averages at 0.
  @Test("Areas and averages over labels are scikit-learn's")
  func labels() {
    let truths = [[1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 0], [0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1]]
    let logits: [[Float]] = [
      [-0.5, 0.3, -1.7, 1.2, -1.5, -0.3, -0.2, 1.0, 0.8, 0.7, 1.5, -0.0],
      [-0.2, 1.3, -0.7, 2.6, 0.6, -0.9, -0.4, 0.7, -0.4, 0.6, 0.1, 0.6],
    ]
    let expected = [(0.5714285714285714, 0.6797619047619048), (0.8571428571428571, 0.8095238095238095)]
    var both = LabelMetrics(labels: 2)
    for label in 0..<2 {
      var one = RankingMetrics()
      for (truth, logit) in zip(truths[label], logits[label]) {
        one.add(logit, isPositive: truth == 1)
        both.add(logit: logit, isPositive: truth == 1, label: label)
      }
      #expect(abs(one.areas.receiverOperating - expected[label].0) < Self.tolerance)
      #expect(abs(one.areas.precisionRecall - expected[label].1) < Self.tolerance)
    }
    #expect(abs(both.areas.receiverOperating - (expected[0].0 + expected[1].0) / 2) < Self.tolerance)
    #expect(abs(both.precision - 0.6904761904761905) < Self.tolerance)
    #expect(abs(both.recall - 0.7857142857142857) < Self.tolerance)
    #expect(abs(both.f1 - 0.7243589743589745) < Self.tolerance)
    #expect(LabelMetrics(labels: 1).areas.receiverOperating.isNaN)
    let matrix = ConfusionMatrix(
      classes: 3, labels: [0, 1, 2, 2, 0, 0, 1, 0, 2, 0, 1, 0, 0, 2],
      predictions: [0, 2, 2, 1, 2, 2, 2, 2, 1, 0, 0, 0, 1, 0])
    #expect(abs(matrix.macroPrecision - 0.25555555555555554) < Self.tolerance)
    #expect(abs(matrix.macroRecall - 0.2261904761904762) < Self.tolerance)
    #expect(matrix.commonestShare == 0.5)
  }

  /// scikit-learn's mean_absolute_error, the root of mean_squared_error, and r2_score, in total and by target.
  @Test("Errors of several targets are scikit-learn's")
  func regression() {
    let truths = [
      [999.95, 1001.25], [1000.2, 1006.67], [999.91, 1007.81], [999.69, 997.61], [1000.1, 1001.78],
      [1000.27, 1006.46],
    ]
    let predictions = [
      [1001.09, 1001.74], [999.86, 1006.57], [1001.32, 1008.03], [998.38, 996.92], [999.52, 1002.93],
      [1000.16, 1008.72],
    ]
    var errors = RegressionMetrics(targets: 2)
    for (truth, prediction) in zip(truths, predictions) {
      for target in 0..<2 { errors.add(prediction[target], groundTruth: truth[target], target: target) }
    }
    errors.add(7, groundTruth: .nan, target: 0)
    #expect(abs(errors.meanAbsoluteError - 0.8166666666666818) < 1e-12)
    #expect(abs(errors.rootMeanSquaredError - 1.0276429340972644) < 1e-12)
    #expect(abs(errors.determination - -11.078235518646885) < 1e-8)
    #expect(abs(errors.determination(target: 1) - 0.90999023) < 1e-8)
    #expect(RegressionMetrics(targets: 1).meanAbsoluteError.isNaN)
  }

  @Test("Percentage and scaled errors of forecasts")
  func scaledForecasts() {
    var errors = ScaledForecastMetrics()
    errors.add([3, 5, 4], groundTruth: [4, 5, .nan], context: [1, 2, 4, 3, 5], season: 2)
    // 200·(1/7 + 0)/2, and ½ divided by the mean of |4 − 1|, |3 − 2|, |5 − 4|.
    #expect(abs(errors.symmetricPercentageError - 14.285714285714286) < Self.tolerance)
    #expect(abs(errors.scaledError - 0.3) < Self.tolerance)
    errors.add([1], groundTruth: [2], context: [3, 3, 3], season: 1)
    #expect(abs(errors.scaledError - 0.3) < Self.tolerance)
  }

  @Test("Missing values do not count, and ends belong to intervals")
  func missing() {
    let result = ForecastMetrics([1, 2, 3], groundTruth: [2, .nan, 3])
    #expect(result.count == 2 && result.meanAbsoluteError == 0.5)
    var coverage = IntervalCoverage()
    for value in [1.0, 2, 3, .nan, 3.5, 0.9] { coverage.add(value, from: 1, to: 3) }
    #expect(coverage.count == 5 && coverage.share == 0.6)
  }
}
