import Foundation
import WeftBase
import WeftMetrics
import WeftTraining

/// A frame of `weft watch` for several runs: a table, and their losses over each other.
struct RunsFrame: Frame {
  let runs: [RunFrame]

  func lines(width: Int, height: Int, isColored: Bool) -> [String] {
    let metric = otherMetric
    let head =
      ["run", "step", "train", "validation", "best"] + (metric.map { [$0] } ?? []) + [
        "steps/s", "left", "",
      ]
    let rows = zip(names, runs).map { name, run in
      [
        name, run.progress ?? "–", number(latest(Metric.loss.name, of: run, isTraining: true)),
        number(latest(Metric.loss.name, of: run, isTraining: false)), number(best(of: run)),
      ] + (metric.map { [number(latest($0, of: run, isTraining: false))] } ?? []) + [
        run.speed ?? "–", run.remaining ?? "–", run.isAtWork ? "running" : "ended",
      ]
    }
    // More runs than lines: the first of them.
    let room = max(height - 2, 1)
    var lines = table([head] + rows).prefix(max(room, 2)).map { String($0.prefix(width)) }
    let rest = room - lines.count - 1
    if rest >= 6 {
      let steps = 1...max(runs.flatMap(\.records).map(\.step).max() ?? 1, 1)
      let plot = CurvePlot(title: "loss", curves: zip(names, runs).map(curve))
      lines += [""] + plot.lines(steps: steps, width: width, height: min(rest, 24), isColored: isColored)
    }
    return Array(lines.prefix(max(height - 1, 1)))
  }

  /// The last parts of the folders, or the whole paths if some are alike.
  private var names: [String] {
    let short = runs.map { URL(filePath: $0.folder).standardizedFileURL.lastPathComponent.printable() }
    return Set(short).count == short.count ? short : runs.map { $0.folder.printable() }
  }

  /// The first validation metric that is no loss.
  private var otherMetric: String? {
    runs.lazy.flatMap(\.records).filter { $0.split != "train" }.flatMap { $0.values.entries.map(\.name) }
      .first { $0 != Metric.loss.name }
  }

  private func latest(_ name: String, of run: RunFrame, isTraining: Bool) -> Double? {
    run.records.last { ($0.split == "train") == isTraining && $0.values[name] != nil }?.values[name]
  }

  /// The least validation loss.
  private func best(of run: RunFrame) -> Double? {
    run.records.filter { $0.split != "train" }.compactMap { $0.values[Metric.loss.name] }
      .filter { !$0.isNaN }.min()
  }

  /// The validation loss, or that of training without validation.
  private func curve(_ name: String, _ run: RunFrame) -> CurvePlot.Curve {
    let isValidated = run.records.contains { $0.split != "train" && $0.values[Metric.loss.name] != nil }
    return CurvePlot.Curve(
      name: name,
      points: run.records.compactMap { record in
        (record.split != "train") == isValidated
          ? record.values[Metric.loss.name].map { (record.step, $0) } : nil
      })
  }

  private func number(_ value: Double?) -> String {
    value.map { NumberText.significant($0, digits: 4) } ?? "–"
  }
}
