import WeftBase

/// The order in which epochs visit `count` items: sequential, or random as a function of only seed, epoch and groups.
///
/// If reading items in random order would read the same blocks of a file repeatedly, items stored together form a
/// *unit*. Units are shuffled and assigned to groups; within a group, items are shuffled uniformly.
final class EpochOrder: Sendable {
  let count: Int
  private let seed: UInt64?
  private let units: ShuffleUnits?
  private let buckets: LengthBuckets?
  private let latest = Locked<[(epoch: Int, order: [Int])]>([])

  /// - Parameters:
  ///   - seed: Nil for sequential order.
  ///   - units: Units of items that are read together; nil to shuffle all items uniformly.
  ///   - buckets: Grouping of items of similar length; nil for none.
  init(count: Int, seed: UInt64?, units: ShuffleUnits? = nil, buckets: LengthBuckets? = nil) {
    self.count = count
    self.seed = seed
    self.units = units
    self.buckets = buckets
  }

  var isShuffled: Bool { seed != nil }

  /// The items of some places in the order, without making a sequential order.
  func items(_ places: Range<Int>, epoch: Int) -> [Int] {
    seed == nil ? Array(places) : Array(order(epoch: epoch)[places])
  }

  func order(epoch: Int) -> [Int] {
    guard let seed else { return Array(0..<count) }
    return latest.withLock { latest in
      if let known = latest.first(where: { $0.epoch == epoch }) { return known.order }
      let order = makeOrder(seed: seed, epoch: epoch)
      // Prefetching needs the next epoch as well.
      latest = latest.suffix(1) + [(epoch, order)]
      return order
    }
  }

  private func makeOrder(seed: UInt64, epoch: Int) -> [Int] {
    func key(_ purpose: UInt32, _ group: Int) -> RandomKey {
      RandomKey(seed: seed, purpose: purpose, step: UInt64(epoch) | UInt64(group) << 32)
    }
    guard let units else {
      let order = RandomSequence(key: key(RandomPurpose.shuffle, 0)).permutation(of: count)
      return buckets.map { $0.sort(order, group: 0..<count, key: key(RandomPurpose.buckets, 0)) } ?? order
    }
    var order: [Int] = []
    order.reserveCapacity(count)
    let sequence = RandomSequence(key: key(RandomPurpose.shuffledUnits, 0)).permutation(of: units.count)
    for (number, group) in units.groups(of: sequence).enumerated() {
      let things = group.flatMap { units.things(of: $0) }
      let places = RandomSequence(key: key(RandomPurpose.shuffle, number)).permutation(of: things.count)
      let first = order.count
      order += places.map { things[$0] }
      if let buckets {
        order = buckets.sort(order, group: first..<order.count, key: key(RandomPurpose.buckets, number))
      }
    }
    return order
  }
}
