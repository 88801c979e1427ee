/// Errors of point forecasts. Ground-truth values of NaN are missing and ignored.
public struct ForecastMetrics: Sendable, Equatable {
  /// Mean absolute error; NaN without forecasts.
  public var meanAbsoluteError: Double { absolute / Double(count) }
  /// Root mean squared error; NaN without forecasts.
  public var rootMeanSquaredError: Double { (squared / Double(count)).squareRoot() }
  /// Number of values.
  public private(set) var count = 0
  private var absolute = 0.0
  private var squared = 0.0

  /// Errors without forecasts.
  public init() {}

  /// The errors of forecasts.
  public init(_ forecasts: some Sequence<Double>, groundTruth: some Sequence<Double>) {
    for (forecast, value) in zip(forecasts, groundTruth) { add(forecast, groundTruth: value) }
  }

  /// Counts one forecast.
  public mutating func add(_ forecast: Double, groundTruth: Double) {
    guard !groundTruth.isNaN else { return }
    count += 1
    absolute += abs(forecast - groundTruth)
    squared += (forecast - groundTruth) * (forecast - groundTruth)
  }

  /// Mean absolute scaled error (Hyndman & Koehler 2006): the mean absolute error divided by that of the seasonal naive
  /// forecast on the training series; below 1 is better than naive.
  ///
  /// - Parameters:
  ///   - training: The training series, longer than the season.
  ///   - season: Season length; 1 for none.
  public func scaledError(training: [Double], season: Int) -> Double {
    precondition(season >= 1 && training.count > season)
    let naive = ForecastMetrics(training.dropLast(season), groundTruth: training.dropFirst(season))
    return meanAbsoluteError / naive.meanAbsoluteError
  }
}

/// Errors of forecasts relative to the size of the values.
public struct ScaledForecastMetrics: Sendable, Equatable {
  private var percentage = (sum: 0.0, count: 0)
  private var scaled = (sum: 0.0, count: 0)

  /// Errors without forecasts.
  public init() {}

  /// Counts the forecast of one target of a window; NaN is missing and ignored.
  ///
  /// - Parameters:
  ///   - context: The target's values before the forecast.
  ///   - season: Season length; 1 for none.
  public mutating func add(_ forecast: [Double], groundTruth: [Double], context: [Double], season: Int) {
    for (forecast, value) in zip(forecast, groundTruth) where !value.isNaN {
      percentage.count += 1
      let size = abs(forecast) + abs(value)
      if size > 0 { percentage.sum += 2 * abs(forecast - value) / size }
    }
    let errors = ForecastMetrics(forecast, groundTruth: groundTruth)
    guard errors.count > 0, context.count > season else { return }
    let naive = ForecastMetrics(context.dropLast(season), groundTruth: context.dropFirst(season))
    guard naive.meanAbsoluteError > 0 else { return }
    scaled.sum += errors.meanAbsoluteError / naive.meanAbsoluteError
    scaled.count += 1
  }

  /// Symmetric mean absolute percentage error, 0 to 200: the mean of 200·|y − t| / (|y| + |t|) (Makridakis 1993).
  public var symmetricPercentageError: Double { 100 * percentage.sum / Double(percentage.count) }

  /// Mean absolute scaled error (Hyndman & Koehler 2006), with the seasonal naive error of each window's context as its
  /// scale. Windows whose context does not vary are left out.
  public var scaledError: Double { scaled.sum / Double(scaled.count) }

  /// Compares the sums.
  public static func == (first: Self, second: Self) -> Bool {
    first.percentage == second.percentage && first.scaled == second.scaled
  }
}

/// Coverage of forecast intervals.
public struct IntervalCoverage: Sendable, Equatable {
  /// Number of ground-truth values inside their intervals.
  public private(set) var inside = 0
  /// Number of ground-truth values.
  public private(set) var count = 0

  /// A coverage without intervals.
  public init() {}

  /// Counts one value and its closed interval; NaN is missing and ignored.
  public mutating func add(_ groundTruth: Double, from lower: Double, to upper: Double) {
    guard !groundTruth.isNaN else { return }
    count += 1
    if lower <= groundTruth, groundTruth <= upper { inside += 1 }
  }

  /// Share of the values inside their intervals; NaN without values.
  public var share: Double { Double(inside) / Double(count) }
}

/// Pinball loss max(q·(t − y), (q − 1)·(t − y)) of the forecast y of the q-quantile of t (Koenker & Bassett 1978).
public func pinballLoss(_ quantile: Double, level: Double, groundTruth: Double) -> Double {
  max(level * (groundTruth - quantile), (level - 1) * (groundTruth - quantile))
}
