/// Centered moving average of a series.
public struct MovingMean: Sendable, Equatable {
  /// Window length in steps; shorter at the ends of the series.
  public var window: Int

  /// A moving average over `window` steps; 1 leaves a series unchanged.
  public init(window: Int) {
    precondition(window >= 1)
    self.window = window
  }

  /// The mean of each step, the preceding (window − 1) / 2 and the following window / 2 steps.
  public func values(_ series: [Double]) -> [Double] {
    if window == 1 { return series }
    var sums = [0.0]
    for value in series { sums.append(sums[sums.count - 1] + value) }
    return series.indices.map { step in
      let (first, end) = (max(step - (window - 1) / 2, 0), min(step + window / 2 + 1, series.count))
      return (sums[end] - sums[first]) / Double(end - first)
    }
  }
}
