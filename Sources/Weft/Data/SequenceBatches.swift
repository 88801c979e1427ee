/// Minibatches of sequences that stand for themselves: dense `[sequences, time, features]`, padded to one length
/// with the true lengths beside, or ragged, one after the other with offsets.
struct SequenceBatches: BatchSource {
  /// Where each sequence lies.
  enum Layout: Sendable {
    /// Sequence i is row i of every dataset, its first `lengths[i]` steps.
    case dense(lengths: [Int])
    /// Sequence i is the steps `offsets[i]..<offsets[i + 1]` of every dataset.
    case ragged(offsets: [Int])

    var count: Int {
      switch self {
      case .dense(let lengths): lengths.count
      case .ragged(let offsets): offsets.count - 1
      }
    }

    func length(_ sequence: Int) -> Int {
      switch self {
      case .dense(let lengths): lengths[sequence]
      case .ragged(let offsets): offsets[sequence + 1] - offsets[sequence]
      }
    }

    /// The block of a dataset that holds a sequence, without the dimension of features.
    func block(_ sequence: Int) -> (offset: [Int], count: [Int]) {
      switch self {
      case .dense(let lengths): ([sequence, 0], [1, lengths[sequence]])
      case .ragged(let offsets): ([offsets[sequence]], [offsets[sequence + 1] - offsets[sequence]])
      }
    }
  }

  private let inputs: InputReader
  private let targets: SequenceReader
  private let hasTargetPerStep: Bool
  private let layout: Layout
  private let targetLayout: Layout?
  private let rows: Int
  private let order: EpochOrder

  /// - Parameters:
  ///   - hasTargetPerStep: Whether targets are laid out as inputs are, or are one a sequence.
  ///   - targetLayout: Where each sequence's targets lie if they are sequences with lengths of their own.
  ///   - shuffleSeed: Seed of the sequences' order; nil for the file's order.
  init(
    inputs: InputReader, targets: SequenceReader, hasTargetPerStep: Bool, layout: Layout,
    targetLayout: Layout? = nil, batch: Int, shuffleSeed: UInt64?
  ) {
    self.inputs = inputs
    self.targets = targets
    self.hasTargetPerStep = hasTargetPerStep
    self.layout = layout
    self.targetLayout = targetLayout
    rows = batch
    order = EpochOrder(count: layout.count, seed: shuffleSeed)
  }

  var batchesPerEpoch: Int { (layout.count + rows - 1) / rows }

  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let order = order.order(epoch: epoch)
    let chosen = order[index * rows..<min((index + 1) * rows, order.count)]
      .enumerated()
      .sorted { (layout.length($0.element), $1.offset) > (layout.length($1.element), $0.offset) }
      .map(\.element)
    var inputParts: [Steps] = []
    var targetParts: [Steps] = []
    for sequence in chosen {
      var block = layout.block(sequence)
      inputParts.append(try inputs.read(offset: block.offset, count: block.count))
      if let targetLayout {
        if targetLayout.length(sequence) == 0 { continue }
        block = targetLayout.block(sequence)
      } else if !hasTargetPerStep {
        block = (offset: [sequence], count: [1])
      }
      targetParts.append(try targets.read(offset: block.offset, count: block.count))
    }
    let inputs = joined(inputParts).inputs
    let lengths = chosen.map(layout.length)
    guard let targetLayout else {
      return Minibatch(lengths: lengths, inputs: inputs, targets: joined(targetParts).targets)
    }
    let steps = targetParts.isEmpty ? .tokens([]) : joined(targetParts).inputs
    return Minibatch(
      lengths: lengths, inputs: inputs, targets: nil,
      targetSequences: Minibatch.Sequences(lengths: chosen.map(targetLayout.length), steps: steps))
  }
}
