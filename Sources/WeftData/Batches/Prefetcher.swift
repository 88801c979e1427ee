import WeftBase

/// Builds consecutive minibatches in the background, before they are requested.
///
/// Blocks are planned in *prefetch windows*: consecutive minibatches whose blocks fit into a share of the memory
/// budget. Two windows are planned at any time, so that the blocks of the next one are decoded while the minibatches of
/// the first are consumed.
package final class Prefetcher: BatchSource {
  private let maker: BatchMaker
  private let queue = SerialQueue()

  /// - Parameter repeats: Whether epochs repeat; otherwise nothing is prefetched beyond the end of an epoch.
  package init(_ source: any BatchSource, repeats: Bool = true) {
    maker = BatchMaker(source, repeats: repeats)
  }

  /// Waits for reads in progress, so that no file stays open: HDF5 mistakes a new file for one that it has open if the
  /// system reuses the inode number of a deleted file.
  deinit { suspend() }

  package var batchesPerEpoch: Int { maker.source.batchesPerEpoch }

  /// A minibatch; the following ones are built in the background.
  ///
  /// - Throws: The error of reading it.
  package func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let ordinal = epoch * batchesPerEpoch + index
    if !maker.expects(ordinal) {
      suspend()
      maker.restart(at: ordinal)
      queue.async { [maker] in maker.run() }
    }
    return try maker.take(ordinal).get()
  }

  /// Releases all memory and waits for reads in progress; the next minibatch starts prefetching again.
  package func suspend() {
    maker.stop()
    queue.wait()
    maker.clear()
  }
}

/// The background task of a prefetcher.
private final class BatchMaker: Sendable {
  let source: any BatchSource
  private let repeats: Bool
  private let state = Monitor(State())

  private struct State {
    /// The number, over all epochs, of the minibatch requested next; nil if none are being built.
    var expected: Int?
    /// The number of the minibatch built next.
    var next = 0
    var ready: [Int: Result<Minibatch, WeftError>] = [:]
    var readyBytes = 0
    var isStopping = false
  }

  /// Maximum number of minibatches built ahead: small ones need more memory than their values.
  private static let maximumLead = 64

  /// The next action of the background task.
  private enum Action {
    case make(Int)
    case end
  }

  package init(_ source: any BatchSource, repeats: Bool) {
    self.source = source
    self.repeats = repeats
  }

  func expects(_ ordinal: Int) -> Bool { state.withLock { $0.expected == ordinal } }

  func restart(at ordinal: Int) {
    state.change {
      $0 = State()
      $0.expected = ordinal
      $0.next = ordinal
    }
  }

  func stop() { state.change { $0.isStopping = true } }

  func clear() {
    state.change { $0 = State() }
    source.reads?.store.forgetPlan()
  }

  /// Waits for a minibatch, which must be the expected one.
  func take(_ ordinal: Int) -> Result<Minibatch, WeftError> {
    let result = state.wait { $0.ready.removeValue(forKey: ordinal) }
    state.change { state in
      state.readyBytes -= result.byteCount
      let isLast = !repeats && (ordinal + 1).isMultiple(of: source.batchesPerEpoch)
      state.expected = isLast ? nil : ordinal + 1
    }
    return result
  }

  /// Builds minibatches until stopped, or to the end of the epoch.
  func run() {
    let perEpoch = source.batchesPerEpoch
    let store = source.reads?.store
    // An eighth of the budget; one minibatch ahead if the reads are unknown.
    let room = store.map { $0.budget / 8 } ?? 0
    var plan = PrefetchPlan(source, first: state.withLock { $0.next }, repeats: repeats)
    let end = repeats ? Int.max : (state.withLock { $0.next } / perEpoch + 1) * perEpoch
    while true {
      let action: Action = state.wait { state in
        if state.isStopping || state.next == end { return .end }
        let hasRoom = state.readyBytes < room && state.ready.count < BatchMaker.maximumLead
        return state.ready.isEmpty || hasRoom ? .make(state.next) : nil
      }
      guard case .make(let next) = action else { break }
      plan.extend(upTo: next, end: end)
      let result = Result { () throws(WeftError) in
        try source.batch(epoch: next / perEpoch, index: next % perEpoch)
      }
      plan.release(next)
      state.change { state in
        state.ready[next] = result
        state.readyBytes += result.byteCount
        state.next = next + 1
      }
    }
    if state.withLock({ $0.next == end }) { store?.forgetPlan() }
  }
}

/// The planned prefetch windows.
private struct PrefetchPlan {
  private let source: any BatchSource
  /// End of each window that is not consumed yet, and whether its blocks are prefetched.
  private var windows: [(end: Int, isPlanned: Bool)] = []
  private var plannedEnd: Int
  private let repeats: Bool

  /// Size of a window for data read once and in order, which fits into the CPU's cache.
  private static let smallWindow = 16 << 20

  /// Reads of blocks after which a window ends, so that it is found at once however many minibatches read the same blocks.
  private static let mostReads = 1 << 18

  init(_ source: any BatchSource, first: Int, repeats: Bool) {
    self.source = source
    self.repeats = repeats
    plannedEnd = first
  }

  /// Plans the window of minibatch `next` and the following window.
  mutating func extend(upTo next: Int, end: Int) {
    guard let reads = source.reads else { return }
    windows.removeAll { $0.end <= next }
    while windows.count < 2, plannedEnd < end {
      let (keys, stop) = window(from: plannedEnd, reads)
      reads.store.plan(keys)
      windows.append((stop, !keys.isEmpty))
      plannedEnd = stop
    }
  }

  /// Called when a minibatch was built.
  func release(_ ordinal: Int) {
    guard let reads = source.reads, let window = windows.first(where: { $0.end > ordinal }),
      window.isPlanned
    else { return }
    reads.store.release(keys(of: ordinal, reads))
  }

  private func keys(of ordinal: Int, _ reads: BatchReads) -> Set<ChunkStore.Key> {
    let perEpoch = source.batchesPerEpoch
    var keys: Set<ChunkStore.Key> = []
    reads.visitChunks(epoch: ordinal / perEpoch, index: ordinal % perEpoch) { keys.insert($0) }
    return keys
  }

  /// The blocks of a window that starts at minibatch `first`, in the order of first use, and its end. A minibatch whose
  /// blocks exceed the limit is a window without a plan: it is read block by block.
  private func window(
    from first: Int, _ reads: BatchReads
  ) -> (keys: [(key: ChunkStore.Key, uses: Int)], end: Int) {
    let perEpoch = source.batchesPerEpoch
    let endOfEpoch = (first / perEpoch + 1) * perEpoch
    var places: [ChunkStore.Key: Int] = [:]
    var keys: [(key: ChunkStore.Key, uses: Int)] = []
    var (bytes, readCount) = (0, 0)
    for ordinal in first..<endOfEpoch {
      if readCount > PrefetchPlan.mostReads { return (keys, ordinal) }
      var ordered: [ChunkStore.Key] = []
      var seen: Set<ChunkStore.Key> = []
      reads.visitChunks(epoch: ordinal / perEpoch, index: ordinal % perEpoch) {
        readCount += 1
        if seen.insert($0).inserted { ordered.append($0) }
      }
      let added = ordered.filter { places[$0] == nil }
        .reduce(0) { $0 + reads.store.chunkByteCount($1.dataset) }
      let limit = reads.store.prefetchWindowLimit
      let wanted =
        repeats || reads.isShuffled || ordinal == first ? limit : min(limit, PrefetchPlan.smallWindow)
      if bytes + added > wanted { return (keys, max(ordinal, first + 1)) }
      bytes += added
      for key in ordered {
        if let place = places[key] {
          keys[place].uses += 1
        } else {
          places[key] = keys.count
          keys.append((key, 1))
        }
      }
    }
    return (keys, endOfEpoch)
  }
}

extension Result<Minibatch, WeftError> {
  fileprivate var byteCount: Int { (try? get())?.byteCount ?? 0 }
}
