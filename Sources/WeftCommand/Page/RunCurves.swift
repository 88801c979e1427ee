import Foundation
import WeftBase
import WeftMetrics
import WeftTraining

/// Overlaid curves of one or several runs.
struct RunCurves {
  private let runs: [RecordedRun]

  init(_ runs: [RecordedRun]) { self.runs = runs }

  /// Losses, other metrics, learning rate, gradient norm, speed and time by phase.
  var figures: [PageFigure] {
    var figures = [PageFigure(lines: "Loss", y: "loss", series(of: Metric.loss.name))]
    figures += otherMetrics.map { PageFigure(lines: title($0), y: $0, series(of: $0)) }
    let trained = [("Learning rate", "learning_rate"), ("Gradient norm", "gradient_norm")]
    figures += trained.map { PageFigure(lines: $0, y: $0, series(of: $1)) }
    if runs.contains(where: { !$0.times.isEmpty }) {
      figures.append(
        PageFigure(
          lines: "Time steps per second", y: "time steps per second",
          runs.enumerated().map { color, run in
            PageFigure.Series(
              run.name, color: color, run.times.map { (Double($0.step), $0.stepsPerSecond) })
          }))
    }
    figures += runs.filter { !$0.times.isEmpty }.map(timeSplit)
    figures += [
      systemUse("Busy processors", "mean number of processors", \.busyProcessors),
      systemUse("Memory", "GiB", { $0.residentBytes.map { Double($0) / Double(1 << 30) } }),
    ].filter { figure in figure.series.contains { !$0.x.isEmpty } }
    return figures.filter { !$0.series.isEmpty }
  }

  /// One heat map per run and layer.
  var gradientFlow: [PageFigure] {
    runs.flatMap { run in
      guard let newest = run.flow.last else { return [PageFigure]() }
      return newest.layers.indices.map { layer in
        let records = thinned(run.flow.filter { $0.norms.indices.contains(layer) })
        let steps = records.map { $0.norms[layer].count }.max() ?? 0
        return PageFigure(
          map: (runs.count > 1 ? "\(run.name), " : "") + newest.layers[layer], x: "training step",
          y: "time step",
          columns: records.map { "\($0.step)" }, rows: (0..<steps).map { "\($0)" },
          values: records.map { record in record.norms[layer].map { Double($0) } }, isLogarithmic: true)
      }
    }
  }

  /// At most 300 evenly spaced records, including the newest.
  private func thinned(_ records: [GradientFlow]) -> [GradientFlow] {
    let count = min(records.count, 300)
    return (0..<count).map { records[($0 + 1) * records.count / count - 1] }
  }

  /// Validation metrics other than the loss, in the order of the runs.
  private var otherMetrics: [String] {
    var names: [String] = []
    for record in runs.flatMap(\.records) where record.split != "train" {
      for entry in record.values.entries where entry.name != Metric.loss.name && !names.contains(entry.name) {
        names.append(entry.name)
      }
    }
    return names
  }

  /// Display names of metrics.
  private static let titles = [
    "mae": "Mean absolute error", "bleu": "BLEU", "exact": "Exact matches",
    "macro_f1": "Macro F1",
    "coverage": "Interval coverage",
  ]

  private func title(_ name: String) -> String {
    if let title = Self.titles[name] { return title }
    let words = name.replacing("_", with: " ")
    return words.prefix(1).uppercased() + words.dropFirst()
  }

  /// One line per run and split. Splits of a single run differ in color, those of several runs in style.
  private func series(of name: String) -> [PageFigure.Series] {
    runs.enumerated().flatMap { color, run in
      var splits: [String] = []
      for record in run.records where record.values[name] != nil && !splits.contains(record.split) {
        splits.append(record.split)
      }
      return splits.enumerated().map { number, split in
        let points = run.records.filter { $0.split == split }.compactMap { record in
          record.values[name].map { (x: Double(record.step), y: $0) }
        }
        let isTraining = split == "train"
        return PageFigure.Series(
          runs.count == 1 ? split : splits.count == 1 ? run.name : "\(run.name), \(split)",
          color: runs.count == 1 ? number : color,
          style: isTraining && splits.count > 1 ? .thin : isTraining ? .solid : .points, points)
      }
    }
  }

  private func systemUse(_ title: String, _ unit: String, _ value: (StepTimes) -> Double?) -> PageFigure {
    PageFigure(
      lines: title, y: unit,
      runs.enumerated().map { color, run in
        PageFigure.Series(
          run.name, color: color,
          run.times.compactMap { times in value(times).map { (Double(times.step), $0) } })
      })
  }

  /// Time shares of phases; the remainder is evaluations and checkpoints.
  private func timeSplit(_ run: RecordedRun) -> PageFigure {
    let names = run.times[0].phases.phases.map(\.name) + ["evaluations, checkpoints"]
    let shares = run.times.map { record in
      let parts = record.phases.phases.map { $0.seconds }
      let all = max(record.seconds, parts.reduce(0, +), 1e-9)
      return (parts + [max(record.seconds - parts.reduce(0, +), 0)]).map { 100 * $0 / all }
    }
    // A record covers the steps since the previous one, so the first starts at 0.
    let points = [(0, shares[0])] + zip(run.times, shares).map { ($0.step, $1) }
    return PageFigure(
      areas: "Time by phase" + (runs.count > 1 ? ": \(run.name)" : ""), y: "% of the time",
      names.enumerated().map { number, name in
        // Stacked areas need the same steps.
        PageFigure.Series(
          name, color: number, points.map { (Double($0), $1[number]) }, maximum: .max)
      })
  }
}
