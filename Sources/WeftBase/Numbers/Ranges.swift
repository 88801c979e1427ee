extension [Range<Int>] {
  /// Total number of elements.
  package var elementCount: Int { reduce(0) { $0 + $1.count } }

  /// Each range with its start when the ranges are concatenated.
  package var packed: [(range: Range<Int>, start: Int)] {
    var start = 0
    return map { range in
      defer { start += range.count }
      return (range, start)
    }
  }
}

extension Range<Int> {
  /// The range without other ranges, which must be in ascending order.
  package func without(_ others: [Range<Int>]) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = lowerBound
    for other in others.map({ $0.clamped(to: self) }) where !other.isEmpty {
      if start < other.lowerBound { parts.append(start..<other.lowerBound) }
      start = other.upperBound
    }
    if start < upperBound { parts.append(start..<upperBound) }
    return parts
  }
}
