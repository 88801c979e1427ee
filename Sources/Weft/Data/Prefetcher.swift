import Dispatch

/// Reads the next minibatch while the trainer works on the one before.
final class Prefetcher: Sendable {
  private let source: any BatchSource
  private let queue = DispatchQueue(label: "weft.prefetch")
  private let pending = Locked<Pending?>(nil)

  /// A read that was begun.
  private final class Pending: Sendable {
    let epoch: Int
    let index: Int
    let isDone = DispatchSemaphore(value: 0)
    let result = Locked<Result<Minibatch, WeftError>?>(nil)

    init(epoch: Int, index: Int) {
      self.epoch = epoch
      self.index = index
    }
  }

  init(_ source: any BatchSource) { self.source = source }

  /// Waits for a read that was begun: HDF5 takes a new file for one that it still has open if the system gives it the
  /// number of a file that was deleted meanwhile, so none may stay open behind its user's back.
  deinit { queue.sync {} }

  var batchesPerEpoch: Int { source.batchesPerEpoch }

  /// The minibatch, and the one after it begun in the background.
  ///
  /// - Throws: What reading it threw.
  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let begun = pending.withLock { pending in
      defer { pending = nil }
      return pending
    }
    let batch: Minibatch
    if let begun, begun.epoch == epoch, begun.index == index {
      begun.isDone.wait()
      guard let result = begun.result.withLock({ $0 }) else { preconditionFailure("the read was done") }
      batch = try result.get()
    } else {
      batch = try source.batch(epoch: epoch, index: index)
    }
    let isLast = index + 1 == source.batchesPerEpoch
    begin(Pending(epoch: isLast ? epoch + 1 : epoch, index: isLast ? 0 : index + 1))
    return batch
  }

  private func begin(_ next: Pending) {
    pending.withLock { $0 = next }
    queue.async { [source] in
      let result = Result { () throws(WeftError) in
        try source.batch(epoch: next.epoch, index: next.index)
      }
      next.result.withLock { $0 = result }
      next.isDone.signal()
    }
  }
}
