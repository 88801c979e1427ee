/// How many of some numbers lie in each of equal ranges.
public struct Histogram: Sendable, Equatable, Encodable {
  /// Where the first range begins.
  public let minimum: Double
  /// Where the last range ends; it belongs to that range.
  public let maximum: Double
  /// Numbers in each range.
  public private(set) var counts: [Int]

  /// Equal ranges from `minimum` to `maximum`.
  init(minimum: Double, maximum: Double, ranges: Int) {
    self.minimum = minimum
    self.maximum = maximum
    counts = Array(repeating: 0, count: max(ranges, 1))
  }

  mutating func add(_ value: Double, count: Int = 1) {
    guard value >= minimum, value <= maximum else { return }
    let width = maximum - minimum
    let place = width > 0 ? Int((value - minimum) / width * Double(counts.count)) : 0
    counts[min(place, counts.count - 1)] += count
  }

  /// Where a range begins.
  public func start(of range: Int) -> Double {
    minimum + (maximum - minimum) * Double(range) / Double(counts.count)
  }

  /// The lengths of sequences, in ranges of whole numbers.
  static func lengths(_ lengths: [Int], ranges: Int = 10) -> Histogram? {
    guard let least = lengths.min(), let greatest = lengths.max(), least < greatest else { return nil }
    let width = (greatest - least) / ranges + 1
    var histogram = Histogram(
      minimum: Double(least), maximum: Double(least + width * ((greatest - least) / width + 1)),
      ranges: (greatest - least) / width + 1)
    for length in lengths { histogram.add(Double(length)) }
    return histogram
  }
}
