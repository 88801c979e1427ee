import WeftBase

/// The planned prefetch windows: consecutive minibatches whose blocks are in memory together.
struct PrefetchPlan: Sendable {
  /// A window of minibatches.
  private struct Window {
    /// The minibatch after the last.
    let end: Int
    /// The blocks of each of its minibatches; empty if they are read one by one.
    var keys: [[ChunkStore.Key]]
    /// Minibatches that are not built yet.
    var remaining: Int
  }

  private let source: any BatchSource
  /// The windows of which minibatches are still to be built.
  private var windows: [Window] = []
  private var plannedEnd: Int
  private let repeats: Bool

  /// Size of a window for blocks in memory that are read once and in order, which fits into the CPU's cache.
  private static let smallWindow = 16 << 20

  /// Reads of blocks after which a window ends, so that it is found at once however many minibatches read the same blocks.
  private static let mostReads = 1 << 18

  init(_ source: any BatchSource, first: Int, repeats: Bool) {
    self.source = source
    self.repeats = repeats
    plannedEnd = first
  }

  /// Whether a minibatch is the first of a window, whose blocks may only come when those of the window before last are
  /// given back.
  func beginsWindow(_ ordinal: Int) -> Bool {
    ordinal == plannedEnd || windows.contains { $0.end - $0.keys.count == ordinal }
  }

  /// Plans the windows that are missing: that of the next minibatch and the following one.
  ///
  /// - Parameter end: The minibatch after the last.
  mutating func extend(end: Int) {
    guard let reads = source.reads else { return }
    while plannedEnd < end, windows.count < 2 {
      windows.append(plan(from: plannedEnd, reads))
      plannedEnd = windows[windows.count - 1].end
    }
  }

  /// Called when a minibatch was built.
  mutating func release(_ ordinal: Int) {
    guard let reads = source.reads, let place = windows.firstIndex(where: { $0.end > ordinal })
    else { return }
    let index = ordinal - (windows[place].end - windows[place].keys.count)
    reads.store.release(windows[place].keys[index])
    windows[place].keys[index] = []
    windows[place].remaining -= 1
    if windows[place].remaining == 0 { windows.remove(at: place) }
  }

  /// Starts to load the blocks of a window that starts at minibatch `first`, in the order of first use. A minibatch whose
  /// blocks exceed the limit is a window without a plan: it is read block by block.
  private func plan(from first: Int, _ reads: BatchReads) -> Window {
    let perEpoch = source.batchesPerEpoch
    let endOfEpoch = (first / perEpoch + 1) * perEpoch
    var places: [ChunkStore.Key: Int] = [:]
    var keys: [(key: ChunkStore.Key, uses: Int)] = []
    var keysOfMinibatches: [[ChunkStore.Key]] = []
    var (bytes, readCount) = (0, 0)
    for ordinal in first..<endOfEpoch {
      if readCount > PrefetchPlan.mostReads { break }
      var ordered: [ChunkStore.Key] = []
      var seen: Set<ChunkStore.Key> = []
      reads.visitChunks(epoch: ordinal / perEpoch, index: ordinal % perEpoch) {
        readCount += 1
        if $0 != ordered.last, seen.insert($0).inserted { ordered.append($0) }
      }
      let added = ordered.filter { places[$0] == nil }
        .reduce(0) { $0 + reads.store.chunkByteCount($1.dataset) }
      let limit = reads.store.prefetchWindowLimit
      let isSmall =
        !repeats && !reads.isShuffled && ordinal > first
        && ordered.contains { !reads.store.isReadInPlace($0.dataset) }
      let wanted = isSmall ? min(limit, PrefetchPlan.smallWindow) : limit
      if bytes + added > wanted { break }
      bytes += added
      for key in ordered {
        if let place = places[key] {
          keys[place].uses += 1
        } else {
          places[key] = keys.count
          keys.append((key, 1))
        }
      }
      keysOfMinibatches.append(ordered)
    }
    reads.store.plan(keys)
    if keysOfMinibatches.isEmpty { keysOfMinibatches = [[]] }
    return Window(
      end: first + keysOfMinibatches.count, keys: keysOfMinibatches, remaining: keysOfMinibatches.count)
  }
}
