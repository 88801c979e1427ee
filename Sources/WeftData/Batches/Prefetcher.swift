import Dispatch
import WeftBase

/// Makes minibatches in the background, ahead of who asks for them one after the other.
///
/// The blocks that they read are planned in *stretches*: as many minibatches as read from no more blocks than fit into
/// a share of the memory budget. Two stretches are planned at any time, so that the blocks of the next one are
/// decoded while the minibatches of the first are used up.
package final class Prefetcher: BatchSource {
  private let maker: BatchMaker
  private let queue = DispatchQueue(label: "weft.prefetch")

  /// - Parameter repeats: Whether another epoch follows each; else nothing is read ahead beyond the end of one.
  package init(_ source: any BatchSource, repeats: Bool = true) {
    maker = BatchMaker(source, repeats: repeats)
  }

  /// Waits for a read that was begun: HDF5 takes a new file for one that it still has open if the system gives it the
  /// number of a file that was deleted meanwhile, so none may stay open behind its user's back.
  deinit { suspend() }

  package var batchesPerEpoch: Int { maker.source.batchesPerEpoch }

  /// The minibatch, while those after it are made in the background.
  ///
  /// - Throws: What reading it threw.
  package func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let ordinal = epoch * batchesPerEpoch + index
    if !maker.expects(ordinal) {
      suspend()
      maker.restart(at: ordinal)
      queue.async { [maker] in maker.run() }
    }
    return try maker.take(ordinal).get()
  }

  /// Gives back all memory, and waits for what has begun; the next minibatch is read anew.
  package func suspend() {
    maker.stop()
    queue.sync {}
    maker.clear()
  }
}

/// The background part of a prefetcher.
private final class BatchMaker: Sendable {
  let source: any BatchSource
  private let repeats: Bool
  private let state = Monitor(State())

  private struct State {
    /// The number, over all epochs, of the minibatch that is asked for next; nil if none are being made.
    var expected: Int?
    /// The number of the one that is made next.
    var next = 0
    var ready: [Int: Result<Minibatch, WeftError>] = [:]
    var readyBytes = 0
    var isStopping = false
  }

  /// Minibatches made ahead at most: small ones take more memory than their numbers do.
  private static let greatestLead = 64

  /// What the background part does next.
  private enum Turn {
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

  /// Waits for a minibatch, which is the one that is expected.
  func take(_ ordinal: Int) -> Result<Minibatch, WeftError> {
    let result = state.wait { $0.ready.removeValue(forKey: ordinal) }
    state.change { state in
      state.readyBytes -= result.byteCount
      let isLast = !repeats && (ordinal + 1).isMultiple(of: source.batchesPerEpoch)
      state.expected = isLast ? nil : ordinal + 1
    }
    return result
  }

  /// Makes minibatches until it is stopped, or to the end of the epoch.
  func run() {
    let perEpoch = source.batchesPerEpoch
    let store = source.reads?.store
    // An eighth of the budget; one minibatch ahead where nothing is known of what they read.
    let room = store.map { $0.budget / 8 } ?? 0
    var plan = StretchPlan(source, first: state.withLock { $0.next }, repeats: repeats)
    let end = repeats ? Int.max : (state.withLock { $0.next } / perEpoch + 1) * perEpoch
    while true {
      let turn: Turn = state.wait { state in
        if state.isStopping || state.next == end { return .end }
        let hasRoom = state.readyBytes < room && state.ready.count < BatchMaker.greatestLead
        return state.ready.isEmpty || hasRoom ? .make(state.next) : nil
      }
      guard case .make(let next) = turn else { break }
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

/// Which stretches are planned.
private struct StretchPlan {
  private let source: any BatchSource
  /// Where stretches end that are not used up; whether their blocks are loaded ahead.
  private var stretches: [(end: Int, isPlanned: Bool)] = []
  private var plannedEnd: Int
  private let repeats: Bool

  /// Bytes of a stretch of what is read once and in order: they stay in the processor's cache.
  private static let smallStretch = 16 << 20

  init(_ source: any BatchSource, first: Int, repeats: Bool) {
    self.source = source
    self.repeats = repeats
    plannedEnd = first
  }

  /// Plans the stretch that holds minibatch `next` and the one after it.
  mutating func extend(upTo next: Int, end: Int) {
    guard let reads = source.reads else { return }
    stretches.removeAll { $0.end <= next }
    while stretches.count < 2, plannedEnd < end {
      let (keys, stop) = stretch(from: plannedEnd, reads)
      reads.store.plan(keys)
      stretches.append((stop, !keys.isEmpty))
      plannedEnd = stop
    }
  }

  /// Tells that a minibatch was made.
  func release(_ ordinal: Int) {
    guard let reads = source.reads, let stretch = stretches.first(where: { $0.end > ordinal }),
      stretch.isPlanned
    else { return }
    reads.store.release(keys(of: ordinal, reads))
  }

  private func keys(of ordinal: Int, _ reads: BatchReads) -> Set<ChunkStore.Key> {
    let perEpoch = source.batchesPerEpoch
    var keys: Set<ChunkStore.Key> = []
    reads.visitChunks(epoch: ordinal / perEpoch, index: ordinal % perEpoch) { keys.insert($0) }
    return keys
  }

  /// The blocks of minibatches from `first` on, in the order of their first use, and where the stretch ends. A
  /// minibatch that alone needs too many is a stretch without a plan: it is read block by block.
  private func stretch(
    from first: Int, _ reads: BatchReads
  ) -> (keys: [(key: ChunkStore.Key, uses: Int)], end: Int) {
    let perEpoch = source.batchesPerEpoch
    let endOfEpoch = (first / perEpoch + 1) * perEpoch
    var places: [ChunkStore.Key: Int] = [:]
    var keys: [(key: ChunkStore.Key, uses: Int)] = []
    var bytes = 0
    for ordinal in first..<endOfEpoch {
      var ordered: [ChunkStore.Key] = []
      var seen: Set<ChunkStore.Key> = []
      reads.visitChunks(epoch: ordinal / perEpoch, index: ordinal % perEpoch) {
        if seen.insert($0).inserted { ordered.append($0) }
      }
      let added = ordered.filter { places[$0] == nil }
        .reduce(0) { $0 + reads.store.chunkByteCount($1.dataset) }
      let limit = reads.store.stretchLimit
      let wanted =
        repeats || reads.isShuffled || ordinal == first ? limit : min(limit, StretchPlan.smallStretch)
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
