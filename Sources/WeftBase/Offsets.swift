extension Sequence<Int> {
  /// Where each of consecutive parts of these lengths starts, and where the last one ends.
  package var offsets: [Int] { reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) } }
}
