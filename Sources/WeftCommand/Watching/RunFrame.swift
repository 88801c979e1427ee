import Foundation
import WeftBase
import WeftMetrics
import WeftTraining

/// A frame of `weft watch` for one run.
struct RunFrame: Frame {
  let folder: String
  let records: [MetricsRecord]
  let times: [StepTimes]
  /// Total optimizer steps of the run, if the configuration sets them.
  let totalSteps: Int?
  let isAtWork: Bool

  /// The lines of the frame.
  func lines(width: Int, height: Int, isColored: Bool) -> [String] {
    guard !records.isEmpty else {
      return [heading, isAtWork ? "no metrics yet" : "no metrics"].map { String($0.prefix(width)) }
    }
    let plots = plots
    let steps = min(records[0].step, 1)...max(records.map(\.step).max() ?? 1, 1)
    // One line for the heading, one between plots, and one for the cursor.
    let each = max((height - 2 - plots.count) / plots.count, 6)
    var lines = [String(heading.prefix(width))]
    let shown = max((height - 2) / (each + 1), 1)
    for plot in plots.prefix(shown) {
      lines += [""] + plot.lines(steps: steps, width: width, height: each, isColored: isColored)
    }
    // Metrics that do not fit are shown on one line.
    let rest = plots.dropFirst(shown).compactMap { plot in
      plot.curves.last?.points.last.map { "\(plot.title) \(NumberText.significant($0.value, digits: 4))" }
    }
    if !rest.isEmpty, lines.count > 1 { lines[1] = String(rest.joined(separator: "  ").prefix(width)) }
    return Array(lines.prefix(max(height - 1, 1)))
  }

  private var heading: String {
    var parts = [folder.printable()]
    if let progress { parts.append("step \(progress), epoch \(records.last?.epoch ?? 1)") }
    if let speed { parts.append("\(speed) time steps/s") }
    if let remaining { parts.append("\(remaining) left") }
    parts.append(isAtWork ? "running" : "ended")
    return parts.joined(separator: "  ")
  }

  /// The latest step, with the last one if it is known; nil before the first.
  var progress: String? {
    records.last.map { "\($0.step)" + (totalSteps.map { "/\($0)" } ?? "") }
  }

  /// Time steps per second; nil without times.
  var speed: String? { times.last.map { NumberText.abbreviated($0.stepsPerSecond) } }

  /// The time until the end of a run at work; nil if it is not known.
  var remaining: String? {
    guard isAtWork, let totalSteps, let last = records.last, let took = secondsPerStep, totalSteps > last.step
    else { return nil }
    return NumberText.duration(seconds: took * Double(totalSteps - last.step))
  }

  /// Computed from the latest records.
  private var secondsPerStep: Double? {
    let recent = times.suffix(20)
    guard let first = recent.first, let last = recent.last, last.step > first.step else { return nil }
    return recent.dropFirst().reduce(0) { $0 + $1.seconds } / Double(last.step - first.step)
  }

  /// Losses, then other validation metrics, then the learning rate.
  private var plots: [CurvePlot] {
    var names: [String] = []
    for record in records where record.split != "train" {
      for entry in record.values.entries where !names.contains(entry.name) { names.append(entry.name) }
    }
    let others = names.filter { $0 != Metric.loss.name }
    return [CurvePlot(title: "loss", curves: curves(of: Metric.loss.name))]
      + others.map { CurvePlot(title: $0.printable(), curves: curves(of: $0)) }
      + (others.isEmpty ? [CurvePlot(title: "learning rate", curves: curves(of: "learning_rate"))] : [])
  }

  private func curves(of name: String) -> [CurvePlot.Curve] {
    var splits: [String] = []
    for record in records where record.values[name] != nil && !splits.contains(record.split) {
      splits.append(record.split)
    }
    return splits.map { split in
      CurvePlot.Curve(
        name: split.printable(),
        points: records.compactMap { record in
          record.split == split ? record.values[name].map { (record.step, $0) } : nil
        })
    }
  }
}
