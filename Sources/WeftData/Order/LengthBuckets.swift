import WeftBase

/// Groups sequences of similar length into minibatches.
struct LengthBuckets: Sendable {
  /// Bucket size, in minibatches.
  let minibatches: Int
  /// Sequences per minibatch.
  let rows: Int
  let length: @Sendable (Int) -> Int

  /// Sorts by length within buckets of whole minibatches, and shuffles the minibatches of each bucket.
  ///
  /// - Parameter group: The range to sort; minibatches that extend beyond it are unchanged.
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
