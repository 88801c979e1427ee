import Foundation
import WeftBase
import WeftMetrics
import WeftTasks

/// What the predictions of a split show: charts against the ground truth, and the examples with the largest loss.
struct PredictionAnalysis {
  /// A prediction with its loss.
  struct Example {
    /// Values of the index columns, such as the number of the sequence.
    let place: [Int]
    let truth: String
    let prediction: String
    let loss: Double
  }

  /// More predictions are not drawn.
  static let maximumCount = 200_000
  /// The most classes, labels or values that have curves of their own.
  static let maximumCurves = 8
  private static let exampleCount = 12

  private let table: PredictionTable
  /// Predictions with ground truth that were left out of the charts.
  private(set) var omitted = 0
  private(set) var count = 0
  private(set) var hardest: [Example] = []
  private var classes: ClassAnalysis?
  private var labels: LabelAnalysis?
  private var values: ValueAnalysis?

  private let prediction: Int?
  private let target: Int?
  private let quantiles: Int?

  init(_ table: PredictionTable) {
    self.table = table
    func column(_ names: String...) -> Int? { table.columns.firstIndex { names.contains($0.name) } }
    target = column("targets")
    quantiles = column("quantiles")
    let isNumeric = table.columns.first.map { $0.kind != .text } ?? false
    if !isNumeric {
      prediction = nil
    } else if !table.classes.isEmpty {
      prediction = column("probabilities")
      classes = ClassAnalysis(names: table.classes)
    } else if let column = column("probabilities") {
      prediction = column
      labels = LabelAnalysis(count: table.columns[column].width)
    } else if let column = column("predictions", "median") {
      prediction = column
      let shape = table.columns[column].shape
      values = ValueAnalysis(count: shape.last ?? 1, levels: table.levels)
    } else {
      prediction = nil
    }
  }

  /// Whether there is anything to analyse.
  var isPossible: Bool { prediction != nil && target != nil }

  /// Adds rows.
  mutating func add(_ rows: PredictedRows) {
    guard let prediction, let target, case .numbers(let outputs) = rows.columns[prediction] else { return }
    let width = max(table.columns[prediction].width, 1)
    for row in 0..<rows.count {
      let own = outputs[row * width..<(row + 1) * width]
      let place = rows.index.map { $0[row] }
      switch rows.columns[target] {
      case .integers(let targets):
        let label = Int(targets[row])
        guard label >= 0, label < width else { continue }
        guard takes() else { continue }
        let loss = classes?.add(Array(own), label: label) ?? 0
        let best = own.indices.max { own[$0] < own[$1] }.map { $0 - own.startIndex } ?? 0
        note(place, truth: name(label), prediction: name(best), loss)
      case .numbers(let targets):
        let truth = Array(targets[row * width..<(row + 1) * width])
        guard truth.contains(where: { !$0.isNaN }) else { continue }
        guard takes() else { continue }
        var loss = labels?.add(Array(own), truth: truth) ?? 0
        if values != nil {
          var levels: [Double] = []
          if let quantiles, case .numbers(let all) = rows.columns[quantiles] {
            let size = table.columns[quantiles].width
            levels = Array(all[row * size..<(row + 1) * size])
          }
          loss = values?.add(Array(own), truth: truth, quantiles: levels) ?? 0
        }
        note(place, truth: Self.short(truth), prediction: Self.short(Array(own)), loss)
      case .texts: continue
      }
    }
  }

  private mutating func takes() -> Bool {
    count += 1
    if count <= Self.maximumCount { return true }
    omitted += 1
    return false
  }

  private func name(_ number: Int) -> String {
    table.classes.indices.contains(number) ? table.classes[number] : "\(number)"
  }

  private mutating func note(_ place: [Int], truth: String, prediction: String, _ loss: Double) {
    guard loss.isFinite, loss > hardest.last?.loss ?? -.infinity || hardest.count < Self.exampleCount else {
      return
    }
    let example = Example(place: place, truth: truth, prediction: prediction, loss: loss)
    hardest.insert(example, at: hardest.firstIndex { $0.loss < loss } ?? hardest.count)
    if hardest.count > Self.exampleCount { hardest.removeLast() }
  }

  private static func short(_ values: [Double]) -> String {
    values.prefix(6).map { NumberText.significant($0, digits: 4) }.joined(separator: ", ")
      + (values.count > 6 ? ", …" : "")
  }

  /// The charts.
  func samples(split: String) -> [RunPage.Sample] {
    guard count > 0 else { return [] }
    var samples = classes?.samples(split: split) ?? []
    let charts = (classes?.charts ?? []) + (labels?.charts ?? []) + (values?.charts ?? [])
    if !charts.isEmpty {
      samples.append(
        .charts(
          title: "Predictions and ground truth, split '\(split)'", html: charts.map(\.html).joined()))
    }
    samples += labels?.samples(split: split) ?? []
    if omitted > 0 {
      samples.append(
        .note("Charts show the first \(Self.maximumCount) predictions, and leave out \(omitted)."))
    }
    return samples
  }

  /// The table of the hardest examples.
  ///
  /// - Parameter text: The text of a sequence, by its number; nil for none.
  func hardestTable(names: [String], text: (Int) -> String?) -> [[String]] {
    let hasTexts = hardest.contains { text($0.place[0]) != nil } && table.index.first == "sequence"
    let hasNames = !names.isEmpty && table.index.first != "step"
    let head =
      table.index + (hasNames ? ["name"] : []) + [
        "ground truth", "prediction", values == nil ? "loss" : "squared error",
      ]
    return [head + (hasTexts ? ["text"] : [])]
      + hardest.map { example in
        let number = example.place.first ?? 0
        return example.place.map(String.init)
          + (hasNames ? [names.indices.contains(number) ? names[number] : ""] : [])
          + [example.truth, example.prediction, NumberText.significant(example.loss, digits: 4)]
          + (hasTexts ? [text(number)?.shortened(to: 300) ?? ""] : [])
      }
  }
}
