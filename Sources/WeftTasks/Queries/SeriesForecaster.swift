import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftParallel

/// The next steps of a series, in its own units.
public struct SeriesForecast: Sendable, Equatable {
  /// Step of the split that the first forecast number is for.
  public let origin: Int
  /// What came before, `[context][targets]`.
  public let history: [[Double]]
  /// The middle forecast, `[horizon][targets]`.
  public let median: [[Double]]
  /// Levels of the quantiles that follow, ascending; none of a model of points.
  public let levels: [Double]
  /// `[levels][horizon][targets]`.
  public let quantiles: [[[Double]]]
  /// What really came, as far as the split goes, `[at most horizon][targets]`; NaN where missing.
  public let truth: [[Double]]
}

/// Forecasts series in their own units.
package struct SeriesForecaster: Sendable {
  private let model: SequenceModel
  private let loss: Loss
  /// Steps that a forecast looks back on.
  package let context: Int
  /// Steps that the model was trained to forecast.
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
    isDirect = model.outputSteps != .everyStep
    season = data.season
  }

  /// Numbers that are forecast for each step.
  private var targets: Int { model.shape.outputs / loss.outputsPerTarget / (isDirect ? horizon : 1) }

  /// Forecasts windows as the model was trained on.
  ///
  /// - Parameter horizon: Steps to forecast where forecasts are fed back; nil for as many as in training.
  func windowForecaster(horizon: Int? = nil, on executor: Executor) -> Forecaster {
    Forecaster(
      model: model, executor: executor, loss: loss, isDirect: isDirect, context: context,
      horizon: isDirect ? self.horizon : horizon ?? self.horizon, targets: targets)
  }

  /// Forecast numbers, or truths, of a window `[horizon × targets]` in the series' own units.
  func restored(_ values: [Double], _ batch: Minibatch, row: Int) -> [Double] {
    let count = batch.targetOrigins.count / batch.rows
    return values.enumerated().map { place, value in
      let origin = count > 0 ? Double(batch.targetOrigins[row * count + place % count]) : 0
      return scale?.restored(value + origin, feature: place % targets) ?? value + origin
    }
  }

  /// What followed a window's context, `[horizon × targets]`.
  func truths(_ batch: Minibatch, row: Int) -> [Double] {
    guard case .values(let values) = batch.targets else { return [] }
    let start = isDirect ? row : batch.offsets[row] + context - 1
    return values.values[start * values.width..<start * values.width + horizon * targets].map { Double($0) }
  }

  /// A split whose series are forecast.
  private struct Series {
    let split: Split
    let targets: SequenceReader
    let parts: [Range<Int>]
    /// What errors about it begin with.
    let place: String
    var steps: Int { parts[parts.count - 1].upperBound }
  }

  /// Forecasts a series from what a split holds of it.
  ///
  /// - Parameters:
  ///   - horizon: Steps to forecast; nil for as many as the model was trained for.
  ///   - origin: The step to forecast first, counted through all series; nil for the one after the split's last.
  ///   - levels: Quantiles to tell, ascending.
  ///   - seed: Where the random numbers of sampled paths come from.
  /// - Throws: If the split holds too little or cannot be read.
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
    if let season { batch.targetOrigins = try series.targets.season(season, before: origin) }
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
      truth: try unscaled(series, origin..<end))
  }

  /// Steps of a split from which all steps that the model was trained to forecast can be compared with what came, evenly
  /// spread up to the last of them.
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
      throw .failure("\(place): is no series to forecast")
    }
    return Series(split: split, targets: targets, parts: parts, place: place)
  }

  /// The series that an origin is in.
  private func part(of series: Series, origin: Int) throws(WeftError) -> Range<Int> {
    let parts = series.parts
    if let part = parts.first(where: { $0.lowerBound + context <= origin && origin <= $0.upperBound }) {
      return part
    }
    let steps = series.steps
    let reason =
      parts.count == 1
      ? "there are \(steps) in all; the first step forecast must be between \(context) and \(steps)"
      : "none of its \(parts.count) series has as many before step \(origin)"
    throw .usage(
      "\(series.place): a forecast needs \(context) steps before its first (data.context), and \(reason)")
  }

  /// The window before `origin`; where forecasts are fed back, with the covariates of the steps after it.
  private func window(
    _ series: Series, _ part: Range<Int>, origin: Int, horizon: Int
  ) throws(WeftError) -> Minibatch {
    let steps = isDirect ? context : context + horizon - 1
    if let covariates = series.split.covariates {
      let needed = origin + (isDirect ? 1 : horizon)
      // Those of the last series may go on where it ends.
      let known = part.upperBound == series.steps ? try covariates.steps() : part.upperBound
      guard known >= needed else {
        throw .failure(
          "\(series.place): the covariates end after \(known) steps, and a forecast from step \(origin) needs"
            + " them up to \(needed); forecast from an earlier step with --origin")
      }
    }
    let features = try series.split.windows.read(start: origin - context, inputSteps: context, steps: steps)
    return Minibatch(lengths: [steps], inputs: .features(features))
  }

  /// Numbers of the series as the file holds them, `[steps][targets]`.
  private func unscaled(_ series: Series, _ steps: Range<Int>) throws(WeftError) -> [[Double]] {
    if steps.isEmpty { return [] }
    var raw = series.targets
    raw.scale = nil
    let values = try raw.read(first: steps.lowerBound, steps: steps.count).features?.values ?? []
    return byStep(values.map { Double($0) })
  }

  private func byStep(_ values: [Double]) -> [[Double]] {
    stride(from: 0, to: values.count, by: targets).map { Array(values[$0..<$0 + targets]) }
  }
}
