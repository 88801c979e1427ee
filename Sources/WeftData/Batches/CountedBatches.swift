import WeftBase

/// The minibatches of another source, counted as they are read.
package struct CountedBatches: BatchSource {
  private let source: any BatchSource
  private let onBatch: @Sendable (_ index: Int, _ total: Int) -> Void

  /// - Parameter onBatch: Called after each minibatch, with its number in the epoch from 1 and how many there are.
  package init(_ source: any BatchSource, onBatch: @escaping @Sendable (_ index: Int, _ total: Int) -> Void) {
    self.source = source
    self.onBatch = onBatch
  }

  package var batchesPerEpoch: Int { source.batchesPerEpoch }
  package var reads: BatchReads? { source.reads }
  package func sequences(epoch: Int, index: Int) -> [Int]? { source.sequences(epoch: epoch, index: index) }

  package func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let batch = try source.batch(epoch: epoch, index: index)
    onBatch(index + 1, source.batchesPerEpoch)
    return batch
  }
}
