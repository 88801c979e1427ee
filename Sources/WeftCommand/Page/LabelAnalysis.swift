import Foundation
import WeftBase
import WeftMetrics

/// Probabilities of independent labels against 0 and 1.
struct LabelAnalysis {
  private var curves: [ThresholdCurves]
  private var confusions: [ConfusionMatrix]

  init(count: Int) {
    curves = [ThresholdCurves](
      repeating: ThresholdCurves(), count: min(count, PredictionAnalysis.maximumCurves))
    confusions = [ConfusionMatrix](repeating: ConfusionMatrix(classes: 2), count: count)
  }

  /// Counts a prediction; returns its loss, the mean over the labels that are known.
  mutating func add(_ probabilities: [Double], truth: [Double]) -> Double {
    var (sum, count) = (0.0, 0)
    for (label, (probability, value)) in zip(probabilities, truth).enumerated() where !value.isNaN {
      let isPositive = value >= 0.5
      if curves.indices.contains(label) { curves[label].add(probability, isPositive: isPositive) }
      confusions[label].add(label: isPositive ? 1 : 0, prediction: probability > 0.5 ? 1 : 0)
      sum -= log(max(isPositive ? probability : 1 - probability, 1e-300))
      count += 1
    }
    return sum / Double(max(count, 1))
  }

  private func name(_ label: Int) -> String { confusions.count == 1 ? "positive" : "label \(label)" }

  var charts: [XYChart] { ThresholdCurves.charts(curves.indices.map { (name($0), curves[$0]) }) }

  /// The confusion of each label.
  func samples(split: String) -> [RunPage.Sample] {
    let head = [
      "label", "true positives", "false positives", "false negatives", "true negatives", "precision",
      "recall",
    ]
    let rows = confusions.indices.prefix(100).map { label -> [String] in
      let matrix = confusions[label]
      return [
        name(label), "\(matrix[label: 1, prediction: 1])", "\(matrix[label: 0, prediction: 1])",
        "\(matrix[label: 1, prediction: 0])", "\(matrix[label: 0, prediction: 0])",
        NumberText.fixed(matrix.precision(of: 1), decimals: 3),
        NumberText.fixed(matrix.recall(of: 1), decimals: 3),
      ]
    }
    return [.table(title: "Labels at a threshold of ½, split '\(split)'", rows: [head] + rows)]
  }
}
