extension SplitMix {
  package mutating func floats(_ count: Int) -> [Float] { floats(count, in: -1...1) }

  /// Lengths of rows, descending.
  package mutating func lengths(rows: Int, upTo longest: Int) -> [Int] {
    (0..<rows).map { _ in Int.random(in: 1...longest, using: &self) }.sorted(by: >)
  }
}
