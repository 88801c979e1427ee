/// Minibatches of sequences that stand for themselves: dense `[sequences, time, features]`, padded to one length
/// with the true lengths beside, or ragged, one after the other with offsets.
struct SequenceBatches: BatchSource, BatchReads {
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

  private let places: Places
  private let rows: Int
  private let share: RowShare
  private let order: EpochOrder

  /// - Parameters:
  ///   - share: The rows of each minibatch to read.
  ///   - hasTargetPerStep: Whether targets are laid out as inputs are, or are one a sequence.
  ///   - targetLayout: Where each sequence's targets lie if they are sequences with lengths of their own.
  ///   - shuffleSeed: Seed of the sequences' order; nil for the file's order.
  ///   - bucketMinibatches: Minibatches among which shuffled sequences are dealt by length; 0 for none.
  init(
    inputs: InputReader, targets: SequenceReader?, hasTargetPerStep: Bool, layout: Layout,
    targetLayout: Layout? = nil, batch: Int, share: RowShare = .all, shuffleSeed: UInt64?,
    bucketMinibatches: Int = 0
  ) {
    let places = Places(
      inputs: inputs, targets: targets, hasTargetPerStep: hasTargetPerStep, layout: layout,
      targetLayout: targetLayout)
    self.places = places
    rows = batch
    self.share = share
    let units = shuffleSeed.flatMap { _ in
      ShuffleUnits(count: layout.count, in: inputs.store, visit: places.visitChunks)
    }
    let buckets =
      bucketMinibatches > 0
      ? LengthBuckets(minibatches: bucketMinibatches, rows: batch) { layout.length($0) } : nil
    order = EpochOrder(count: layout.count, seed: shuffleSeed, units: units, buckets: buckets)
  }

  /// Where the blocks of a sequence's inputs and targets lie.
  private struct Places: Sendable {
    let inputs: InputReader
    let targets: SequenceReader?
    let hasTargetPerStep: Bool
    let layout: Layout
    let targetLayout: Layout?

    /// The block of the targets that belongs to a sequence; nil where it is empty.
    func targetBlock(_ sequence: Int) -> (offset: [Int], count: [Int])? {
      guard let targetLayout else {
        return hasTargetPerStep ? layout.block(sequence) : (offset: [sequence], count: [1])
      }
      return targetLayout.length(sequence) == 0 ? nil : targetLayout.block(sequence)
    }

    func visitChunks(of sequence: Int, _ body: (ChunkStore.Key) -> Void) {
      let block = layout.block(sequence)
      inputs.visitChunks(offset: block.offset, count: block.count, body)
      if let target = targetBlock(sequence) {
        targets?.visitChunks(offset: target.offset, count: target.count, body)
      }
    }
  }

  var reads: (any BatchReads)? { places.inputs.store.map { _ in self } }

  var store: ChunkStore { places.inputs.store! }

  var isShuffled: Bool { order.isShuffled }

  func visitChunks(epoch: Int, index: Int, _ body: (ChunkStore.Key) -> Void) {
    let read =
      share == .all
      ? Array(sequences(epoch: epoch, index: index))
      : share.select(sequencesOfRows(epoch: epoch, index: index))
    for sequence in read {
      places.visitChunks(of: sequence, body)
    }
  }

  /// The sequences of a minibatch in the order of the epoch.
  private func sequences(epoch: Int, index: Int) -> ArraySlice<Int> {
    let order = order.order(epoch: epoch)
    return order[index * rows..<min((index + 1) * rows, order.count)]
  }

  /// The sequences that a minibatch's rows are, longest first.
  func sequencesOfRows(epoch: Int, index: Int) -> [Int] {
    let layout = places.layout
    return sequences(epoch: epoch, index: index)
      .enumerated()
      .sorted { (layout.length($0.element), $1.offset) > (layout.length($1.element), $0.offset) }
      .map(\.element)
  }

  var batchesPerEpoch: Int { (places.layout.count + rows - 1) / rows }

  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let layout = places.layout
    let chosen = sequencesOfRows(epoch: epoch, index: index)
    let own = share == .all ? chosen : share.select(chosen)
    let inputs = try places.inputs.read(own.map(layout.block)).inputs
    let targets = try places.targets?.read(own.compactMap(places.targetBlock))
    let lengths = chosen.map(layout.length)
    guard let targetLayout = places.targetLayout, let targets else {
      return Minibatch(lengths: lengths, inputs: inputs, targets: targets?.targets, share: share)
    }
    return Minibatch(
      lengths: lengths, inputs: inputs, targets: nil,
      targetSequences: Minibatch.Sequences(
        lengths: chosen.map(targetLayout.length), steps: targets.inputs, share: share),
      share: share)
  }
}
