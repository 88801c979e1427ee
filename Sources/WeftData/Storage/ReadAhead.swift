import WeftBase

/// Reads a list of blocks once and in order: the chunks of the next blocks are decoded by all threads while those before
/// them are used.
struct ReadAhead {
  let store: ChunkStore
  /// Calls back with each chunk that a block reads.
  let visit: (_ block: Int, _ body: (ChunkStore.Key) -> Void) -> Void

  /// Consecutive blocks whose chunks are in memory together.
  private struct Window {
    let blocks: Range<Int>
    /// Empty if a single block needs more memory than there is; its chunks are then read one by one.
    let keys: [ChunkStore.Key]
  }

  /// Memory for the chunks of a window: enough to occupy all threads.
  private var limit: Int { min(store.prefetchWindowLimit, max(2, store.threads) * (8 << 20)) }

  /// Calls `body` with consecutive ranges of `count` blocks, and whether all their chunks are in memory or on the way.
  ///
  /// - Throws: The error of `body`.
  func forEachWindow(
    of count: Int, _ body: (Range<Int>, _ isPlanned: Bool) throws(WeftError) -> Void
  ) throws(WeftError) {
    defer { store.forgetPlan() }
    var next = plan(from: 0, count)
    while let window = next {
      next = plan(from: window.blocks.upperBound, count)
      try body(window.blocks, !window.keys.isEmpty)
      store.release(window.keys)
    }
  }

  /// Starts to load the chunks of the window from a block on; nil after the last block.
  private func plan(from first: Int, _ count: Int) -> Window? {
    guard first < count else { return nil }
    var keys: [ChunkStore.Key] = []
    var known: Set<ChunkStore.Key> = []
    var bytes = 0
    var end = first
    while end < count {
      var added: [ChunkStore.Key] = []
      visit(end) { if known.insert($0).inserted { added.append($0) } }
      bytes += added.reduce(0) { $0 + store.chunkByteCount($1.dataset) }
      if bytes > limit { break }
      keys += added
      end += 1
    }
    store.plan(keys.map { ($0, 1) })
    return Window(blocks: first..<max(end, first + 1), keys: keys)
  }
}
