/// Errors of predicted values with one or several targets each. Ground-truth values of NaN are missing and ignored.
public struct RegressionMetrics: Sendable, Equatable {
  /// The errors of each target.
  public private(set) var targets: [ForecastMetrics]
  private var moments: [Moments]

  /// Sums for the variance of the ground truth, shifted by its first value, so that nothing large cancels.
  private struct Moments: Sendable, Equatable {
    var shift = 0.0
    var sum = 0.0
    var squares = 0.0
  }

  /// No predictions yet, of some targets each.
  public init(targets: Int) {
    self.targets = [ForecastMetrics](repeating: ForecastMetrics(), count: targets)
    moments = [Moments](repeating: Moments(), count: targets)
  }

  /// Counts one prediction of a target.
  public mutating func add(_ prediction: Double, groundTruth: Double, target: Int) {
    guard !groundTruth.isNaN else { return }
    if targets[target].count == 0 { moments[target].shift = groundTruth }
    targets[target].add(prediction, groundTruth: groundTruth)
    let difference = groundTruth - moments[target].shift
    moments[target].sum += difference
    moments[target].squares += difference * difference
  }

  /// Mean absolute error over all values; NaN without any.
  public var meanAbsoluteError: Double { mean(\.meanAbsoluteError) }

  /// Root mean squared error over all values; NaN without any.
  public var rootMeanSquaredError: Double {
    mean { $0.rootMeanSquaredError * $0.rootMeanSquaredError }.squareRoot()
  }

  /// Coefficient of determination R² of a target: 1 − Σ(y − t)² / Σ(t − t̄)². 1 is perfect, 0 as good as its mean; NaN if
  /// the ground truth is constant.
  public func determination(target: Int) -> Double {
    let (own, moments) = (targets[target], moments[target])
    let total = moments.squares - moments.sum * moments.sum / Double(own.count)
    let errors = own.rootMeanSquaredError * own.rootMeanSquaredError * Double(own.count)
    return total > 0 ? 1 - errors / total : .nan
  }

  /// Unweighted mean of R² over the targets whose ground truth varies; NaN without any.
  public var determination: Double {
    let known = targets.indices.map { determination(target: $0) }.filter { !$0.isNaN }
    return known.reduce(0, +) / Double(known.count)
  }

  /// The mean over all values of a mean over those of each target.
  private func mean(_ value: (ForecastMetrics) -> Double) -> Double {
    let known = targets.filter { $0.count > 0 }
    let count = known.reduce(0) { $0 + $1.count }
    return known.reduce(0) { $0 + value($1) * Double($1.count) } / Double(count)
  }
}
