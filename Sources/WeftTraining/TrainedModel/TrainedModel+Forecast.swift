import WeftBase
import WeftTasks

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
    try forecaster.forecast(
      openDataset(split: split, file: file), split: split, horizon: horizon, origin: origin, levels: levels,
      seed: seed, on: executor)
  }

  /// Steps of a split from which all steps that the model was trained to forecast can be compared with what came, evenly
  /// spread up to the last of them.
  ///
  /// - Throws: If the model is of another kind, or the split cannot be read.
  package func forecastOrigins(split: String, count: Int) throws(WeftError) -> [Int] {
    try forecaster.origins(openDataset(split: split, file: nil), split: split, count: count)
  }

  private var forecaster: SeriesForecaster {
    get throws(WeftError) {
      guard let forecaster = task.forecaster else {
        throw .failure("\(path): was not trained to forecast (data.horizon)")
      }
      return forecaster
    }
  }
}
