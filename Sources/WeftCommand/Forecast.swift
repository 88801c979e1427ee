import ArgumentParser
import Foundation
import WeftBase
import WeftMetrics
import WeftPlots
import WeftTasks

/// Forecasts a series.
struct Forecast: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Forecast a time series.",
    discussion: """
      A model that feeds its forecasts back samples many paths; the same seed gives the same numbers.

      Example:
        weft forecast runs/temperatures --horizon 24 --plot forecast.svg
      """)

  @OptionGroup var trained: TrainedRun

  @Option(
    help: ArgumentHelp("Steps to forecast. (default: the horizon of the model)", valueName: "n"))
  var horizon: Int?

  @Option(
    help:
      "The split that contains the series: train, validation, test or another group. (default: test, or the only one)"
  )
  var split: String?

  @Option(
    help: ArgumentHelp(
      "Another HDF5 file with the layout of the training data. (default: the dataset of the run)",
      valueName: "file"),
    completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "First step to forecast, for comparison with the ground truth. (default: the end of the series)",
      valueName: "step"))
  var origin: Int?

  @Option(help: ArgumentHelp("Random seed of the sampled paths.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Plot the forecast as SVG.", valueName: "file"), completion: .file())
  var plot: String?

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func run() throws {
    let model = try trained.model(threads: threads.count)
    let forecast = try model.forecast(
      horizon: horizon, split: model.group(named: split, of: data), file: data, origin: origin,
      seed: seed)
    let report = ForecastReport(forecast)
    if let plot { try report.plot(of: model.path).write(to: plot) }
    printText(json ? try report.json : report.text, terminator: "")
  }
}

/// The report of a forecast.
struct ForecastReport: Report {
  let origin: Int
  let levels: [Double]
  let median: [[Double]]
  let quantiles: [[[Double]]]
  let groundTruth: [[Double]]
  let meanAbsoluteError: Double?
  private let history: [[Double]]

  private enum CodingKeys: CodingKey {
    case origin, levels, median, quantiles, groundTruth, meanAbsoluteError
  }

  init(_ forecast: SeriesForecast) {
    origin = forecast.origin
    levels = forecast.levels
    median = forecast.median
    quantiles = forecast.quantiles
    groundTruth = forecast.groundTruth
    history = forecast.history
    let errors = ForecastMetrics(median.joined(), groundTruth: groundTruth.joined())
    meanAbsoluteError = errors.count > 0 ? errors.meanAbsoluteError : nil
  }

  var text: String {
    let targets = median.first?.count ?? 0
    let headings = (0..<targets).flatMap { target in
      ["forecast" + (targets > 1 ? " \(target)" : "")] + levels.map { "\(short(100 * $0))%" }
        + (groundTruth.isEmpty ? [] : ["ground truth"])
    }
    let rows = median.indices.map { step in
      ["\(origin + step)"]
        + (0..<targets).flatMap { target in
          [short(median[step][target])] + quantiles.map { short($0[step][target]) }
            + (groundTruth.isEmpty ? [] : [step < groundTruth.count ? short(groundTruth[step][target]) : ""])
        }
    }
    let lines = table([["step"] + headings] + rows)
    let last = meanAbsoluteError.map { ["mean absolute error \(short($0))"] } ?? []
    return (lines + last).joined(separator: "\n") + "\n"
  }

  /// One panel per target, with the history, the forecast in bands, and the ground truth.
  func plot(of run: String) -> SeriesPlot {
    let panels = (0..<(median.first?.count ?? 0)).map { target in
      var panel = SeriesPlot.Panel("target \(target)")
      for index in 0..<levels.count / 2 {
        let (lower, upper) = (index, levels.count - 1 - index)
        panel.bands.append(
          SeriesPlot.Band(
            "\(short(100 * (levels[upper] - levels[lower])))% interval", first: origin,
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
      title: "Forecast of \(median.count) steps", subtitle: "from step \(origin), by \(run)", panels: panels)
  }

  private func short(_ value: Double) -> String { String(format: "%.4g", value) }
}
