import ArgumentParser
import Foundation
import WeftBase
import WeftMetrics
import WeftPlots
import WeftTasks

/// Tells how a series goes on.
struct Forecast: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell how a series goes on.",
    discussion: """
      Without --origin the forecast begins where the series ends. A model that feeds its forecasts back samples many
      paths; the same seed gives the same numbers.

      Example:
        weft forecast runs/temperatures --horizon 24 --plot forecast.svg
      """)

  @OptionGroup var trained: TrainedRun

  @Option(
    help: ArgumentHelp("Steps to forecast. Left out: as many as the model was trained for.", valueName: "n"))
  var horizon: Int?

  @Option(help: "The group of the data that holds the series: train, validation, test or another.")
  var split = "test"

  @Option(
    help: ArgumentHelp(
      "Another HDF5 file of the same layout, in place of the one trained on.", valueName: "file"),
    completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "The step of the group to forecast first, to compare with what came.", valueName: "step"))
  var origin: Int?

  @Option(help: ArgumentHelp("Where the random numbers of sampled paths come from.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Draw the forecast as SVG.", valueName: "file"), completion: .file())
  var plot: String?

  @OptionGroup var threads: ThreadOptions

  @Flag(help: "Print JSON instead of text.")
  var json = false

  func run() throws {
    let model = try trained.model(threads: threads.count)
    let forecast = try model.forecast(
      horizon: horizon, split: model.configuration.data.split.group(named: split), file: data, origin: origin,
      seed: seed)
    let report = ForecastReport(forecast)
    if let plot { try report.plot(of: model.path).write(to: plot) }
    print(json ? try report.json : report.text, terminator: "")
  }
}

/// What a forecast tells.
struct ForecastReport: Report {
  let origin: Int
  let levels: [Double]
  let median: [[Double]]
  let quantiles: [[[Double]]]
  let truth: [[Double]]
  let meanAbsoluteError: Double?
  private let history: [[Double]]

  private enum CodingKeys: CodingKey {
    case origin, levels, median, quantiles, truth, meanAbsoluteError
  }

  init(_ forecast: SeriesForecast) {
    origin = forecast.origin
    levels = forecast.levels
    median = forecast.median
    quantiles = forecast.quantiles
    truth = forecast.groundTruth
    history = forecast.history
    let errors = ForecastMetrics(median.joined(), groundTruth: truth.joined())
    meanAbsoluteError = errors.count > 0 ? errors.meanAbsoluteError : nil
  }

  var text: String {
    let targets = median.first?.count ?? 0
    let headings = (0..<targets).flatMap { target in
      ["forecast" + (targets > 1 ? " \(target)" : "")] + levels.map { "\(short(100 * $0)) %" }
        + (truth.isEmpty ? [] : ["truth"])
    }
    let rows = median.indices.map { step in
      ["\(origin + step)"]
        + (0..<targets).flatMap { target in
          [short(median[step][target])] + quantiles.map { short($0[step][target]) }
            + (truth.isEmpty ? [] : [step < truth.count ? short(truth[step][target]) : ""])
        }
    }
    let lines = table([["step"] + headings] + rows)
    let last = meanAbsoluteError.map { ["mean absolute error \(short($0))"] } ?? []
    return (lines + last).joined(separator: "\n") + "\n"
  }

  /// A panel for each target: what was, what is forecast in bands, and what came.
  func plot(of run: String) -> SeriesPlot {
    let panels = (0..<(median.first?.count ?? 0)).map { target in
      var panel = SeriesPlot.Panel("target \(target)")
      for index in 0..<levels.count / 2 {
        let (lower, upper) = (index, levels.count - 1 - index)
        panel.bands.append(
          SeriesPlot.Band(
            "\(short(100 * (levels[upper] - levels[lower]))) % interval", first: origin,
            lower: quantiles[lower].map { $0[target] }, upper: quantiles[upper].map { $0[target] }))
      }
      panel.lines = [
        SeriesPlot.Line(
          "series", first: origin - history.count, values: (history + truth).map { $0[target] }),
        SeriesPlot.Line("forecast", first: origin, values: median.map { $0[target] }),
      ]
      return panel
    }
    return SeriesPlot(
      title: "Forecast of \(median.count) steps", subtitle: "from step \(origin), by \(run)", panels: panels)
  }

  private func short(_ value: Double) -> String { String(format: "%.4g", value) }
}
