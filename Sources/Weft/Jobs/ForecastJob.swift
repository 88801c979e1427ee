import KernelInterface

/// The next steps of a series, as numbers or as distributions: measured by the mean absolute error in the series' own
/// units, and by how often the truth lies in the middle interval.
package struct ForecastJob: Job {
  package let model: any TrainableModel
  package let loss: Loss
  let context: Int
  let horizon: Int
  let isDirect: Bool
  let season: Int?
  let scale: FeatureScale?

  package var metrics: [Metric] { [.meanAbsoluteError] + (intervalLevels.isEmpty ? [] : [.coverage]) }
  package var standardMetric: Metric { .meanAbsoluteError }

  /// - Throws: If the configuration asks for what the data cannot give.
  package init(
    _ configuration: Configuration, shape: ModelShape, traits: DataTraits, file: String
  ) throws(WeftError) {
    model = try SequenceModel(configuration.model, fitting: shape, file: file)
    loss = Loss(configuration.loss)
    context = configuration.data.context ?? 1
    horizon = configuration.data.horizon ?? 1
    isDirect = configuration.model.output != .everyStep
    season = configuration.data.season
    scale = traits.scaling.targets
  }

  /// Numbers that are forecast for each step.
  var targets: Int { model.shape.outputs / loss.outputsPerTarget / (isDirect ? horizon : 1) }

  /// The ends of the interval whose coverage is measured: the outer quantiles, or those with 80% between them.
  var intervalLevels: [Double] {
    switch loss.kind {
    case .gaussian, .student: [0.1, 0.9]
    case .quantile where loss.quantiles.count > 1:
      [Double(loss.quantiles[0]), Double(loss.quantiles[loss.quantiles.count - 1])]
    default: []
    }
  }

  func forecaster(_ data: DataParallel, horizon: Int? = nil) -> Forecaster {
    Forecaster(
      data: data, loss: loss, isDirect: isDirect, context: context, horizon: horizon ?? self.horizon,
      targets: targets)
  }

  /// Forecast numbers, or truths, of a window `[horizon × targets]` in the series' own units.
  func restored(_ values: [Double], _ batch: Minibatch, row: Int) -> [Double] {
    let count = batch.targetOrigins.count / batch.rows
    return values.enumerated().map { place, value in
      let origin = count > 0 ? Double(batch.targetOrigins[row * count + place % count]) : 0
      return scale?.restored(value + origin, feature: place % targets) ?? value + origin
    }
  }

  package func measure(
    _ source: any BatchSource, on data: DataParallel, carried: RecurrentState?, thoroughly: Bool
  ) throws(WeftError) -> Measurement {
    var total = DataParallel.Result()
    var errors = ForecastMetrics()
    var coverage = IntervalCoverage()
    let forecaster = forecaster(data)
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      total.add(data.evaluate(batch, loss: loss, initial: nil, final: nil))
      let results = forecaster.forecast(batch, levels: intervalLevels)
      for (row, result) in results.enumerated() {
        let truths = restored(Array(truths(batch, row: row)), batch, row: row)
        let median = restored(result.median, batch, row: row)
        let ends = result.quantiles.map { restored($0, batch, row: row) }
        for (place, truth) in truths.enumerated() {
          errors.add(median[place], truth: truth)
          if ends.count == 2 { coverage.add(truth, from: ends[0][place], to: ends[1][place]) }
        }
      }
    }
    var measured = [MeasuredMetric(.meanAbsoluteError, errors.meanAbsoluteError)]
    if !intervalLevels.isEmpty { measured.append(MeasuredMetric(.coverage, coverage.share)) }
    return Measurement(total, metrics: measured)
  }

  /// What followed a window's context, `[horizon × targets]`.
  private func truths(_ batch: Minibatch, row: Int) -> ArraySlice<Double> {
    guard case .values(let values, let width) = batch.targets else { return [] }
    let start = isDirect ? row * width : (batch.offsets[row] + context - 1) * width
    return values[start..<start + horizon * targets].map { Double($0) }[...]
  }
}

extension Metric {
  /// The mean magnitude of a forecast's error, in the series' own units.
  public static let meanAbsoluteError = Metric("mae", isHigherBetter: false)
  /// Share of the truths that lie between the outer quantiles forecast, or in the middle 80% of a distribution. Nearer
  /// to the nominal share is better; as a decisive metric, more.
  public static let coverage = Metric("coverage", isHigherBetter: true)
}
