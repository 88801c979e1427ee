import Foundation
import WeftBase
import WeftMetrics
import WeftPlots
import WeftTasks

/// The report of a forecast.
struct ForecastReport: Report {
  /// The name of the series; nil if the data name none.
  let series: String?
  /// The names of the targets; empty if the data name none.
  let targets: [String]
  let origin: Int
  /// The time of each forecast step; empty without times.
  let time: [String]
  let levels: [Double]
  let median: [[Double]]
  let quantiles: [[[Double]]]
  let groundTruth: [[Double]]
  let meanAbsoluteError: Double?
  private let history: [[Double]]

  private enum CodingKeys: CodingKey {
    case series, targets, origin, time, levels, median, quantiles, groundTruth, meanAbsoluteError
  }

  init(_ forecast: SeriesForecast) {
    series = forecast.name
    targets = forecast.targets
    origin = forecast.origin
    time = forecast.timeTexts
    levels = forecast.levels
    median = forecast.median
    quantiles = forecast.quantiles
    groundTruth = forecast.groundTruth
    history = forecast.history
    let errors = ForecastMetrics(median.joined(), groundTruth: groundTruth.joined())
    meanAbsoluteError = errors.count > 0 ? errors.meanAbsoluteError : nil
  }

  func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encodeIfPresent(series, forKey: .series)
    if !targets.isEmpty { try values.encode(targets, forKey: .targets) }
    try values.encode(origin, forKey: .origin)
    if !time.isEmpty { try values.encode(time, forKey: .time) }
    try values.encode(levels, forKey: .levels)
    try values.encode(median, forKey: .median)
    try values.encode(quantiles, forKey: .quantiles)
    try values.encode(groundTruth, forKey: .groundTruth)
    try values.encodeIfPresent(meanAbsoluteError, forKey: .meanAbsoluteError)
  }

  var text: String {
    let count = median.first?.count ?? 0
    var rows = [["step"] + (time.isEmpty ? [] : ["time"])]
    for target in 0..<count {
      rows[0].append(heading(of: target, among: count))
      rows[0] += levels.map { "\(NumberText.significant(100 * $0, digits: 4))%" }
      if !groundTruth.isEmpty { rows[0].append("ground truth") }
    }
    for step in median.indices {
      var row = ["\(origin + step)"]
      if !time.isEmpty { row.append(time[step]) }
      for target in 0..<count {
        row.append(digits(of: median[step][target]))
        row += quantiles.map { digits(of: $0[step][target]) }
        if !groundTruth.isEmpty {
          row.append(step < groundTruth.count ? digits(of: groundTruth[step][target]) : "")
        }
      }
      rows.append(row)
    }
    let lines = table(rows)
    let first = series.map { ["series '\($0)'".printable()] } ?? []
    let last =
      meanAbsoluteError.map { ["mean absolute error \(NumberText.significant($0, digits: 4))"] } ?? []
    return (first + lines + last).joined(separator: "\n") + "\n"
  }

  private func heading(of target: Int, among count: Int) -> String {
    targets.isEmpty ? "forecast" + (count > 1 ? " \(target)" : "") : targets[target]
  }

  /// A number with the digits of single precision, in which models compute; empty for NaN.
  private func digits(of value: Double) -> String { value.isNaN ? "" : NumberText.readable(value) }

  /// One panel per target, with the history, the forecast in bands, and the ground truth.
  func plot(of run: String) -> SeriesPlot {
    let panels = (0..<(median.first?.count ?? 0)).map { target in
      var panel = SeriesPlot.Panel(targets.isEmpty ? "target \(target)" : targets[target])
      for index in 0..<levels.count / 2 {
        let (lower, upper) = (index, levels.count - 1 - index)
        panel.bands.append(
          SeriesPlot.Band(
            "\(NumberText.significant(100 * (levels[upper] - levels[lower]), digits: 4))% interval",
            first: origin,
            lower: quantiles[lower].map { $0[target] }, upper: quantiles[upper].map { $0[target] }))
      }
      panel.lines = [
        SeriesPlot.Line(
          "series", first: origin - history.count, values: (history + groundTruth).map { $0[target] }),
        SeriesPlot.Line("forecast", first: origin, values: median.map { $0[target] }),
      ]
      return panel
    }
    return SeriesPlot(
      title: "Forecast of \(median.count) steps" + (series.map { " of \($0)" } ?? ""),
      subtitle:
        "from \(time.first.map { $0.isEmpty ? "step \(origin)" : $0 } ?? "step \(origin)"), by \(run)",
      panels: panels)
  }
}
