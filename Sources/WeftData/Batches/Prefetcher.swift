import WeftBase

/// Builds consecutive minibatches in the background, before they are requested.
///
/// Blocks are planned in *prefetch windows*: consecutive minibatches whose blocks fit into a share of the memory
/// budget. Two windows are planned at any time, so that the blocks of the next one are decoded while the minibatches of
/// the first are consumed.
package final class Prefetcher: BatchSource {
  private let maker: BatchMaker
  private let queues: [SerialQueue]

  /// - Parameter repeats: Whether epochs repeat; otherwise nothing is prefetched beyond the end of an epoch.
  package init(_ source: any BatchSource, repeats: Bool = true) {
    maker = BatchMaker(source, repeats: repeats)
    // One thread copies less than memory delivers. If the reads are unknown, it builds one minibatch ahead.
    let threads = source.reads.map { min($0.store.threads, Self.mostThreads) } ?? 1
    queues = (0..<threads).map { _ in SerialQueue() }
  }

  private static let mostThreads = 4

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
      for queue in queues { queue.async { [maker] in maker.run() } }
    }
    return try maker.take(ordinal).get()
  }

  /// Releases all memory and waits for reads in progress; the next minibatch starts prefetching again.
  package func suspend() {
    maker.stop()
    for queue in queues { queue.wait() }
    maker.clear()
  }
}

/// The background task of a prefetcher, which several threads run.
private final class BatchMaker: Sendable {
  let source: any BatchSource
  private let repeats: Bool
  private let state = Monitor(State())
  private let plan: Locked<PrefetchPlan>

  private struct State {
    /// The number, over all epochs, of the minibatch requested next; nil if none are being built.
    var expected: Int?
    /// The number of the minibatch built next, and of that after the last.
    var next = 0
    var end = 0
    /// Minibatches that are being built.
    var underWay = 0
    var ready: [Int: Result<Minibatch, WeftError>] = [:]
    var readyBytes = 0
    /// Bytes of the minibatch built last; nil for none.
    var lastBytes: Int?
    var isStopping = false

    /// Whether another minibatch may be built ahead.
    func hasRoom(_ bytes: Int) -> Bool {
      let count = ready.count + underWay
      if count == 0 { return true }
      guard let lastBytes else { return false }
      return readyBytes + (underWay + 1) * lastBytes <= bytes && count < BatchMaker.maximumLead
    }
  }

  /// Maximum number of minibatches built ahead: small ones need more memory than their values.
  private static let maximumLead = 64

  package init(_ source: any BatchSource, repeats: Bool) {
    self.source = source
    self.repeats = repeats
    plan = Locked(PrefetchPlan(source, first: 0, repeats: repeats))
  }

  func expects(_ ordinal: Int) -> Bool { state.withLock { $0.expected == ordinal } }

  func restart(at ordinal: Int) {
    let perEpoch = source.batchesPerEpoch
    let end = repeats ? Int.max : (ordinal / perEpoch + 1) * perEpoch
    plan.withLock {
      $0 = PrefetchPlan(source, first: ordinal, repeats: repeats)
      $0.extend(end: end)
    }
    state.change {
      $0.expected = ordinal
      $0.next = ordinal
      $0.end = end
    }
  }

  func stop() { state.change { $0.isStopping = true } }

  func clear() {
    state.change { state in
      let bytes = state.lastBytes
      state = State()
      state.lastBytes = bytes
    }
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
    let end = state.withLock { $0.end }
    while let ordinal = take(room) {
      plan.withLock { $0.extend(end: end) }
      let result = Result { () throws(WeftError) in
        try source.batch(epoch: ordinal / perEpoch, index: ordinal % perEpoch)
      }
      plan.withLock { $0.release(ordinal) }
      let isLast = state.change { state in
        state.ready[ordinal] = result
        state.readyBytes += result.byteCount
        state.lastBytes = result.byteCount
        state.underWay -= 1
        return state.next == end && state.underWay == 0
      }
      if isLast { store?.forgetPlan() }
    }
  }

  /// The number of the next minibatch to build, once there is room for it; nil if there is none.
  private func take(_ room: Int) -> Int? {
    state.wait { state -> Int?? in
      if state.isStopping || state.next == state.end { return .some(nil) }
      guard state.hasRoom(room) else { return nil }
      if state.underWay > 0, plan.withLock({ $0.beginsWindow(state.next) }) { return nil }
      defer { state.next += 1 }
      state.underWay += 1
      return state.next
    }
  }
}

extension Result<Minibatch, WeftError> {
  fileprivate var byteCount: Int { (try? get())?.byteCount ?? 0 }
}
