import WeftBase
import WeftTasks

extension TrainedModel {
  /// Forecasts a series of a split.
  ///
  /// - Parameters:
  ///   - horizon: Steps to forecast; nil for the horizon of training.
  ///   - split: Name of the split.
  ///   - file: Another file of the same layout, instead of the training dataset.
  ///   - series: The name of a series, or its number if the data name none; nil for the one that holds the origin.
  ///   - origin: The first step to forecast, counted over all series, or in the named one; nil for the end of the split
  ///     or series.
  ///   - levels: Levels of quantiles, ascending.
  ///   - seed: Random seed of sampled paths.
  /// - Throws: If the model does not forecast, or the split is too short.
  public func forecast(
    horizon: Int? = nil, split: String, file: String? = nil, series: String? = nil, origin: Int? = nil,
    levels: [Double] = [0.05, 0.1, 0.25, 0.75, 0.9, 0.95], seed: UInt64 = 1
  ) throws(WeftError) -> SeriesForecast {
    try forecaster.forecast(
      openDataset(split: split, file: file), split: split, series: series, horizon: horizon, origin: origin,
      levels: levels, seed: seed, on: executor)
  }

  /// Evenly spaced origins in a split, up to the last one, whose forecasts can be compared with the ground truth over
  /// the full horizon.
  ///
  /// - Throws: If the model does not forecast, or the split cannot be read.
  package func forecastOrigins(split: String, count: Int) throws(WeftError) -> [Int] {
    try forecaster.origins(openDataset(split: split, file: nil), split: split, count: count)
  }

  private var forecaster: SeriesForecaster {
    get throws(WeftError) {
      guard let forecaster = task.forecaster else {
        throw .model("\(path): is not a forecasting model (data.horizon)")
      }
      return forecaster
    }
  }
}
