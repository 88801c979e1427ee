import Foundation
import WeftBase
import WeftConfiguration
import WeftMetrics
import WeftTasks
import WeftTraining

/// The hyperparameters in which runs differ, against what they reached: an axis for each, a line for each run.
struct ParallelCoordinates {
  /// An axis with the place of each run, from 0 below to 1 above; nil where a run has no value.
  private struct Axis {
    let name: String
    let places: [Double?]
    /// Texts along the axis.
    let marks: [(place: Double, text: String)]
    let texts: [String]
  }

  private let names: [String]
  private let axes: [Axis]
  /// Rank of each run by its result, from 0 for the best to 1.
  private let ranks: [Double]

  private static let (maximumAxes, maximumNames) = (10, 8)

  /// Nil for runs that differ in no key, or have no metrics in common.
  init?(_ runs: [RecordedRun]) {
    let listed = runs.map { ListedRun($0.folder) }
    let found = listed.compactMap(\.self)
    guard runs.count > 1, found.count == runs.count else { return nil }
    names = runs.map(\.name)
    let keys = Configuration.keys.map(\.path).filter { key in
      !["data.file", "data.files"].contains(key) && Set(found.map { $0.values[key] ?? "" }).count > 1
    }
    guard let metric = found[0].metricNames.first(where: { $0 != "loss" }) ?? found[0].metricNames.first,
      !keys.isEmpty
    else { return nil }
    let metrics = [metric] + (metric == "loss" ? [] : ["loss"])
    let settings = keys.prefix(Self.maximumAxes).map { key in
      Self.axis(key, found.map { $0.values[key] ?? "not set" })
    }
    let results = metrics.map { name in
      Self.axis("best \(name)", found.map { $0.metrics[name].map { "\($0)" } ?? "not set" })
    }
    axes = settings + results
    let values = found.map { $0.metrics[metric] ?? .nan }
    let sorted = values.filter { !$0.isNaN }.sorted(
      by: Metric.higherIsBetter(named: metric) ? { $0 > $1 } : { $0 < $1 })
    ranks = values.map { value in
      let rank = sorted.firstIndex(of: value) ?? sorted.count - 1
      return sorted.count > 1 ? Double(max(rank, 0)) / Double(sorted.count - 1) : 0
    }
  }

  private static func axis(_ name: String, _ texts: [String]) -> Axis {
    let numbers = texts.map { Double($0) }
    let known = numbers.compactMap(\.self).filter(\.isFinite)
    if let low = known.min(), let high = known.max(),
      zip(texts, numbers).allSatisfy({ $1 != nil || $0 == "not set" })
    {
      // Learning rates and sizes differ by factors.
      let isLogarithmic = low > 0 && high >= 10 * low
      func scaled(_ value: Double) -> Double { isLogarithmic ? log10(value) : value }
      let places = numbers.map { value in
        value.flatMap { value in
          value.isFinite ? scaled(value).share(from: scaled(low), to: scaled(high)) : nil
        }
      }
      return Axis(
        name: name, places: places,
        marks: [
          (low == high ? 0.5 : 0, NumberText.significant(low, digits: 4))
        ] + (low == high ? [] : [(1, NumberText.significant(high, digits: 4))]),
        texts: zip(texts, numbers).map { $1.map { NumberText.significant($0, digits: 5) } ?? $0 })
    }
    var names: [String] = []
    for text in texts where !names.contains(text) { names.append(text) }
    names.sort()
    let last = Double(max(names.count - 1, 1))
    func place(_ text: String) -> Double {
      names.count == 1 ? 0.5 : Double(names.firstIndex(of: text) ?? 0) / last
    }
    return Axis(
      name: name, places: texts.map(place),
      marks: names.count <= maximumNames ? names.map { (place($0), $0.shortened(to: 14)) } : [], texts: texts)
  }

  /// The `figure` element.
  var html: String {
    let (height, top, bottom) = (320.0, 56.0, 300.0)
    let width = 130.0 * Double(axes.count)
    func x(_ axis: Int) -> Double { 65 + 130 * Double(axis) }
    func y(_ place: Double) -> Double { bottom - place * (bottom - top) }
    let lines = names.indices.sorted { ranks[$0] > ranks[$1] }.map { run -> String in
      let points = axes.enumerated().compactMap { index, axis in
        axis.places[run].map {
          "\(NumberText.fixed(x(index), decimals: 1)),\(NumberText.fixed(y($0), decimals: 1))"
        }
      }.joined(separator: " ")
      let share = NumberText.fixed(100 * ranks[run], decimals: 0)
      return
        "<polyline tabindex=\"0\" style=\"stroke: color-mix(in oklab, var(--worst) \(share)%, var(--best))\" points=\"\(points)\"><title>\(HTML.escaped(description(run)))</title></polyline>"
    }
    let scales = axes.enumerated().map { index, axis in
      let place = NumberText.fixed(x(index), decimals: 1)
      let parts = axis.name.split(separator: ".", maxSplits: 1)
      let title =
        parts.count == 2
        ? "<tspan x=\"\(place)\" dy=\"0\">\(HTML.escaped(String(parts[0])))</tspan><tspan x=\"\(place)\" dy=\"1.1em\">\(HTML.escaped(String(parts[1]).shortened(to: 20)))</tspan>"
        : "<tspan x=\"\(place)\" dy=\"1.1em\">\(HTML.escaped(axis.name))</tspan>"
      let marks = axis.marks.map {
        "<text class=\"mark\" x=\"\(place)\" y=\"\(NumberText.fixed(y($0.place), decimals: 1))\" dx=\"6\" dy=\"0.35em\">\(HTML.escaped($0.text))</text>"
      }.joined()
      return
        "<line class=\"axis\" x1=\"\(place)\" x2=\"\(place)\" y1=\"\(top)\" y2=\"\(bottom)\"/><text class=\"name\" y=\"18\" text-anchor=\"middle\">\(title)</text>\(marks)"
    }
    let table = HTML.table(
      [["run"] + axes.map(\.name)] + names.indices.map { run in [names[run]] + axes.map { $0.texts[run] } })
    return """
      <figure class="chart parallel">
      <figcaption>Hyperparameters and results</figcaption>
      <div class="scrolled" tabindex="0" role="region" aria-label="hyperparameters and results">
      <svg viewBox="0 0 \(Int(width)) \(Int(height))" style="min-width: \(Int(width * 0.75))px" role="group" \
      aria-label="A line for each run over an axis for each hyperparameter; the table below has the values.">
      \(lines.joined(separator: "\n"))
      \(scales.joined(separator: "\n"))
      </svg></div>
      <p class="legend"><span><i style="background: var(--best)"></i>best</span><span><i style="background: var(--worst)"></i>worst</span></p>
      \(HTML.details("Values", table))
      </figure>
      """
  }

  private func description(_ run: Int) -> String {
    names[run] + ": " + axes.map { "\($0.name) \($0.texts[run])" }.joined(separator: ", ")
  }
}
