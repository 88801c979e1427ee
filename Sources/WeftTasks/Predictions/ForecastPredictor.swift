import WeftBase
import WeftData
import WeftModels
import WeftParallel

/// Forecasts windows of all series of a split: those of an evaluation and, of each series, the one at its end.
struct ForecastPredictor: Predictor {
  let forecaster: SeriesForecaster
  let levels: [Double]
  /// Steps between the starts of consecutive windows.
  let spacing: Int
  /// Windows per minibatch.
  let batch: Int

  private var horizon: Int { forecaster.horizon }

  func table(_ dataset: DatasetFile, split: String) throws(WeftError) -> PredictionTable {
    let series = try forecaster.open(dataset, split: split)
    let targets = forecaster.targets
    let names = targets == 1 ? [] : (0..<targets).map(String.init)
    let shape = [horizon, targets]
    var columns: [PredictionTable.Column] = [
      .init("median", .double, shape: shape, labels: names, stepAxis: 0)
    ]
    if !levels.isEmpty {
      columns.append(
        .init(
          "quantiles", .double, shape: [levels.count] + shape, labels: levels.quantileNames(names),
          stepAxis: 1))
    }
    columns.append(.init("targets", .double, shape: shape, labels: names, stepAxis: 0))
    var table = PredictionTable(index: ["series", "origin"], columns: columns, levels: levels)
    table.targets = try forecaster.targetNames(of: series)
    if let times = try dataset.times(split: split) {
      table.times = times.style
      table.columns.append(.init("time", .time, shape: [horizon], stepAxis: 0))
    }
    if let note = try unknown(series) { table.notes.append(note) }
    return table
  }

  /// A note on series whose future cannot be forecast, as their covariates end too early.
  private func unknown(_ series: SeriesForecaster.Series) throws(WeftError) -> String? {
    var count = 0
    var ahead = 0
    for part in series.parts {
      guard let covariates = try forecaster.covariates(series, part, horizon: horizon) else { return nil }
      if covariates.end < part.upperBound + covariates.ahead { count += 1 }
      ahead = covariates.ahead
    }
    if count == 0 { return nil }
    let what =
      series.parts.count == 1
      ? "what follows the series" : "what follows \(count) of \(series.parts.count) series"
    return
      "not forecast: \(what), as covariates of the next \(ahead) steps are missing; end the table with rows of"
      + " covariates alone"
  }

  func predict(
    _ dataset: DatasetFile, split: String, on executor: Executor,
    onRows: (PredictedRows, _ done: Int, _ total: Int) throws(WeftError) -> Void
  ) throws(WeftError) {
    let series = try forecaster.open(dataset, split: split)
    let times = try dataset.times(split: split)
    let origins = try origins(of: series)
    guard !origins.isEmpty else {
      throw .data(
        "\(series.place): no series has the \(forecaster.contexts.least) steps that a forecast needs"
          + " (\(forecaster.contexts.key))")
    }
    let total = (origins.count + batch - 1) / batch
    for index in 0..<total {
      let chosen = origins[index * batch..<min((index + 1) * batch, origins.count)]
      let found = try forecaster.forecasts(
        series,
        contexts: chosen.map {
          forecaster.contexts.steps(before: $0.step, from: series.parts[$0.series].lowerBound)
        }, horizon: horizon, levels: levels, seed: 1, on: executor)
      var rows = PredictedRows(
        index: [
          chosen.map(\.series), chosen.map { $0.step - series.parts[$0.series].lowerBound },
        ],
        columns: [])
      rows.columns.append(.numbers(found.flatMap { $0.median.flatMap(\.self) }))
      if !levels.isEmpty {
        rows.columns.append(.numbers(found.flatMap { $0.quantiles.flatMap { $0.flatMap(\.self) } }))
      }
      var targets: [Double] = []
      for origin in chosen {
        let end = min(origin.step + horizon, series.parts[origin.series].upperBound)
        let known = try forecaster.unscaled(series, origin.step..<end).flatMap(\.self)
        targets += known + [Double](repeating: .nan, count: horizon * forecaster.targets - known.count)
      }
      rows.columns.append(.numbers(targets))
      if let times {
        var moments: [Double] = []
        for origin in chosen {
          moments += try times.times(
            ofSeries: origin.series, series.parts[origin.series], origin.step..<origin.step + horizon)
        }
        rows.columns.append(.numbers(moments))
      }
      try onRows(rows, index + 1, total)
    }
  }

  /// The first forecast steps, by series.
  private func origins(of series: SeriesForecaster.Series) throws(WeftError) -> [(series: Int, step: Int)] {
    var origins: [(series: Int, step: Int)] = []
    for (number, part) in series.parts.enumerated() {
      let first = part.lowerBound + forecaster.contexts.least
      let last = part.upperBound - horizon
      var steps = first <= last ? Array(stride(from: first, through: last, by: spacing)) : []
      // The forecast of what follows the data, if its covariates are known.
      let covariates = try forecaster.covariates(series, part, horizon: horizon)
      let isKnown = covariates.map { part.upperBound + $0.ahead <= $0.end } ?? true
      if first <= part.upperBound, steps.last != part.upperBound, isKnown { steps.append(part.upperBound) }
      origins += steps.map { (number, $0) }
    }
    return origins
  }
}
