/// Running mean, standard deviation and bounds. Source: Welford 1962, Note on a method for calculating corrected sums
/// of squares and products.
struct RunningStatistics: Sendable {
  private(set) var count = 0
  /// Number of non-finite values, which are excluded from the statistics.
  private(set) var nonFiniteCount = 0
  private(set) var mean = 0.0
  private var squares = 0.0
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity

  mutating func add(_ value: Double) {
    guard value.isFinite else {
      nonFiniteCount += 1
      return
    }
    count += 1
    let difference = value - mean
    mean += difference / Double(count)
    squares += difference * (value - mean)
    minimum = min(minimum, value)
    maximum = max(maximum, value)
  }

  /// Population standard deviation, as NumPy's `std`.
  var standardDeviation: Double { count > 0 ? (squares / Double(count)).squareRoot() : 0 }
}
