import KernelInterface

/// The order in which epochs visit `count` things: random, a function of seed and epoch alone, or as they are.
final class EpochOrder: Sendable {
  let count: Int
  private let seed: UInt64?
  private let latest = Locked<(epoch: Int, order: [Int])?>(nil)

  /// - Parameter seed: nil for the order in which the things are.
  init(count: Int, seed: UInt64?) {
    self.count = count
    self.seed = seed
  }

  func order(epoch: Int) -> [Int] {
    guard let seed else { return Array(0..<count) }
    return latest.withLock { latest in
      if let latest, latest.epoch == epoch { return latest.order }
      let key = RandomKey(seed: seed, purpose: RandomPurpose.shuffle, step: UInt64(epoch))
      let order = RandomSequence(key: key).permutation(of: count)
      latest = (epoch, order)
      return order
    }
  }
}
