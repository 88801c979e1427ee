import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftParallel

/// A forecast of a series, in its original units.
public struct SeriesForecast: Sendable, Equatable {
  /// The first forecast step of the split.
  public let origin: Int
  /// The preceding steps, `[context][targets]`.
  public let history: [[Double]]
  /// Median forecast, `[horizon][targets]`.
  public let median: [[Double]]
  /// Levels of ``quantiles``, ascending; empty for point forecasts.
  public let levels: [Double]
  /// `[levels][horizon][targets]`.
  public let quantiles: [[[Double]]]
  /// Ground-truth targets, where the split has them, `[at most horizon][targets]`; NaN where missing.
  public let groundTruth: [[Double]]
}

/// Forecasts series in their original units.
package struct SeriesForecaster: Sendable {
  private let model: SequenceModel
  private let loss: Loss
  /// Steps of history that a forecast is computed from.
  package let context: Int
  /// Forecast steps in training.
  package let horizon: Int
  /// Whether all steps are forecast at once, rather than fed back.
  package let isDirect: Bool
  private let season: Int?
  let scale: FeatureScale?

  init(_ model: SequenceModel, loss: Loss, _ data: DataConfiguration, scale: FeatureScale?) {
    self.model = model
    self.loss = loss
    self.scale = scale
    context = data.context ?? 1
    horizon = data.horizon ?? 1
    isDirect = !model.hasOutputPerStep
    season = data.season
  }

  /// Values per forecast step.
  private var targets: Int { model.shape.outputs / loss.outputsPerTarget / (isDirect ? horizon : 1) }

  /// A forecaster for windows as in training.
  ///
  /// - Parameter horizon: Steps to forecast, if forecasts are fed back; nil for the horizon of training.
  func windowForecaster(horizon: Int? = nil, on executor: Executor) -> Forecaster {
    Forecaster(
      model: model, executor: executor, loss: loss, isDirect: isDirect, context: context,
      horizon: isDirect ? self.horizon : horizon ?? self.horizon, targets: targets)
  }

  /// Converts scaled forecasts or targets of a window `[horizon × targets]` to the original units.
  func restored(_ values: [Double], _ batch: Minibatch, row: Int) -> [Double] {
    let count = batch.targetOrigins.count / batch.rows
    return values.enumerated().map { place, value in
      if let levels = batch.targetLevels {
        let cycle = levels.levels.count / batch.rows
        let source = row * cycle + place % cycle
        let scaled = scale?.restored(value, feature: place % targets) ?? value
        return levels.levels[source] + Double(levels.factors[source]) * scaled
      }
      let origin = count > 0 ? Double(batch.targetOrigins[row * count + place % count]) : 0
      return scale?.restored(value + origin, feature: place % targets) ?? value + origin
    }
  }

  /// Ground-truth values after a window's context, `[horizon × targets]`, scaled.
  func groundTruth(_ batch: Minibatch, row: Int) -> [Double] {
    guard case .values(let values) = batch.targets else { return [] }
    let start = isDirect ? row : batch.offsets[row] + context - 1
    return values.values[start * values.width..<start * values.width + horizon * targets].map { Double($0) }
  }

  /// A split with series.
  private struct Series {
    let split: Split
    let targets: SequenceReader
    let parts: [Range<Int>]
    /// Prefix of error messages.
    let place: String
    var steps: Int { parts[parts.count - 1].upperBound }
  }

  /// Forecasts a series of a split.
  ///
  /// - Parameters:
  ///   - horizon: Steps to forecast; nil for the horizon of training.
  ///   - origin: The first step to forecast, counted over all series; nil for the end of the split.
  ///   - levels: Levels of quantiles, ascending.
  ///   - seed: Random seed of sampled paths.
  /// - Throws: If the split has too few steps or cannot be read.
  package func forecast(
    _ dataset: DatasetFile, split: String, horizon: Int?, origin: Int?, levels: [Double], seed: UInt64,
    on executor: Executor
  ) throws(WeftError) -> SeriesForecast {
    let horizon = horizon ?? self.horizon
    guard horizon >= 1 else { throw .usage("horizon must be at least 1, not \(horizon)") }
    guard !isDirect || horizon <= self.horizon else {
      throw .usage(
        "horizon must be between 1 and \(self.horizon), which the model forecasts at once, not \(horizon)")
    }
    let series = try open(dataset, split: split)
    let origin = origin ?? series.steps
    let part = try part(of: series, origin: origin)
    var batch = try window(series, part, origin: origin, horizon: horizon)
    if let relative = series.split.relativeWindows(season: season) {
      batch.targetLevels = try relative.levels(starts: [origin - context])
    } else {
      if let season { batch.targetOrigins = try series.targets.season(season, before: origin) }
      batch.targetLevels = series.targets.seriesLevels(
        starts: [origin - context], origins: batch.targetOrigins)
    }
    var forecaster = windowForecaster(horizon: horizon, on: executor)
    forecaster.seed = seed
    let told = Forecaster.levels(loss, wanted: levels)
    let result = forecaster.forecast(batch, levels: told)[0]
    func restored(_ values: [Double]) -> [[Double]] {
      Array(byStep(self.restored(values, batch, row: 0)).prefix(horizon))
    }
    let end = min(origin + horizon, part.upperBound)
    return SeriesForecast(
      origin: origin, history: try unscaled(series, origin - context..<origin),
      median: restored(result.median), levels: told, quantiles: result.quantiles.map(restored),
      groundTruth: try unscaled(series, origin..<end))
  }

  /// Evenly spaced origins in a split, up to the last one, whose forecasts can be compared with the ground truth over the
  /// full horizon.
  ///
  /// - Throws: If the split cannot be read.
  package func origins(_ dataset: DatasetFile, split: String, count: Int) throws(WeftError) -> [Int] {
    let series = try dataset.openSplit(split).series ?? []
    let origins = series.flatMap { part in
      part.count < context + horizon ? [] : Array(part.lowerBound + context...part.upperBound - horizon)
    }
    let shown = min(count, origins.count)
    return (0..<shown).map { origins[($0 + 1) * origins.count / shown - 1] }
  }

  private func open(_ dataset: DatasetFile, split name: String) throws(WeftError) -> Series {
    let split = try dataset.openSplit(name)
    let place = "\(dataset.path): group /\(name)"
    guard let targets = split.targets, let parts = split.series, !parts.isEmpty else {
      throw .failure("\(place): is not a series")
    }
    return Series(split: split, targets: targets, parts: parts, place: place)
  }

  /// The series that contains an origin.
  private func part(of series: Series, origin: Int) throws(WeftError) -> Range<Int> {
    let parts = series.parts
    if let part = parts.first(where: { $0.lowerBound + context <= origin && origin <= $0.upperBound }) {
      return part
    }
    let steps = series.steps
    let reason =
      parts.count == 1
      ? "the group has \(steps), so --origin must be between \(context) and \(steps)"
      : "none of its \(parts.count) series has that many before step \(origin)"
    throw .usage(
      "\(series.place): a forecast needs \(context) preceding steps (data.context); \(reason)")
  }

  /// The window before `origin`; if forecasts are fed back, with the covariates of the following steps.
  private func window(
    _ series: Series, _ part: Range<Int>, origin: Int, horizon: Int
  ) throws(WeftError) -> Minibatch {
    let steps = isDirect ? context : context + horizon - 1
    if let covariates = series.split.covariates {
      let needed = origin + (isDirect ? series.split.stepsAhead : horizon)
      // Covariates of the last series may extend beyond its end.
      let known = part.upperBound == series.steps ? try covariates.steps() : part.upperBound
      guard known >= needed else {
        throw .failure(
          "\(series.place): covariates end at step \(known), but a forecast from step \(origin) needs"
            + " them up to \(needed); use an earlier --origin")
      }
    }
    var features = try series.split.windows.read(start: origin - context, inputSteps: context, steps: steps)
    try series.split.relativeWindows(season: nil)?.scaleInputs(
      &features, starts: [origin - context], steps: steps, known: context)
    return Minibatch(lengths: [steps], inputs: .features(features))
  }

  /// Values of the series in original units, `[steps][targets]`.
  private func unscaled(_ series: Series, _ steps: Range<Int>) throws(WeftError) -> [[Double]] {
    if steps.isEmpty { return [] }
    var raw = series.targets
    (raw.scale, raw.series) = (nil, nil)
    let values = try raw.read(first: steps.lowerBound, steps: steps.count).features?.values ?? []
    return byStep(values.map { Double($0) })
  }

  private func byStep(_ values: [Double]) -> [[Double]] {
    stride(from: 0, to: values.count, by: targets).map { Array(values[$0..<$0 + targets]) }
  }
}
