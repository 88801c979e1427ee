/// How many deviations a series is off the mean of the steps before, the plainest detector of anomalies.
public struct MovingZScore: Sendable, Equatable {
  /// Steps that the mean and the deviation are taken over.
  public var window: Int

  /// A detector that looks back so many steps.
  public init(window: Int) {
    precondition(window >= 2)
    self.window = window
  }

  /// |value − mean| / deviation of each step, over the `window` steps before; 0 for the first two steps, and where the
  /// series has not moved. Of several numbers a step, the greatest.
  ///
  /// - Parameter series: `[steps][numbers]`.
  public func scores(_ series: [[Double]]) -> [Double] {
    series.indices.map { step in
      let before = series[max(0, step - window)..<step]
      guard before.count >= 2 else { return 0 }
      return series[step].indices.reduce(0) { greatest, number in
        let values = before.map { $0[number] }
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        let score = variance > 0 ? abs(series[step][number] - mean) / variance.squareRoot() : 0
        return max(greatest, score)
      }
    }
  }
}
