import ArgumentParser
import Foundation
import WeftBase
import WeftTasks

/// Forecasts a series.
struct Forecast: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Forecast a time series.",
    discussion: """
      A model that feeds its forecasts back samples many paths; the same seed gives the same numbers. 'weft predict' \
      with --outputs future writes the forecasts of all series to a file.

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
      "The series by its name, or by its number from 0 on if they have no names. (default: the last one, or that of"
        + " --origin)", valueName: "name"))
  var series: String?

  @Option(
    help: ArgumentHelp(
      "First step to forecast, for comparison with the ground truth; counted in --series, otherwise over all series."
        + " (default: the end of the series)",
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
    let group = try model.group(named: split, of: data)
    let forecast = try model.forecast(
      horizon: horizon, split: group, file: data, series: series, origin: origin, seed: seed)
    let report = ForecastReport(forecast)
    if let plot { try report.plot(of: model.path).write(to: plot) }
    printText(json ? try report.json : report.text, terminator: "")
    model.dataNotes(split: group, file: data).forEach(printNote)
  }
}
