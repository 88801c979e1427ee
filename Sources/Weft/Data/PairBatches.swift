/// Minibatches of pairs of sequences: what is read, and the tokens that are written for it, each with lengths of its
/// own.
struct PairBatches: BatchSource {
  private let inputs: InputReader
  private let targets: SequenceReader
  private let inputLayout: SequenceBatches.Layout
  private let targetLayout: SequenceBatches.Layout
  private let rows: Int
  private let order: EpochOrder

  /// - Parameter shuffleSeed: Seed of the pairs' order; nil for the file's order.
  init(
    inputs: InputReader, _ inputLayout: SequenceBatches.Layout, targets: SequenceReader,
    _ targetLayout: SequenceBatches.Layout, batch: Int, shuffleSeed: UInt64?
  ) {
    precondition(inputLayout.count == targetLayout.count)
    self.inputs = inputs
    self.targets = targets
    self.inputLayout = inputLayout
    self.targetLayout = targetLayout
    rows = batch
    order = EpochOrder(count: inputLayout.count, seed: shuffleSeed)
  }

  var batchesPerEpoch: Int { (inputLayout.count + rows - 1) / rows }

  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let order = order.order(epoch: epoch)
    let chosen = order[index * rows..<min((index + 1) * rows, order.count)]
      .enumerated()
      .sorted { (inputLayout.length($0.element), $1.offset) > (inputLayout.length($1.element), $0.offset) }
      .map(\.element)
    var inputParts: [Steps] = []
    var targetParts: [Steps] = []
    for pair in chosen {
      let input = inputLayout.block(pair)
      inputParts.append(try inputs.read(offset: input.offset, count: input.count))
      let target = targetLayout.block(pair)
      targetParts.append(try targets.read(offset: target.offset, count: target.count))
    }
    return Minibatch(
      lengths: chosen.map(inputLayout.length), inputs: joined(inputParts).inputs, targets: nil,
      targetSequences: Minibatch.Sequences(
        lengths: chosen.map(targetLayout.length), steps: joined(targetParts).inputs))
  }
}

/// Minibatches whose sequences are to be written backwards.
struct ReversedBatches: BatchSource {
  private let source: any BatchSource

  init(_ source: any BatchSource) { self.source = source }

  var batchesPerEpoch: Int { source.batchesPerEpoch }

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
      targetSequences: Sequences(lengths: lengths, steps: steps))
  }
}
