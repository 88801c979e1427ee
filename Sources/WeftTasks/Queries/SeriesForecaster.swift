import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftModels
import WeftParallel

/// A forecast of a series, in its original units.
public struct SeriesForecast: Sendable, Equatable {
  /// The first forecast step, counted over all series of the split, or in the one that was named.
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
  /// The name of the series; nil if the data name none.
  public var name: String?
  /// The names of the targets; empty if the data name none.
  public var targets: [String] = []
  /// The time of each forecast step as the data have it: seconds since 1970, or a number. Beyond the data it is as far
  /// from the one before as those usually are, NaN where that differs. Empty for data without times.
  public var times: [Double] = []
  /// The same as text: ISO 8601 in the time zone of the data, empty for NaN.
  public var timeTexts: [String] = []
}

/// Forecasts series in their original units.
package struct SeriesForecaster: Sendable {
  private let model: SequenceModel
  private let loss: Loss
  /// Steps of history that a forecast is computed from.
  package let contexts: ContextSteps
  /// Forecast steps in training.
  package let horizon: Int
  /// Whether all steps are forecast at once, rather than fed back.
  package let isDirect: Bool
  private let season: Int?
  let scale: FeatureScale?
  /// The columns of the inputs that are the targets; nil if some target is no input.
  private let columns: [Int]?
  /// Standard deviations by which the inputs are divided; nil for none.
  private let inputDeviations: [Float]?

  init(_ model: SequenceModel, loss: Loss, _ data: DataConfiguration, _ traits: DataTraits) {
    self.model = model
    self.loss = loss
    scale = traits.scaling.targets
    inputDeviations = traits.scaling.inputs?.standardDeviations
    contexts = ContextSteps(data)
    horizon = data.horizon ?? 1
    isDirect = !model.hasOutputPerStep
    season = data.season
    let width = model.shape.outputs / loss.outputsPerTarget / (isDirect ? horizon : 1)
    columns = Self.columns(width, data, traits, inputs: model.shape.inputSize)
  }

  /// The columns of the inputs that are targets, by their names or, without names, by their number.
  private static func columns(
    _ width: Int, _ data: DataConfiguration, _ traits: DataTraits, inputs: Int
  ) -> [Int]? {
    guard data.targets == nil || data.inputs.first == data.targets else { return nil }
    let names = traits.valueNames(width: width)
    guard names.isEmpty else {
      let found = names.compactMap { name in traits.features.firstIndex { $0.name == name } }
      return found.count == width ? found : nil
    }
    guard traits.targetNames.isEmpty, traits.features.isEmpty else { return nil }
    // A single dataset that is forecast as a whole has as many columns.
    let isAlone =
      data.inputs.count <= 1 && data.staticInputs.isEmpty && data.covariates.isEmpty
      && data.missingInputs != .mask
    if isAlone, inputs != width { return nil }
    return Array(0..<width)
  }

  /// Whether all targets are inputs.
  var readsTargets: Bool { columns != nil }

  /// Values per forecast step.
  var targets: Int { model.shape.outputs / loss.outputsPerTarget / (isDirect ? horizon : 1) }

  /// A forecaster for windows as in training.
  ///
  /// - Parameter horizon: Steps to forecast, if forecasts are fed back; nil for the horizon of training.
  func windowForecaster(horizon: Int? = nil, on executor: Executor) -> Forecaster {
    Forecaster(
      model: model, executor: executor, loss: loss, isDirect: isDirect, context: contexts.most,
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
    let start = isDirect ? row : batch.offsets[row] + contexts.most - 1
    return values.values[start * values.width..<start * values.width + horizon * targets].map { Double($0) }
  }

  /// The size in original units of one scaled unit of a forecast.
  func unit(_ batch: Minibatch, row: Int, place: Int) -> Double {
    let own = restoredStep(1, batch, row: row, place: place) - restoredStep(0, batch, row: row, place: place)
    return abs(own)
  }

  private func restoredStep(_ value: Double, _ batch: Minibatch, row: Int, place: Int) -> Double {
    var values = [Double](repeating: 0, count: place + 1)
    values[place] = value
    return restored(values, batch, row: row)[place]
  }

  /// Counts the errors of a window's forecast relative to the differences in its context, for targets that are inputs.
  ///
  /// - Parameter median: The forecast and the ground truth, `[horizon × targets]`, in original units.
  func add(
    _ median: [Double], _ groundTruth: [Double], _ batch: Minibatch, row: Int,
    to metrics: inout ScaledForecastMetrics
  ) {
    let history = history(batch, row: row)
    for target in 0..<targets {
      let own = stride(from: target, to: median.count, by: targets)
      metrics.add(
        own.map { median[$0] }, groundTruth: own.map { groundTruth[$0] },
        context: history.map { $0[target] }, season: season ?? 1)
    }
  }

  /// The targets' values in a window's context, up to a shift and in original units; empty if some target is no
  /// input.
  private func history(_ batch: Minibatch, row: Int) -> [[Double]] {
    guard case .features(let features) = batch.inputs, let columns else { return [] }
    // A scaled unit of the inputs may differ from one of the targets, which are counts or differences.
    let units = (0..<targets).map { target in
      let (own, other) = (inputDeviations?[columns[target]] ?? 1, scale?.standardDeviations[target] ?? 1)
      return unit(batch, row: row, place: target) * Double(own) / Double(other)
    }
    return (0..<(isDirect ? batch.lengths[row] : contexts.most)).map { step in
      let own = features[batch.offsets[row] + step]
      return (0..<targets).map { Double(own[own.startIndex + columns[$0]]) * units[$0] }
    }
  }

  /// A split with series.
  struct Series {
    let split: Split
    let targets: SequenceReader
    let parts: [Range<Int>]
    /// Prefix of error messages.
    let place: String
    var steps: Int { parts[parts.count - 1].upperBound }

    /// The number of the series that a context is of.
    func number(of context: Range<Int>) -> Int {
      var (low, high) = (0, parts.count)
      while high - low > 1 {
        let middle = (low + high) / 2
        if parts[middle].lowerBound <= context.lowerBound { low = middle } else { high = middle }
      }
      return low
    }

    /// The steps of a series by its name, or by its number if the data name none.
    ///
    /// - Throws: If there is no such series.
    func part(named name: String) throws(WeftError) -> Range<Int> {
      if let names = split.names {
        if let number = names.firstIndex(of: name) { return parts[number] }
        let shown = names.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
        let near =
          name.nearest(among: names).map { "; did you mean '\($0)'?" }
          ?? "; its series are \(shown)" + (names.count > 5 ? " and \(names.count - 5) more" : "")
        throw .usage("\(place): has no series '\(name)'\(near)")
      }
      guard let number = Int(name), parts.indices.contains(number) else {
        throw .usage("\(place): has no series '\(name)'; its series are 0 to \(parts.count - 1)")
      }
      return parts[number]
    }
  }

  /// Forecasts a series of a split.
  ///
  /// - Parameters:
  ///   - horizon: Steps to forecast; nil for the horizon of training.
  ///   - name: The name of the series, or its number if the data name none; nil for the one that holds the origin.
  ///   - origin: The first step to forecast, counted over all series, or in the named one; nil for the end of the split
  ///     or series.
  ///   - levels: Levels of quantiles, ascending.
  ///   - seed: Random seed of sampled paths.
  /// - Throws: If the split has too few steps or cannot be read.
  package func forecast(
    _ dataset: DatasetFile, split: String, series name: String? = nil, horizon: Int?, origin: Int?,
    levels: [Double], seed: UInt64, on executor: Executor
  ) throws(WeftError) -> SeriesForecast {
    let horizon = horizon ?? self.horizon
    guard horizon >= 1 else { throw .usage("horizon must be at least 1, not \(horizon)") }
    guard !isDirect || horizon <= self.horizon else {
      throw .usage(
        "horizon must be between 1 and \(self.horizon), which the model forecasts at once, not \(horizon)")
    }
    let series = try open(dataset, split: split)
    let named = try name.map { name throws(WeftError) in try series.part(named: name) }
    let start = named?.lowerBound ?? 0
    let origin = origin.map { start + $0 } ?? named?.upperBound ?? series.steps
    if let named, let name, !(named.lowerBound + contexts.least...named.upperBound).contains(origin) {
      let reason =
        named.count < contexts.least
        ? "it is too short" : "--origin must be between \(contexts.least) and \(named.count)"
      throw .usage(
        "\(series.place): a forecast needs \(contexts.least) preceding steps (\(contexts.key)); the series '\(name)' has"
          + " \(named.count), so \(reason)")
    }
    let part = if let named { named } else { try part(of: series, origin: origin) }
    try checkCovariates(series, part, origin: origin, horizon: horizon)
    let told = self.levels(levels)
    let context = contexts.steps(before: origin, from: part.lowerBound)
    let forecast = try forecasts(
      series, contexts: [context], horizon: horizon, levels: told, seed: seed, on: executor)[0]
    let end = min(origin + horizon, part.upperBound)
    var result = SeriesForecast(
      origin: origin - start, history: try unscaled(series, context), median: forecast.median,
      levels: told, quantiles: forecast.quantiles, groundTruth: try unscaled(series, origin..<end))
    let number = series.number(of: part)
    result.name = series.split.names.map { $0[number] }
    result.targets = try targetNames(of: series)
    if let times = try dataset.times(split: split) {
      result.times = try times.times(ofSeries: number, part, origin..<origin + horizon)
      result.timeTexts = result.times.map(times.style.text)
    }
    return result
  }

  /// The names of the targets; empty if the data name none.
  func targetNames(of series: Series) throws(WeftError) -> [String] {
    let names = try series.targets.featureNames()
    return names.count == targets ? names : []
  }

  /// The requested levels of quantiles that the model can predict; none for a point forecast.
  func levels(_ wanted: [Double]) -> [Double] { Forecaster.levels(loss, wanted: wanted) }

  /// Forecasts after several contexts, in original units: medians `[contexts][horizon][targets]` and quantiles
  /// `[contexts][levels][horizon][targets]`.
  ///
  /// - Parameter contexts: Steps of the contexts, with known covariates after them.
  func forecasts(
    _ series: Series, contexts: [Range<Int>], horizon: Int, levels: [Double], seed: UInt64,
    on executor: Executor
  ) throws(WeftError) -> [(median: [[Double]], quantiles: [[[Double]]])] {
    // Rows of a minibatch are ordered by length.
    let order = contexts.longestFirst(\.count)
    let sorted = order.map { contexts[$0] }
    var batch = try windows(series, contexts: sorted, horizon: horizon)
    if let relative = series.split.relativeWindows(season: season) {
      batch.targetLevels = try relative.levels(sorted)
    } else {
      if let season {
        for context in sorted {
          batch.targetOrigins += try series.targets.season(season, before: context.upperBound)
        }
      }
      batch.targetLevels = series.targets.seriesLevels(
        starts: sorted.map(\.lowerBound), origins: batch.targetOrigins)
    }
    var forecaster = windowForecaster(horizon: horizon, on: executor)
    forecaster.seed = seed
    let results = forecaster.forecast(batch, levels: levels).enumerated().map { row, result in
      func restored(_ values: [Double]) -> [[Double]] {
        Array(byStep(self.restored(values, batch, row: row)).prefix(horizon))
      }
      return (median: restored(result.median), quantiles: result.quantiles.map(restored))
    }
    var found = results
    for (row, place) in order.enumerated() { found[place] = results[row] }
    return found
  }

  /// Evenly spaced origins in a split, up to the last one, whose forecasts can be compared with the ground truth over the
  /// full horizon.
  ///
  /// - Throws: If the split cannot be read.
  package func origins(_ dataset: DatasetFile, split: String, count: Int) throws(WeftError) -> [Int] {
    let series = try dataset.openSplit(split).series ?? []
    let origins = series.flatMap { part in
      part.count < contexts.least + horizon
        ? [] : Array(part.lowerBound + contexts.least...part.upperBound - horizon)
    }
    let shown = min(count, origins.count)
    return (0..<shown).map { origins[($0 + 1) * origins.count / shown - 1] }
  }

  func open(_ dataset: DatasetFile, split name: String) throws(WeftError) -> Series {
    let split = try dataset.openSplit(name)
    let place = "\(dataset.path): group /\(name)"
    guard let targets = split.targets, let parts = split.series, !parts.isEmpty else {
      throw .data("\(place): is not a series")
    }
    return Series(split: split, targets: targets, parts: parts, place: place)
  }

  /// The series that contains an origin.
  private func part(of series: Series, origin: Int) throws(WeftError) -> Range<Int> {
    let parts = series.parts
    if let part = parts.first(where: { $0.lowerBound + contexts.least <= origin && origin <= $0.upperBound })
    {
      return part
    }
    let steps = series.steps
    let reason =
      parts.count == 1
      ? "the group has \(steps), so --origin must be between \(contexts.least) and \(steps)"
      : "none of its \(parts.count) series has that many before step \(origin)"
    throw .usage(
      "\(series.place): a forecast needs \(contexts.least) preceding steps (\(contexts.key)); \(reason)"
    )
  }

  /// The end of the covariates of a series of a split, and how many steps after an origin a forecast reads; nil without
  /// covariates.
  func covariates(
    _ series: Series, _ part: Range<Int>, horizon: Int
  ) throws(WeftError) -> (end: Int, ahead: Int)? {
    guard let covariates = series.split.covariates else { return nil }
    let future = series.split.future?.count(of: series.number(of: part)) ?? 0
    // Covariates of the last series may extend beyond its end.
    let end = part.upperBound == series.steps ? try covariates.steps() : part.upperBound
    return (max(end, part.upperBound + future), isDirect ? series.split.stepsAhead : horizon)
  }

  private func checkCovariates(
    _ series: Series, _ part: Range<Int>, origin: Int, horizon: Int
  ) throws(WeftError) {
    guard let (end, ahead) = try covariates(series, part, horizon: horizon), end < origin + ahead else {
      return
    }
    throw .model(
      "\(series.place): covariates end at step \(end), but a forecast from step \(origin) needs them up to"
        + " \(origin + ahead); use an earlier --origin, or end the table with rows of covariates alone, which weft data"
        + " table keeps")
  }

  /// The windows of some contexts; if forecasts are fed back, with the covariates of the following steps.
  private func windows(
    _ series: Series, contexts: [Range<Int>], horizon: Int
  ) throws(WeftError) -> Minibatch {
    let following = isDirect ? 0 : horizon - 1
    var values: [Float] = []
    for context in contexts {
      let number = series.number(of: context)
      values += try series.split.windows.read(
        context: context, following: following, of: (number, series.parts[number])
      ).values
    }
    var features = FeatureArray(values, width: series.split.windows.width)
    try series.split.relativeWindows(season: nil)?.scaleInputs(
      &features, contexts: contexts, following: following, known: 0)
    return Minibatch(lengths: contexts.map { $0.count + following }, inputs: .features(features))
  }

  /// Values of the series in original units, `[steps][targets]`.
  func unscaled(_ series: Series, _ steps: Range<Int>) throws(WeftError) -> [[Double]] {
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
