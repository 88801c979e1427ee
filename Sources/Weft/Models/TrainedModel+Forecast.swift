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

extension TrainedModel {
  /// Forecasts a series from what a split holds of it.
  ///
  /// - Parameters:
  ///   - horizon: Steps to forecast; nil for as many as the model was trained for.
  ///   - split: The group's name.
  ///   - file: Another file of the same layout in place of the configuration's.
  ///   - origin: The step to forecast first, counted through all series; nil for the one after the split's last.
  ///   - levels: Quantiles to tell, ascending.
  ///   - seed: Where the random numbers of sampled paths come from.
  /// - Throws: If the model is of another kind, or the split holds too little.
  public func forecast(
    horizon: Int? = nil, split: String, file: String? = nil, origin: Int? = nil,
    levels: [Double] = [0.05, 0.1, 0.25, 0.75, 0.9, 0.95], seed: UInt64 = 1
  ) throws(WeftError) -> SeriesForecast {
    guard let job = job as? ForecastJob else {
      throw .failure("\(path): was not trained to forecast (data.horizon)")
    }
    let horizon = horizon ?? job.horizon
    guard horizon >= 1 else { throw .usage("horizon must be at least 1, not \(horizon)") }
    guard !job.isDirect || horizon <= job.horizon else {
      throw .usage(
        "horizon must be between 1 and \(job.horizon), which the model forecasts at once, not \(horizon)")
    }
    let dataset = try openDataset(split: split, file: file)
    let series = try dataset.openSplit(split)
    guard let targets = series.targets, let parts = series.series, let steps = parts.last?.upperBound else {
      throw .failure("\(dataset.path): group /\(split): is no series to forecast")
    }
    let origin = origin ?? steps
    guard let part = parts.first(where: { $0.lowerBound + job.context <= origin && origin <= $0.upperBound })
    else {
      let reason =
        parts.count == 1
        ? "there are \(steps) in all; the first step forecast must be between \(job.context) and \(steps)"
        : "none of its \(parts.count) series has as many before step \(origin)"
      throw .usage(
        "\(dataset.path): group /\(split): a forecast needs \(job.context) steps before its first (data.context), and"
          + " " + reason)
    }
    var batch = try window(
      series, part, job, origin: origin, horizon: horizon, file: dataset.path, split: split)
    if let season = job.season {
      batch.targetOrigins = try WindowBatches.origins(of: targets, before: origin, season: season)
    }
    var forecaster = job.forecaster(data, horizon: job.isDirect ? nil : horizon)
    forecaster.seed = seed
    let told = Forecaster.levels(job.loss, wanted: levels)
    let result = forecaster.forecast(batch, levels: told)[0]
    func byStep(_ values: [Double]) -> [[Double]] {
      stride(from: 0, to: values.count, by: job.targets).map { Array(values[$0..<$0 + job.targets]) }
    }
    func restored(_ values: [Double]) -> [[Double]] { byStep(job.restored(values, batch, row: 0)) }
    var raw = targets
    raw.scale = nil
    func read(_ range: Range<Int>) throws(WeftError) -> [[Double]] {
      if range.isEmpty { return [] }
      guard case .features(let values, _) = try raw.read(first: range.lowerBound, steps: range.count) else {
        return []
      }
      return byStep(values.map { Double($0) })
    }
    return SeriesForecast(
      origin: origin, history: try read(origin - job.context..<origin),
      median: Array(restored(result.median).prefix(horizon)), levels: told,
      quantiles: result.quantiles.map { Array(restored($0).prefix(horizon)) },
      truth: try read(origin..<min(origin + horizon, part.upperBound)))
  }

  /// Steps of a split from which all steps that the model was trained to forecast can be compared with what came, evenly
  /// spread up to the last of them.
  ///
  /// - Throws: If the model is of another kind, or the split cannot be read.
  package func forecastOrigins(split: String, count: Int) throws(WeftError) -> [Int] {
    guard let job = job as? ForecastJob else {
      throw .failure("\(path): was not trained to forecast (data.horizon)")
    }
    let series = try openDataset(split: split, file: nil).openSplit(split).series ?? []
    let origins = series.flatMap { part in
      part.count < job.context + job.horizon
        ? [] : Array(part.lowerBound + job.context...part.upperBound - job.horizon)
    }
    let shown = min(count, origins.count)
    return (0..<shown).map { origins[($0 + 1) * origins.count / shown - 1] }
  }

  /// The window before `origin`; where forecasts are fed back, with the covariates of the steps after it.
  private func window(
    _ series: Split, _ part: Range<Int>, _ job: ForecastJob, origin: Int, horizon: Int, file: String,
    split: String
  ) throws(WeftError) -> Minibatch {
    let first = origin - job.context
    var (values, width): ([Float], Int)
    if let covariates = series.covariates {
      let needed = origin + (job.isDirect ? 1 : horizon)
      // Those of the last series may go on where it ends.
      let known =
        part.upperBound == series.series?.last?.upperBound ? try covariates.steps() : part.upperBound
      guard known >= needed else {
        throw .failure(
          "\(file): group /\(split): the covariates end after \(known) steps, and a forecast from step \(origin) needs"
            + " them up to \(needed); forecast from an earlier step with --origin")
      }
      (values, width) = try WindowBatches.window(
        first: first, steps: job.context, inputs: series.inputs, covariates: covariates)
      if !job.isDirect, horizon > 1 {
        guard
          case .features(let later, let count) = try covariates.read(first: origin + 1, steps: horizon - 1)
        else { preconditionFailure("covariates are numbers") }
        let blank = [Float](repeating: 0, count: width - count)
        for step in 0..<horizon - 1 { values += blank + later[step * count..<(step + 1) * count] }
      }
    } else {
      (values, width) = try WindowBatches.window(
        first: first, steps: job.context, inputs: series.inputs, covariates: nil)
      if !job.isDirect { values += [Float](repeating: 0, count: (horizon - 1) * width) }
    }
    return Minibatch(
      lengths: [values.count / width], inputs: .features(values, width: width), targets: nil)
  }
}

extension InputReader {
  /// Steps of the shortest of the datasets.
  func steps() throws(WeftError) -> Int {
    var least = Int.max
    for part in parts {
      do { least = min(least, try part.dataset.shape[0]) } catch { throw WeftError(error) }
    }
    return least
  }
}
