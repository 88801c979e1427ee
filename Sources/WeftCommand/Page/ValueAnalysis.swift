import Foundation
import WeftBase

/// Predicted numbers against those of the data, and the calibration of their quantiles.
struct ValueAnalysis {
  /// Values per target; a row of a forecast has several steps of them.
  private let count: Int
  private let levels: [Double]
  /// Of each value, evenly spaced pairs.
  private var pairs: [[(x: Double, y: Double)]]
  private var seen: [Int]
  /// Every how many pairs are kept.
  private var spacing = 1
  private var errors: [(sum: Double, squares: Double, truth: Double, truthSquares: Double, count: Int)]
  /// Of each level, the values below its quantile.
  private var below: [Int]
  private var quantileCount = 0

  private static let maximumPairs = 2000
  private static let maximumCharts = 4

  init(count: Int, levels: [Double]) {
    self.count = max(count, 1)
    self.levels = levels
    pairs = Array(repeating: [], count: min(self.count, Self.maximumCharts))
    seen = Array(repeating: 0, count: pairs.count)
    errors = Array(repeating: (0, 0, 0, 0, 0), count: self.count)
    below = Array(repeating: 0, count: levels.count)
  }

  /// Counts a prediction; returns its mean squared error.
  ///
  /// - Parameter quantiles: `[levels][values]`; empty without any.
  mutating func add(_ predictions: [Double], truth: [Double], quantiles: [Double]) -> Double {
    var (sum, known) = (0.0, 0)
    for (place, (prediction, value)) in zip(predictions, truth).enumerated()
    where !value.isNaN && prediction.isFinite {
      let number = place % count
      let error = prediction - value
      sum += error * error
      known += 1
      errors[number].sum += abs(error)
      errors[number].squares += error * error
      errors[number].truth += value
      errors[number].truthSquares += value * value
      errors[number].count += 1
      keep((value, prediction), of: number)
      for level in levels.indices where quantiles.count == levels.count * truth.count {
        if value <= quantiles[level * truth.count + place] { below[level] += 1 }
      }
      quantileCount += 1
    }
    return sum / Double(max(known, 1))
  }

  /// Keeps evenly spaced pairs, as many as can be told apart.
  private mutating func keep(_ pair: (x: Double, y: Double), of number: Int) {
    guard pairs.indices.contains(number) else { return }
    defer { seen[number] += 1 }
    guard seen[number] % spacing == 0 else { return }
    pairs[number].append(pair)
    guard pairs[number].count > Self.maximumPairs else { return }
    spacing *= 2
    for index in pairs.indices {
      pairs[index] = pairs[index].enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    }
  }

  var charts: [XYChart] {
    let scatters = pairs.indices.filter { !pairs[$0].isEmpty }.map { number -> XYChart in
      let error = errors[number]
      let size = Double(max(error.count, 1))
      let variation = error.truthSquares - error.truth * error.truth / size
      let explained = variation > 0 ? 1 - error.squares / variation : .nan
      var chart = XYChart(
        title: count == 1 ? "Predictions" : "Predictions of value \(number)", x: "ground truth",
        y: "prediction")
      chart.dots = pairs[number]
      chart.diagonal = "prediction equals ground truth"
      chart.summary =
        "mean absolute error \(NumberText.significant(error.sum / size, digits: 4)),"
        + " R² \(NumberText.fixed(explained, decimals: 3)), \(error.count) predictions"
      let some = min(pairs[number].count, 20)
      chart.table =
        [["ground truth", "prediction"]]
        + (0..<some).map { pairs[number][$0 * pairs[number].count / some] }.map {
          [NumberText.significant($0.x, digits: 5), NumberText.significant($0.y, digits: 5)]
        }
      return chart
    }
    return scatters + (calibration.map { [$0] } ?? [])
  }

  private var calibration: XYChart? {
    guard !levels.isEmpty, quantileCount > 0 else { return nil }
    let shares = below.map { Double($0) / Double(quantileCount) }
    var chart = XYChart(
      title: "Calibration of quantiles", x: "level of the quantile", y: "share of values below it")
    chart.lines = [
      XYChart.Line(name: "quantiles", color: 0, points: zip(levels, shares).map { ($0, $1) }, hasMarks: true)
    ]
    chart.diagonal = "as many below as the level says"
    chart.range = 0...1
    chart.table =
      [["level", "share below"]]
      + zip(levels, shares).map { ["\($0)", NumberText.fixed($1, decimals: 3)] }
    if levels.count > 1, let low = levels.first, let high = levels.last {
      let inside = shares[shares.count - 1] - shares[0]
      chart.summary =
        "\(NumberText.fixed(100 * inside, decimals: 1))% of the values are inside the interval of"
        + " \(NumberText.fixed(100 * (high - low), decimals: 0))%"
    }
    return chart
  }
}
