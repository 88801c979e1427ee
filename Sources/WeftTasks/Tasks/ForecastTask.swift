import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftModels
import WeftParallel

extension TaskType {
  /// Forecasting of series.
  static let forecasting = TaskType(
    name: "forecasting", isWanted: { $0.model.kind == .sequence && $0.data.horizon != nil },
    make: { (configuration, data) throws(WeftError) in try ForecastTask(configuration, data) })
}

/// Forecasting of series, by points or distributions; evaluated by mean absolute error in original units and interval
/// coverage.
package struct ForecastTask: TrainingTask {
  private let sequenceModel: SequenceModel
  package let loss: Loss
  private let series: SeriesForecaster
  /// Whether values are scaled by each window's context, so that a whole stream cannot be read at once.
  private let isRelative: Bool
  /// Names of the targets; empty without names.
  private let valueNames: [String]

  package var model: any TrainableModel { sequenceModel }
  package var shape: ModelShape { sequenceModel.shape }
  package var metrics: [Metric] {
    [.meanAbsoluteError, .rootMeanSquaredError] + (series.readsTargets ? [.scaledError] : [])
      + [.symmetricPercentageError]
      + (loss.kind.predictsDistribution ? [.rankedProbabilityScore] : [])
      + (intervalLevels.isEmpty ? [] : [.coverage])
  }
  package var primaryMetric: Metric { .meanAbsoluteError }

  /// - Throws: If the configuration does not fit the data.
  init(_ configuration: Configuration, _ data: FittedData) throws(WeftError) {
    sequenceModel = try SequenceModel(configuration.model, fitting: data.shape, file: data.file)
    loss = Loss(configuration.loss)
    isRelative = configuration.data.scalesWindows
    valueNames = data.traits.valueNames(width: data.shape.outputs / loss.outputsPerTarget)
    series = SeriesForecaster(
      sequenceModel, loss: loss, configuration.data, data.traits)
  }

  package var forecaster: SeriesForecaster? { series }
  package var anomalyScorer: (any AnomalyScorer)? {
    if isRelative { return nil }
    return SurpriseScorer(
      sequenceModel, loss: loss, scaling: Scaling(targets: series.scale), isOneStepAhead: true)
  }

  /// Ends of the interval whose coverage is measured: the outer quantiles, or the central 80%.
  private var intervalLevels: [Double] { loss.kind.interval(loss) }

  package func predictor(_ output: PredictionOutput, _ configuration: Configuration) -> (any Predictor)? {
    switch output {
    case .predictions, .future:
      ForecastPredictor(
        forecaster: series, levels: series.levels(loss.reportedLevels),
        spacing: output == .future ? nil : configuration.data.evaluationStride ?? series.horizon,
        batch: configuration.training.batch)
    case .scores:
      anomalyScorer.map { ScorePredictor(scorer: $0, width: series.targets, valueNames: valueNames) }
    case .states: nil
    }
  }

  package func stepPredictor(_ configuration: Configuration) -> SequencePredictor? {
    if isRelative || series.isDirect { return nil }
    return SequencePredictor(
      model: sequenceModel, loss: loss, configuration: configuration, classes: valueNames, scale: series.scale
    )
  }

  package func measure(
    _ source: any BatchSource, carried: RecurrentState?, fullEvaluation: Bool, on executor: Executor
  ) throws(WeftError) -> Measurement {
    var total = PassResult()
    var errors = ForecastMetrics()
    var scaled = ScaledForecastMetrics()
    var scores = (sum: 0.0, count: 0)
    var coverage = IntervalCoverage()
    let forecaster = series.windowForecaster(on: executor)
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      total.add(model.evaluate(batch, loss: loss, on: executor))
      let results = forecaster.forecast(batch, levels: intervalLevels)
      for (row, result) in results.enumerated() {
        let groundTruth = series.restored(series.groundTruth(batch, row: row), batch, row: row)
        let median = series.restored(result.median, batch, row: row)
        let ends = result.quantiles.map { series.restored($0, batch, row: row) }
        series.add(median, groundTruth, batch, row: row, to: &scaled)
        for (place, distribution) in result.distributions.enumerated() {
          let wanted = series.groundTruth(batch, row: row)[place]
          if wanted.isNaN { continue }
          scores.sum +=
            distribution.rankedProbabilityScore(wanted) * series.unit(batch, row: row, place: place)
          scores.count += 1
        }
        for (place, value) in groundTruth.enumerated() {
          errors.add(median[place], groundTruth: value)
          if ends.count == 2 { coverage.add(value, from: ends[0][place], to: ends[1][place]) }
        }
      }
    }
    var measured = [
      MeasuredMetric(.meanAbsoluteError, errors.meanAbsoluteError),
      MeasuredMetric(.rootMeanSquaredError, errors.rootMeanSquaredError),
      MeasuredMetric(.symmetricPercentageError, scaled.symmetricPercentageError),
    ]
    // Without the series among the inputs there is nothing to compare its context with.
    if series.readsTargets { measured.insert(MeasuredMetric(.scaledError, scaled.scaledError), at: 2) }
    if scores.count > 0 {
      measured.append(MeasuredMetric(.rankedProbabilityScore, scores.sum / Double(scores.count)))
    }
    if !intervalLevels.isEmpty { measured.append(MeasuredMetric(.coverage, coverage.share)) }
    return Measurement(total, metrics: measured)
  }
}
