/// Units of items that are stored together in a file, and the memory limit for shuffling them.
struct ShuffleUnits: Sendable {
  /// The start of each unit, followed by the end of the last.
  private let starts: [Int]
  private let chunks: [[ChunkStore.Key]]
  private let byteCounts: [ChunkStore.Key: Int]
  private let limit: Int

  /// Units of items in the same blocks; nil if all blocks fit into the limit, so that all items can be shuffled
  /// uniformly.
  ///
  /// - Parameters:
  ///   - limit: Maximum size of the blocks of a group, in bytes.
  ///   - areAscending: Whether no item's first or last block of a dataset is before that of an earlier item. Items in
  ///     the same blocks are then not visited one by one.
  ///   - byteCount: The size of a block in memory.
  ///   - visit: Calls back with each block that contains part of an item; the first determines its unit.
  init?(
    count: Int, limit: Int, areAscending: Bool = false, byteCount: (ChunkStore.Key) -> Int,
    visit: (Int, (ChunkStore.Key) -> Void) -> Void
  ) {
    func keys(of thing: Int) -> [ChunkStore.Key] {
      var keys: [ChunkStore.Key] = []
      visit(thing) { keys.append($0) }
      return keys
    }
    var sizes: [ChunkStore.Key: Int] = [:]
    var total = 0
    var starts: [Int] = []
    var chunks: [[ChunkStore.Key]] = []
    var seen: Set<ChunkStore.Key> = []
    var unitBytes = 0
    var current: ChunkStore.Key?
    // Blocks that extend from one unit into the next are read twice: with eight blocks per unit, one in eight.
    let longest = limit / 16
    var next = count > 0 ? (thing: 0, keys: keys(of: 0)) : nil
    while let (thing, own) = next {
      let first = own.first
      let bytes = own.reduce(0) { $0 + (seen.contains($1) ? 0 : byteCount($1)) }
      let isFull =
        first != current && (unitBytes + bytes > longest || !own.prefix(1).contains(where: seen.contains))
      if starts.isEmpty || isFull {
        starts.append(thing)
        chunks.append([])
        seen = []
        unitBytes = 0
      }
      current = first
      for key in own where seen.insert(key).inserted {
        chunks[chunks.count - 1].append(key)
        let size = byteCount(key)
        unitBytes += size
        if sizes.updateValue(size, forKey: key) == nil { total += size }
      }
      let following =
        areAscending
        ? Self.firstItem(after: thing, of: count, where: { keys(of: $0) != own }) : thing + 1
      next = following < count ? (following, keys(of: following)) : nil
    }
    guard total > limit else { return nil }
    self.starts = starts + [count]
    self.chunks = chunks
    byteCounts = sizes
    self.limit = limit
  }

  /// The first item after another one that is different, as all later ones are; `count` if there is none.
  private static func firstItem(after thing: Int, of count: Int, where isDifferent: (Int) -> Bool) -> Int {
    var (same, step) = (thing, 1)
    while same + step < count, !isDifferent(same + step) { (same, step) = (same + step, 2 * step) }
    var end = min(same + step, count)
    while end - same > 1 {
      let middle = (same + end) / 2
      if isDifferent(middle) { end = middle } else { same = middle }
    }
    return end
  }

  var count: Int { starts.count - 1 }

  func things(of unit: Int) -> Range<Int> { starts[unit]..<starts[unit + 1] }

  /// Divides a sequence of units into groups whose blocks fit into the limit.
  func groups(of sequence: [Int]) -> [ArraySlice<Int>] {
    var groups: [ArraySlice<Int>] = []
    var seen: Set<ChunkStore.Key> = []
    var bytes = 0
    var first = 0
    for (place, unit) in sequence.enumerated() {
      let added = chunks[unit].reduce(0) { $0 + (seen.contains($1) ? 0 : byteCounts[$1] ?? 0) }
      if place > first, bytes + added > limit {
        groups.append(sequence[first..<place])
        first = place
        seen = []
        bytes = 0
      }
      for key in chunks[unit] where seen.insert(key).inserted { bytes += byteCounts[key] ?? 0 }
    }
    if first < sequence.count { groups.append(sequence[first...]) }
    return groups
  }
}

extension ShuffleUnits {
  /// Units of items read through a store; nil without one.
  init?(
    count: Int, in store: ChunkStore?, areAscending: Bool = false,
    visit: (Int, (ChunkStore.Key) -> Void) -> Void
  ) {
    guard let store else { return nil }
    self.init(
      count: count, limit: store.groupLimit, areAscending: areAscending,
      byteCount: { store.chunkByteCount($0.dataset) }, visit: visit)
  }
}
