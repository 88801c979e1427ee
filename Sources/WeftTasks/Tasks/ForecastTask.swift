import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftModels
import WeftParallel

extension TaskType {
  /// The next steps of a series.
  static let forecasting = TaskType(
    name: "forecasting", isWanted: { $0.model.kind == .sequence && $0.data.horizon != nil },
    make: { (configuration, data) throws(WeftError) in try ForecastTask(configuration, data) })
}

/// The next steps of a series, as numbers or as distributions: measured by the mean absolute error in the series' own
/// units, and by how often the truth lies in the middle interval.
package struct ForecastTask: TrainingTask {
  private let sequenceModel: SequenceModel
  package let loss: Loss
  private let series: SeriesForecaster

  package var model: any TrainableModel { sequenceModel }
  package var shape: ModelShape { sequenceModel.shape }
  package var metrics: [Metric] { [.meanAbsoluteError] + (intervalLevels.isEmpty ? [] : [.coverage]) }
  package var primaryMetric: Metric { .meanAbsoluteError }

  /// - Throws: If the configuration asks for what the data cannot give.
  init(_ configuration: Configuration, _ data: FittedData) throws(WeftError) {
    sequenceModel = try SequenceModel(configuration.model, fitting: data.shape, file: data.file)
    loss = Loss(configuration.loss)
    series = SeriesForecaster(
      sequenceModel, loss: loss, configuration.data, scale: data.traits.scaling.targets)
  }

  package var forecaster: SeriesForecaster? { series }
  package var anomalyScorer: (any AnomalyScorer)? {
    SurpriseScorer(
      sequenceModel, loss: loss, scaling: Scaling(targets: series.scale), isOneStepAhead: true)
  }

  /// The ends of the interval whose coverage is measured: the outer quantiles, or those with 80% between them.
  private var intervalLevels: [Double] { loss.kind.interval(loss) }

  package func measure(
    _ source: any BatchSource, carried: RecurrentState?, fullEvaluation: Bool, on executor: Executor
  ) throws(WeftError) -> Measurement {
    var total = PassResult()
    var errors = ForecastMetrics()
    var coverage = IntervalCoverage()
    let forecaster = series.windowForecaster(on: executor)
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      total.add(model.evaluate(batch, loss: loss, on: executor))
      let results = forecaster.forecast(batch, levels: intervalLevels)
      for (row, result) in results.enumerated() {
        let truths = series.restored(series.truths(batch, row: row), batch, row: row)
        let median = series.restored(result.median, batch, row: row)
        let ends = result.quantiles.map { series.restored($0, batch, row: row) }
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
}

extension Metric {
  /// The mean magnitude of a forecast's error, in the series' own units.
  public static let meanAbsoluteError = Metric("mae", higherIsBetter: false)
  /// Share of the truths that lie between the outer quantiles forecast, or in the middle 80% of a distribution. Nearer
  /// to the nominal share is better; as a decisive metric, more.
  public static let coverage = Metric("coverage", higherIsBetter: true)
}
