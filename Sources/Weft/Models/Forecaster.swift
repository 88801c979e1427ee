import WeftBase
import WeftTasks
import WeftTraining

/// Forecasts series.
public struct Forecaster: AppliedModel {
  /// The model.
  public let model: TrainedModel

  /// - Throws: If the model does not forecast.
  public init(_ model: TrainedModel) throws(WeftError) {
    self.model = model
    try require(model.task.forecaster != nil, "does not forecast", "data.horizon")
  }

  /// Forecasts the steps after a series in memory, in its units.
  ///
  /// - Parameters:
  ///   - series: `[steps × features]`, at least as many steps as the context; the inputs of training.
  ///   - features: Features of each step.
  ///   - horizon: Steps to forecast; nil for those of training.
  ///   - levels: Levels of the quantiles to forecast, if the model predicts a distribution.
  ///   - seed: Seed of the samples of forecasts that are fed back.
  /// - Throws: If the model has covariates, or the series is not like those of training.
  public func forecast(
    after series: [Float], features: Int = 1, horizon: Int? = nil,
    levels: [Double] = [0.05, 0.1, 0.25, 0.75, 0.9, 0.95], seed: UInt64 = 1
  ) throws(WeftError) -> SeriesForecast {
    let data = try Dataset(sequences: [series], features: features)
    return try data.withFile { path throws(WeftError) in
      try model.forecast(
        horizon: horizon, split: Dataset.split, file: path, levels: levels, seed: seed)
    }
  }

  /// Forecasts the steps after an origin in a split of a file.
  ///
  /// - Parameters:
  ///   - split: Name of the split.
  ///   - file: An HDF5 file; nil for that of training.
  ///   - origin: The first step to forecast; nil for the end of the series.
  ///   - horizon: Steps to forecast; nil for those of training.
  ///   - levels: Levels of the quantiles to forecast, if the model predicts a distribution.
  ///   - seed: Seed of the samples of forecasts that are fed back.
  /// - Throws: If the split cannot be read, or has too few steps before the origin.
  public func forecast(
    split: String, file: String? = nil, origin: Int? = nil, horizon: Int? = nil,
    levels: [Double] = [0.05, 0.1, 0.25, 0.75, 0.9, 0.95], seed: UInt64 = 1
  ) throws(WeftError) -> SeriesForecast {
    try model.forecast(
      horizon: horizon, split: split, file: file, origin: origin, levels: levels, seed: seed)
  }
}
