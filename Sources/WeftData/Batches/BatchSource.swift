import WeftBase

/// The minibatches of one split, by number, so that a run can go on anywhere.
package protocol BatchSource: Sendable {
  /// Minibatches in an epoch, at least 1.
  var batchesPerEpoch: Int { get }

  /// A minibatch; depends on the numbers alone, never on what was read before.
  ///
  /// - Throws: If the file cannot be read or holds what the model cannot take.
  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch

  /// The number in the split of each row's sequence; nil where rows are windows.
  func sequences(epoch: Int, index: Int) -> [Int]?

  /// What minibatches read, so that it can be read ahead; nil where that is not known.
  var reads: BatchReads? { get }
}

extension BatchSource {
  package func sequences(epoch: Int, index: Int) -> [Int]? { nil }
  package var reads: BatchReads? { nil }
}

/// The blocks that the minibatches of a split read.
package struct BatchReads: Sendable {
  /// Where they are kept.
  package let store: ChunkStore

  /// Whether minibatches read from blocks all over the file.
  let isShuffled: Bool

  /// What each row of a minibatch is, by a number that `visit` takes.
  private let rows: @Sendable (_ epoch: Int, _ index: Int) -> [Int]
  private let visit: @Sendable (_ row: Int, _ index: Int, _ body: (ChunkStore.Key) -> Void) -> Void

  /// - Parameters:
  ///   - store: Where the blocks are kept; without one, there is nothing to read ahead.
  ///   - rows: A number for each row that a minibatch reads, such as its sequence.
  ///   - visit: Calls back with each block that holds a part of such a row of a minibatch.
  init?(
    store: ChunkStore?, isShuffled: Bool, rows: @escaping @Sendable (_ epoch: Int, _ index: Int) -> [Int],
    visit: @escaping @Sendable (_ row: Int, _ index: Int, _ body: (ChunkStore.Key) -> Void) -> Void
  ) {
    guard let store else { return nil }
    self.store = store
    self.isShuffled = isShuffled
    self.rows = rows
    self.visit = visit
  }

  /// Calls `body` with each block that a minibatch reads, with some maybe more than once.
  func visitChunks(epoch: Int, index: Int, _ body: (ChunkStore.Key) -> Void) {
    for row in rows(epoch, index) { visit(row, index, body) }
  }
}
