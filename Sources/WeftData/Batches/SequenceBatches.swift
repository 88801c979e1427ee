import WeftBase

/// Minibatches of independent sequences: dense `[sequences, time, features]`, padded to one length with separate
/// lengths, or ragged, concatenated with offsets.
package struct SequenceBatches: BatchSource {
  private let datasets: Datasets
  private let rows: Int
  private let share: RowShare
  private let order: EpochOrder

  /// - Parameters:
  ///   - share: The rows of each minibatch to read.
  ///   - hasTargetPerStep: Whether targets have the layout of the inputs, rather than one per sequence.
  ///   - targetPlaces: Positions of target sequences of independent length; nil for other targets.
  ///   - shuffleSeed: Seed of the order of sequences; nil for the order of the file.
  ///   - bucketMinibatches: Bucket size, in minibatches; 0 disables bucketing.
  ///   - sampler: Draws the sequences of an epoch; nil to visit each once.
  package init(
    inputs: InputReader, targets: SequenceReader?, weights: SequenceReader? = nil, hasTargetPerStep: Bool,
    places: SequencePlaces, targetPlaces: SequencePlaces? = nil, batch: Int, share: RowShare = .all,
    shuffleSeed: UInt64?, bucketMinibatches: Int = 0, sampler: WeightedSampler? = nil
  ) {
    let datasets = Datasets(
      inputs: inputs, targets: targets, weights: weights, hasTargetPerStep: hasTargetPerStep, places: places,
      targetPlaces: targetPlaces)
    self.datasets = datasets
    rows = batch
    self.share = share
    let units = shuffleSeed.flatMap { _ in
      ShuffleUnits(count: places.count, in: inputs.store, visit: datasets.visitChunks)
    }
    let buckets =
      bucketMinibatches > 0
      ? LengthBuckets(minibatches: bucketMinibatches, rows: batch) { places.length($0) } : nil
    order = EpochOrder(
      count: places.count, seed: shuffleSeed, units: units, buckets: buckets, sampler: sampler)
  }

  /// The datasets of inputs and targets, with the positions of sequences.
  private struct Datasets: Sendable {
    let inputs: InputReader
    let targets: SequenceReader?
    let weights: SequenceReader?
    let hasTargetPerStep: Bool
    let places: SequencePlaces
    let targetPlaces: SequencePlaces?

    /// The block of the targets of a sequence; nil if it is empty.
    func targetBlock(_ sequence: Int) -> StepBlockPlace? {
      guard let targetPlaces else {
        return hasTargetPerStep ? places.block(sequence) : (offset: [sequence], count: [1])
      }
      return targetPlaces.length(sequence) == 0 ? nil : targetPlaces.block(sequence)
    }

    func visitChunks(of sequence: Int, _ body: (ChunkStore.Key) -> Void) {
      visitChunks(of: CollectionOfOne(sequence), body)
    }

    /// Sequences that follow one another are visited at once.
    func visitChunks(of sequences: some Collection<Int>, _ body: (ChunkStore.Key) -> Void) {
      let blocks = sequences.map(places.block)
      // Static features have a row for each.
      if inputs.staticCount > 0 {
        for block in blocks { inputs.visitChunks(block, body) }
      } else {
        blocks.forEachJoined { inputs.visitChunks($0, body) }
      }
      if targets == nil, weights == nil { return }
      sequences.compactMap(targetBlock).forEachJoined {
        targets?.visitChunks($0, body)
        weights?.visitChunks($0, body)
      }
    }
  }

  package var batchesPerEpoch: Int { (datasets.places.count + rows - 1) / rows }

  package var reads: BatchReads? {
    BatchReads(store: datasets.inputs.store, isShuffled: order.isShuffled, rows: sequencesToRead) {
      sequences, _, body in datasets.visitChunks(of: sequences, body)
    }
  }

  /// The sequences that a minibatch reads; in the order of the epoch if it reads all.
  private func sequencesToRead(epoch: Int, index: Int) -> [Int] {
    share == .all
      ? sequencesInOrder(epoch: epoch, index: index)
      : share.select(sequencesOfRows(epoch: epoch, index: index))
  }

  private func sequencesInOrder(epoch: Int, index: Int) -> [Int] {
    order.items(index * rows..<min((index + 1) * rows, order.count), epoch: epoch)
  }

  /// The sequences of a minibatch's rows, longest first.
  private func sequencesOfRows(epoch: Int, index: Int) -> [Int] {
    let sequences = sequencesInOrder(epoch: epoch, index: index)
    return sequences.longestFirst(datasets.places.length).map { sequences[$0] }
  }

  package func sequences(epoch: Int, index: Int) -> [Int]? { sequencesOfRows(epoch: epoch, index: index) }

  package func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let chosen = sequencesOfRows(epoch: epoch, index: index)
    let own = share == .all ? chosen : share.select(chosen)
    let inputs = try datasets.inputs.read(own.map(datasets.places.block))
    let steps = try datasets.targets?.read(own.compactMap(datasets.targetBlock))
    let targets = steps.map { steps in
      datasets.targetPlaces.map { places in
        .sequences(TargetSequences(lengths: chosen.map(places.length), steps: steps, share: share))
      } ?? steps.targets
    }
    var batch = Minibatch(
      lengths: chosen.map(datasets.places.length), inputs: inputs, targets: targets, share: share)
    if let weights = datasets.weights {
      batch.weights = try weights.features(own.compactMap(datasets.targetBlock)).values
    }
    return batch
  }
}
