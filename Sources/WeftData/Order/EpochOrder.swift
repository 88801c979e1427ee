import WeftBase

/// The order in which epochs visit `count` items: sequential, or random as a function of only seed, epoch and groups,
/// or as many weighted draws.
///
/// If reading items in random order would read the same blocks of a file repeatedly, items stored together form a
/// *unit*. Units are shuffled and assigned to groups; within a group, items are shuffled uniformly. Only the order of the
/// groups in use is in memory; that of very large ones is computed item by item.
final class EpochOrder: Sendable {
  let count: Int
  private let seed: UInt64?
  private let units: ShuffleUnits?
  private let buckets: LengthBuckets?
  private let sampler: WeightedSampler?
  /// The groups of the latest epochs.
  private let epochs = Locked<[(epoch: Int, groups: [ShuffleGroup])]>([])
  /// The latest orders of groups.
  private let orders = Locked<[(epoch: Int, group: Int, order: GroupOrder)]>([])

  /// - Parameters:
  ///   - seed: Nil for sequential order.
  ///   - units: Units of items that are read together; nil to shuffle all items uniformly.
  ///   - buckets: Grouping of items of similar length; nil for none.
  ///   - sampler: Draws the items, anywhere in the file; nil to visit each once.
  init(
    count: Int, seed: UInt64?, units: ShuffleUnits? = nil, buckets: LengthBuckets? = nil,
    sampler: WeightedSampler? = nil
  ) {
    self.count = count
    self.seed = seed
    self.units = sampler == nil ? units : nil
    self.buckets = buckets
    self.sampler = sampler
  }

  var isShuffled: Bool { seed != nil }

  /// The items of some places in the order.
  func items(_ places: Range<Int>, epoch: Int) -> [Int] {
    guard let seed, !places.isEmpty else { return Array(places) }
    let groups = groups(epoch: epoch, seed: seed)
    var items: [Int] = []
    items.reserveCapacity(places.count)
    var number = groups.firstIndex(ofTail: { $0.places.upperBound > places.lowerBound })
    while items.count < places.count {
      let order = order(of: groups[number], number, epoch: epoch, seed: seed)
      let own = groups[number].places.clamped(to: places)
      items += own.map { order[$0 - groups[number].places.lowerBound] }
      number += 1
    }
    return items
  }

  /// The items of an epoch.
  func order(epoch: Int) -> [Int] { items(0..<count, epoch: epoch) }

  private func key(_ purpose: UInt32, _ group: Int, epoch: Int, seed: UInt64) -> RandomKey {
    RandomKey(seed: seed, purpose: purpose, step: UInt64(epoch) | UInt64(group) << 32)
  }

  private func groups(epoch: Int, seed: UInt64) -> [ShuffleGroup] {
    guard let units else { return [ShuffleGroup(places: 0..<count, units: nil)] }
    return epochs.withLock { epochs in
      if let known = epochs.first(where: { $0.epoch == epoch }) { return known.groups }
      let key = key(RandomPurpose.shuffledUnits, 0, epoch: epoch, seed: seed)
      var first = 0
      let groups = units.groups(of: RandomSequence(key: key).permutation(of: units.count)).map { own in
        let group = ShuffleGroup(first: first, units: own.map(units.things))
        first = group.places.upperBound
        return group
      }
      // Prefetching needs the next epoch as well.
      epochs = epochs.suffix(1) + [(epoch, groups)]
      return groups
    }
  }

  private func order(of group: ShuffleGroup, _ number: Int, epoch: Int, seed: UInt64) -> GroupOrder {
    orders.withLock { orders in
      if let known = orders.first(where: { $0.epoch == epoch && $0.group == number }) { return known.order }
      let order = GroupOrder(
        group, sampler, key: key(RandomPurpose.shuffle, number, epoch: epoch, seed: seed), buckets: buckets,
        bucketKey: key(RandomPurpose.buckets, number, epoch: epoch, seed: seed))
      orders = orders.suffix(1) + [(epoch, number, order)]
      return order
    }
  }
}

/// Items that are shuffled together.
struct ShuffleGroup: Sendable {
  /// Their places in the order of the epoch.
  let places: Range<Int>
  /// The items of each unit, and how many items precede it in the group; nil for one unit of all.
  private let units: [(items: Range<Int>, before: Int)]?

  /// - Parameter units: Nil if the items have the numbers of the places.
  init(places: Range<Int>, units: [(items: Range<Int>, before: Int)]?) {
    self.places = places
    self.units = units
  }

  /// - Parameter first: The first place.
  init(first: Int, units: [Range<Int>]) {
    var count = 0
    self.units = units.map { items in
      defer { count += items.count }
      return (items, count)
    }
    places = first..<first + count
  }

  /// The item with a number in the group, in the order of its units.
  subscript(number: Int) -> Int {
    guard let units else { return number }
    let unit = units[units.firstIndex(ofTail: { $0.before > number }) - 1]
    return unit.items.lowerBound + number - unit.before
  }
}

/// The order of the items of a group.
private enum GroupOrder: Sendable {
  case list([UInt32], ShuffleGroup)
  case computed(KeyedPermutation, ShuffleGroup)
  case items([Int])
  case drawn(WeightedSampler, RandomKey)

  /// Groups of more items are not listed, which would take more than 64 MiB.
  private static let longest = 1 << 24

  init(
    _ group: ShuffleGroup, _ sampler: WeightedSampler?, key: RandomKey, buckets: LengthBuckets?,
    bucketKey: RandomKey
  ) {
    let count = group.places.count
    if let buckets {
      let items =
        sampler.map { sampler in (0..<count).map { sampler.item(at: $0, key: key) } }
        ?? RandomSequence(key: key).permutation(of: count).map { group[$0] }
      self = .items(buckets.sort(items, first: group.places.lowerBound, key: bucketKey))
    } else if let sampler {
      self = .drawn(sampler, key)
    } else if count <= Self.longest {
      self = .list(RandomSequence(key: key).shortPermutation(of: UInt32(count)), group)
    } else {
      self = .computed(KeyedPermutation(key: key, count: count), group)
    }
  }

  /// The item at a place in the group.
  subscript(place: Int) -> Int {
    switch self {
    case .list(let numbers, let group): group[Int(numbers[place])]
    case .computed(let permutation, let group): group[permutation[place]]
    case .items(let items): items[place]
    case .drawn(let sampler, let key): sampler.item(at: place, key: key)
    }
  }
}
