/// Minibatches whose sequences are to be written backwards.
struct ReversedBatches: BatchSource {
  private let source: any BatchSource

  init(_ source: any BatchSource) { self.source = source }

  var batchesPerEpoch: Int { source.batchesPerEpoch }

  var reads: (any BatchReads)? { source.reads }

  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    try source.batch(epoch: epoch, index: index).reconstructing
  }
}

extension Minibatch {
  /// The same inputs with each row's, backwards, as what is to be written.
  package var reconstructing: Minibatch {
    let places = (0..<rows).flatMap { (offsets[$0]..<offsets[$0 + 1]).reversed() }
    let steps: Inputs =
      switch inputs {
      case .tokens(let tokens): .tokens(places.map { tokens[$0] })
      case .features(let values, let width):
        .features(places.flatMap { values[$0 * width..<($0 + 1) * width] }, width: width)
      }
    return Minibatch(
      lengths: lengths, inputs: inputs, targets: nil,
      targetSequences: Sequences(lengths: lengths, steps: steps, share: share), share: share)
  }
}
