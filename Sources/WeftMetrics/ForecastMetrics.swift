/// How far forecasts are off. Where the truth is NaN it is missing and does not count.
public struct ForecastMetrics: Sendable, Equatable {
  /// The mean magnitude of the errors; NaN for none.
  public var meanAbsoluteError: Double { absolute / Double(count) }
  /// The root of the mean square of the errors; NaN for none.
  public var rootMeanSquaredError: Double { (squared / Double(count)).squareRoot() }
  /// Numbers forecast.
  public private(set) var count = 0
  private var absolute = 0.0
  private var squared = 0.0

  /// No forecasts yet.
  public init() {}

  /// The errors of forecasts.
  public init(_ forecasts: some Sequence<Double>, truths: some Sequence<Double>) {
    for (forecast, truth) in zip(forecasts, truths) { add(forecast, truth: truth) }
  }

  /// Counts one forecast.
  public mutating func add(_ forecast: Double, truth: Double) {
    guard !truth.isNaN else { return }
    count += 1
    absolute += abs(forecast - truth)
    squared += (forecast - truth) * (forecast - truth)
  }

  /// The mean absolute error as a multiple of that of repeating each training value after a season, one step ahead
  /// (Hyndman & Koehler 2006); below 1 is better than that.
  ///
  /// - Parameters:
  ///   - training: The series that the forecasts were learned from, longer than the season.
  ///   - season: Steps after which the series repeats itself; 1 for none.
  public func scaledError(training: [Double], season: Int) -> Double {
    precondition(season >= 1 && training.count > season)
    let naive = ForecastMetrics(training.dropLast(season), truths: training.dropFirst(season))
    return meanAbsoluteError / naive.meanAbsoluteError
  }
}

/// How often truths lie in the intervals forecast.
public struct IntervalCoverage: Sendable, Equatable {
  /// Truths that lie inside.
  public private(set) var inside = 0
  /// All truths.
  public private(set) var count = 0

  /// No intervals yet.
  public init() {}

  /// Counts one interval, ends included; a truth of NaN is missing and does not count.
  public mutating func add(_ truth: Double, from lower: Double, to upper: Double) {
    guard !truth.isNaN else { return }
    count += 1
    if lower <= truth, truth <= upper { inside += 1 }
  }

  /// Share of the truths that lie inside; NaN for none.
  public var share: Double { Double(inside) / Double(count) }
}

/// max(q·(t − y), (q − 1)·(t − y)): what the q-quantile y of the truth t minimises (Koenker & Bassett 1978).
public func pinballLoss(_ quantile: Double, level: Double, truth: Double) -> Double {
  max(level * (truth - quantile), (level - 1) * (truth - quantile))
}
