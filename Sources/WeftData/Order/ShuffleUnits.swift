/// Things that lie together in a file, and how many blocks of it may be in memory while they are shuffled.
struct ShuffleUnits: Sendable {
  /// Where units begin, and the end of the last.
  private let starts: [Int]
  private let chunks: [[ChunkStore.Key]]
  private let byteCounts: [ChunkStore.Key: Int]
  private let limit: Int

  /// Units of things that lie in the same blocks, or nil when all blocks are within the limit: then all things are
  /// shuffled alike.
  ///
  /// - Parameters:
  ///   - limit: Bytes that the blocks of a group may take.
  ///   - byteCount: The size of a block in memory.
  ///   - visit: Calls back with each block that holds a part of a thing; the first one decides its unit.
  init?(
    count: Int, limit: Int, byteCount: (ChunkStore.Key) -> Int,
    visit: (Int, (ChunkStore.Key) -> Void) -> Void
  ) {
    var sizes: [ChunkStore.Key: Int] = [:]
    var total = 0
    var starts: [Int] = []
    var chunks: [[ChunkStore.Key]] = []
    var seen: Set<ChunkStore.Key> = []
    var unitBytes = 0
    var current: ChunkStore.Key?
    // What reaches from one unit into the next is read twice: eight blocks make that an eighth, where there are many.
    let longest = limit / 16
    for thing in 0..<count {
      var first: ChunkStore.Key?
      var own: [ChunkStore.Key] = []
      visit(thing) { key in
        if first == nil { first = key }
        own.append(key)
      }
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
    }
    guard total > limit else { return nil }
    self.starts = starts + [count]
    self.chunks = chunks
    byteCounts = sizes
    self.limit = limit
  }

  var count: Int { starts.count - 1 }

  func things(of unit: Int) -> Range<Int> { starts[unit]..<starts[unit + 1] }

  /// Cuts a sequence of units into groups whose blocks are within the limit.
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
  /// Units of things that are read through a store; nil without one.
  init?(count: Int, in store: ChunkStore?, visit: (Int, (ChunkStore.Key) -> Void) -> Void) {
    guard let store else { return nil }
    self.init(
      count: count, limit: store.groupLimit, byteCount: { store.chunkByteCount($0.dataset) }, visit: visit)
  }
}
