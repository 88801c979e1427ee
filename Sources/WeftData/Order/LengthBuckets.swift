import WeftBase

/// Brings sequences of like lengths together in minibatches.
struct LengthBuckets: Sendable {
  /// Minibatches among which sequences are dealt by length.
  let minibatches: Int
  /// Sequences of a minibatch.
  let rows: Int
  let length: @Sendable (Int) -> Int

  /// Sorts an order by length within buckets of whole minibatches, and visits the minibatches of each in random order.
  ///
  /// - Parameter group: The places that may be sorted; minibatches that reach beyond stay as they are.
  func sort(_ order: [Int], group: Range<Int>, key: RandomKey) -> [Int] {
    var order = order
    var generator = RandomGenerator(key: key)
    var first = (group.lowerBound + rows - 1) / rows
    let end = group.upperBound / rows
    while first < end {
      let count = min(minibatches, end - first)
      let places = first * rows..<(first + count) * rows
      let sorted = places.sorted { (length(order[$0]), $0) < (length(order[$1]), $1) }.map { order[$0] }
      var batches = Array(0..<count)
      for remaining in stride(from: count, to: 1, by: -1) {
        batches.swapAt(remaining - 1, Int(generator.next(below: UInt64(remaining))))
      }
      let dealt = batches.flatMap { sorted[$0 * rows..<($0 + 1) * rows] }
      order.replaceSubrange(places, with: dealt)
      first += count
    }
    return order
  }
}
