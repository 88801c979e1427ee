import Foundation
import WeftBase
import WeftMetrics
import WeftTasks

/// Predicted classes against labels.
struct ClassAnalysis {
  private let names: [String]
  private var matrix: ConfusionMatrix
  /// Of each class, if there are few.
  private var curves: [ThresholdCurves]
  /// By tenths of the probability of the predicted class.
  private var confidence = [(count: Int, right: Int, sum: Double)](repeating: (0, 0, 0), count: 10)

  init(names: [String]) {
    self.names = names
    matrix = ConfusionMatrix(classes: names.count)
    let curveCount = names.count == 2 ? 1 : names.count <= PredictionAnalysis.maximumCurves ? names.count : 0
    curves = [ThresholdCurves](repeating: ThresholdCurves(), count: curveCount)
  }

  /// Counts a prediction; returns its loss.
  mutating func add(_ probabilities: [Double], label: Int) -> Double {
    let best = probabilities.indices.reduce(0) { probabilities[$1] > probabilities[$0] ? $1 : $0 }
    matrix.add(label: label, prediction: best)
    for number in curves.indices {
      // Of two classes, the second is the positive one.
      let positive = names.count == 2 ? 1 : number
      curves[number].add(probabilities[positive], isPositive: label == positive)
    }
    let tenth = Int(limiting: probabilities[best] * 10).clamped(to: 0...9)
    confidence[tenth].count += 1
    confidence[tenth].right += best == label ? 1 : 0
    confidence[tenth].sum += probabilities[best]
    return -log(max(probabilities[label], 1e-300))
  }

  /// The confusion matrix. More classes than fit on a page are left out.
  func samples(split: String) -> [RunPage.Sample] {
    guard names.count <= 100 else { return [] }
    let counts = names.indices.map { predicted in
      names.indices.map { Double(matrix[label: $0, prediction: predicted]) }
    }
    let rows = names.indices.map { label in
      [names[label]] + names.indices.map { "\(matrix[label: label, prediction: $0])" }
    }
    return [
      .figure(
        PageFigure(
          map: "Confusion matrix, split '\(split)'", x: "predicted", y: "true", columns: names, rows: names,
          values: counts)),
      .table(
        title: "Confusion matrix (rows: true class, columns: predicted class)",
        rows: [["class"] + names] + rows),
    ]
  }

  var charts: [XYChart] {
    let shown = names.count == 2 ? [names[1]] : names
    let used = confidence.filter { $0.count > 0 }
    var calibration = XYChart(
      title: "Calibration of probabilities", x: "probability of the predicted class", y: "share that is right"
    )
    calibration.lines = [
      XYChart.Line(
        name: "predictions", color: 0,
        points: used.map { ($0.sum / Double($0.count), Double($0.right) / Double($0.count)) }, hasMarks: true)
    ]
    calibration.diagonal = "as probable as right"
    calibration.range = 0...1
    calibration.summary = "on the diagonal, predictions are right as often as their probability says."
    calibration.table =
      [["mean probability", "share right", "predictions"]]
      + used.map {
        [
          NumberText.fixed($0.sum / Double($0.count), decimals: 3),
          NumberText.fixed(Double($0.right) / Double($0.count), decimals: 3), "\($0.count)",
        ]
      }
    return ThresholdCurves.charts(zip(shown, curves).map { ($0, $1) }) + [calibration]
  }
}

extension Comparable {
  /// The nearest value of a range.
  fileprivate func clamped(to range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }
}
