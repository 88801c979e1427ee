/// The minibatches of one split, by number, so that a run can go on anywhere.
package protocol BatchSource: Sendable {
  /// Minibatches in an epoch, at least 1.
  var batchesPerEpoch: Int { get }

  /// A minibatch; depends on the numbers alone, never on what was read before.
  ///
  /// - Throws: If the file cannot be read or holds what the model cannot take.
  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch

  /// What a minibatch reads, so that it can be read ahead; nil where that is not known.
  var reads: (any BatchReads)? { get }
}

extension BatchSource {
  package var reads: (any BatchReads)? { nil }
}

/// The blocks that the minibatches of a split read.
package protocol BatchReads: Sendable {
  /// Where they are kept.
  var store: ChunkStore { get }

  /// Whether minibatches read from blocks all over the file.
  var isShuffled: Bool { get }

  /// Calls `body` with each block that a minibatch reads, with some maybe more than once.
  func visitChunks(epoch: Int, index: Int, _ body: (ChunkStore.Key) -> Void)
}
