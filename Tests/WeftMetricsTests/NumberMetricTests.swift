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

  @Test("Missing values do not count, and ends belong to intervals")
  func missing() {
    let result = ForecastMetrics([1, 2, 3], groundTruth: [2, .nan, 3])
    #expect(result.count == 2 && result.meanAbsoluteError == 0.5)
    var coverage = IntervalCoverage()
    for value in [1.0, 2, 3, .nan, 3.5, 0.9] { coverage.add(value, from: 1, to: 3) }
    #expect(coverage.count == 5 && coverage.share == 0.6)
  }
}
