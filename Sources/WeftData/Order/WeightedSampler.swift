import WeftBase

/// Draws items with replacement, each with a probability proportional to its weight, in any order of the draws.
package struct WeightedSampler: Sendable {
  /// The sum of the weights of each item and all before it.
  private let sums: [Double]

  /// Nil if the sum of the weights is not positive and finite.
  init?(_ weights: some Sequence<Double>) {
    var total = 0.0
    sums = weights.map { weight in
      total += weight
      return total
    }
    guard total > 0, total.isFinite else { return nil }
  }

  /// The item at a place of an order: the first one whose sum exceeds a random part of the total.
  func item(at place: Int, key: RandomKey) -> Int {
    let words = key.block(
      x: UInt32(truncatingIfNeeded: place), y: UInt32(truncatingIfNeeded: place >> 32))
    let bits = (UInt64(words.x) << 32 | UInt64(words.y)) >> 11
    let part = Double(bits) * 0x1p-53 * sums[sums.count - 1]
    return min(sums.firstIndex(ofTail: { $0 > part }), sums.count - 1)
  }
}
