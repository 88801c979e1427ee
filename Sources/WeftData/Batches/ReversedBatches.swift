import WeftBase

/// Minibatches whose target sequences are their reversed inputs.
struct ReversedBatches: BatchSource {
  private let source: any BatchSource

  init(_ source: any BatchSource) { self.source = source }

  var batchesPerEpoch: Int { source.batchesPerEpoch }
  var reads: BatchReads? { source.reads }
  func sequences(epoch: Int, index: Int) -> [Int]? { source.sequences(epoch: epoch, index: index) }

  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    try source.batch(epoch: epoch, index: index).reversingInputs
  }
}
