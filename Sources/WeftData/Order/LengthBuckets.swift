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
  /// - Parameters:
  ///   - order: Consecutive sequences of an epoch; minibatches that extend beyond them are unchanged.
  ///   - start: The place of the first of them in the epoch.
  func sort(_ order: [Int], first start: Int, key: RandomKey) -> [Int] {
    var order = order
    var generator = RandomGenerator(key: key)
    var first = (start + rows - 1) / rows
    let end = (start + order.count) / rows
    while first < end {
      let count = min(minibatches, end - first)
      let places = first * rows - start..<(first + count) * rows - start
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
