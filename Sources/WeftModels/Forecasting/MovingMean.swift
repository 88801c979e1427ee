/// Means of a series over the steps around each.
public struct MovingMean: Sendable, Equatable {
  /// Steps that a mean is taken over; fewer at the ends of the series.
  public var window: Int

  /// A mean over so many steps; 1 leaves a series as it is.
  public init(window: Int) {
    precondition(window >= 1)
    self.window = window
  }

  /// The mean of each step, the (window − 1) / 2 before it and the window / 2 after it.
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
