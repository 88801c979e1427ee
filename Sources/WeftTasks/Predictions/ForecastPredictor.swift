import WeftBase
import WeftData
import WeftModels
import WeftParallel

/// Forecasts windows of all series of a split: those of an evaluation and, of each series, the one at its end, or the
/// latter alone.
struct ForecastPredictor: Predictor {
  let forecaster: SeriesForecaster
  let levels: [Double]
  /// Steps between the starts of consecutive windows; nil for what follows each series alone.
  let spacing: Int?
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
    if spacing != nil {
      columns.append(.init("targets", .double, shape: shape, labels: names, stepAxis: 0))
    }
    var table = PredictionTable(index: ["series", "origin"], columns: columns, levels: levels)
    table.targets = try forecaster.targetNames(of: series)
    if let times = try dataset.times(split: split) {
      table.times = times.style
      table.columns.append(.init("time", .time, shape: [horizon], stepAxis: 0))
    }
    if let note = short(series) { table.notes.append(note) }
    if let note = try unknown(series) { table.notes.append(note) }
    return table
  }

  /// A note on series without the steps that a forecast needs.
  private func short(_ series: SeriesForecaster.Series) -> String? {
    let least = forecaster.contexts.least
    let count = series.parts.count { $0.count < least }
    return count == 0
      ? nil
      : "not forecast: \(count) of \(series.parts.count) series, which \(count == 1 ? "has" : "have") fewer than \(least)"
        + " steps (\(forecaster.contexts.key))"
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
    let origins = try ForecastOrigins(of: series, by: forecaster, spacing: spacing)
    guard origins.count > 0 else {
      throw .data(
        "\(series.place): "
          + (try unknown(series)
            ?? "no series has the \(forecaster.contexts.least) steps that a forecast needs"
            + " (\(forecaster.contexts.key))"))
    }
    let total = (origins.count + batch - 1) / batch
    let iterator = origins.makeIterator()
    for index in 0..<total {
      var chosen: [ForecastOrigins.Origin] = []
      while chosen.count < batch, let origin = iterator.next() { chosen.append(origin) }
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
      if spacing != nil {
        var targets: [Double] = []
        for origin in chosen {
          let end = min(origin.step + horizon, series.parts[origin.series].upperBound)
          let known = try forecaster.unscaled(series, origin.step..<end).flatMap(\.self)
          targets += known + [Double](repeating: .nan, count: horizon * forecaster.targets - known.count)
        }
        rows.columns.append(.numbers(targets))
      }
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
}

/// The first steps of forecasts, by series, which are computed one by one: a split may have millions of windows.
private struct ForecastOrigins: Sequence {
  typealias Origin = (series: Int, step: Int)

  /// The forecasts of a series.
  private struct Part {
    /// The origin of the first window, and how many of them there are.
    let first, windows: Int
    /// The end of the series, if that is forecast besides.
    let end: Int?
  }

  private var parts: [Part] = []
  private let spacing: Int
  private(set) var count = 0

  /// - Parameter spacing: Steps between the starts of consecutive windows; nil for what follows each series alone.
  /// - Throws: If the covariates cannot be read.
  init(
    of series: SeriesForecaster.Series, by forecaster: SeriesForecaster, spacing: Int?
  ) throws(WeftError) {
    self.spacing = spacing ?? 1
    for part in series.parts {
      let first = part.lowerBound + forecaster.contexts.least
      let last = part.upperBound - forecaster.horizon
      let windows = spacing == nil || first > last ? 0 : (last - first) / self.spacing + 1
      // The forecast of what follows the data, if its covariates are known.
      let covariates = try forecaster.covariates(series, part, horizon: forecaster.horizon)
      let isKnown = covariates.map { part.upperBound + $0.ahead <= $0.end } ?? true
      let end = first <= part.upperBound && isKnown ? part.upperBound : nil
      parts.append(Part(first: first, windows: windows, end: end))
      count += windows + (end == nil ? 0 : 1)
    }
  }

  func makeIterator() -> AnyIterator<Origin> {
    var (series, window) = (0, 0)
    return AnyIterator {
      while series < parts.count {
        let part = parts[series]
        defer { window += 1 }
        if window < part.windows { return (series, part.first + window * spacing) }
        if window == part.windows, let end = part.end { return (series, end) }
        (series, window) = (series + 1, -1)
      }
      return nil
    }
  }
}
