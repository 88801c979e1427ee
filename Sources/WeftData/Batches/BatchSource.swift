import WeftBase

/// The minibatches of one split, with random access, so that a run can resume anywhere.
package protocol BatchSource: Sendable {
  /// Minibatches per epoch, at least 1.
  var batchesPerEpoch: Int { get }

  /// A minibatch; depends only on epoch and index, never on previous reads.
  ///
  /// - Throws: If the file cannot be read or contains invalid values.
  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch

  /// The index in the split of each row's sequence; nil if rows are windows.
  func sequences(epoch: Int, index: Int) -> [Int]?

  /// The blocks that minibatches read, for prefetching; nil if unknown.
  var reads: BatchReads? { get }
}

extension BatchSource {
  package func sequences(epoch: Int, index: Int) -> [Int]? { nil }
  package var reads: BatchReads? { nil }
}

/// The blocks that the minibatches of a split read.
package struct BatchReads: Sendable {
  /// The store of the blocks.
  package let store: ChunkStore

  /// Whether minibatches read blocks in random order.
  let isShuffled: Bool

  /// The rows of a minibatch, as numbers for `visit`.
  private let rows: @Sendable (_ epoch: Int, _ index: Int) -> [Int]
  private let visit: @Sendable (_ rows: [Int], _ index: Int, _ body: (ChunkStore.Key) -> Void) -> Void

  /// - Parameters:
  ///   - store: The store of the blocks; nil makes the result nil.
  ///   - rows: A number per row of a minibatch, such as its sequence.
  ///   - visit: Calls back with each block that contains part of the rows.
  init?(
    store: ChunkStore?, isShuffled: Bool, rows: @escaping @Sendable (_ epoch: Int, _ index: Int) -> [Int],
    visit: @escaping @Sendable (_ rows: [Int], _ index: Int, _ body: (ChunkStore.Key) -> Void) -> Void
  ) {
    guard let store else { return nil }
    self.store = store
    self.isShuffled = isShuffled
    self.rows = rows
    self.visit = visit
  }

  /// Calls `body` with each block that a minibatch reads, possibly more than once.
  func visitChunks(epoch: Int, index: Int, _ body: (ChunkStore.Key) -> Void) {
    visit(rows(epoch, index), index, body)
  }
}
