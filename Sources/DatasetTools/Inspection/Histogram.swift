import WeftBase

/// A histogram with bins of equal width.
public struct Histogram: Sendable, Equatable, Encodable {
  /// Start of the first bin.
  public let minimum: Double
  /// End of the last bin, inclusive.
  public let maximum: Double
  /// Count per bin.
  public private(set) var counts: [Int]

  /// Bins of equal width from `minimum` to `maximum`.
  init(minimum: Double, maximum: Double, ranges: Int) {
    self.minimum = minimum
    self.maximum = maximum
    counts = Array(repeating: 0, count: max(ranges, 1))
  }

  mutating func add(_ value: Double, count: Int = 1) {
    guard value >= minimum, value <= maximum else { return }
    let place =
      maximum > minimum ? Int(limiting: value.share(from: minimum, to: maximum) * Double(counts.count)) : 0
    counts[min(place, counts.count - 1)] += count
  }

  /// Start of a bin.
  public func start(of range: Int) -> Double {
    // Weighted, because the difference of the bounds can be infinite.
    let share = Double(range) / Double(counts.count)
    return minimum * (1 - share) + maximum * share
  }

  /// A histogram of sequence lengths, with integer bin edges.
  static func lengths(_ lengths: [Int], ranges: Int = 10) -> Histogram? {
    guard let minimum = lengths.min(), let maximum = lengths.max(), minimum < maximum else { return nil }
    let width = (maximum - minimum) / ranges + 1
    var histogram = Histogram(
      minimum: Double(minimum), maximum: Double(minimum + width * ((maximum - minimum) / width + 1)),
      ranges: (maximum - minimum) / width + 1)
    for length in lengths { histogram.add(Double(length)) }
    return histogram
  }
}
