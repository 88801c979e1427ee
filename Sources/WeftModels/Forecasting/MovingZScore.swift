/// Moving z-score: the deviation from the mean of the preceding steps in standard deviations, a simple baseline for
/// anomaly detection.
public struct MovingZScore: Sendable, Equatable {
  /// Window length in steps, for mean and standard deviation.
  public var window: Int

  /// A z-score over the preceding `window` steps.
  public init(window: Int) {
    precondition(window >= 2)
    self.window = window
  }

  /// |value − mean| / (standard deviation) of each step, over the preceding `window` steps; 0 for the first two steps
  /// and where the series is constant. For several values per step, the maximum.
  ///
  /// - Parameter series: `[steps][numbers]`.
  public func scores(_ series: [[Double]]) -> [Double] {
    series.indices.map { step in
      let before = series[max(0, step - window)..<step]
      guard before.count >= 2 else { return 0 }
      return series[step].indices.reduce(0) { maximum, number in
        let values = before.map { $0[number] }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        let score = variance > 0 ? abs(series[step][number] - mean) / variance.squareRoot() : 0
        return max(maximum, score)
      }
    }
  }
}
