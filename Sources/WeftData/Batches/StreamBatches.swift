import WeftBase

/// Windows of one stream. Targets are those of the same steps or, if there are none, the inputs one step later; for
/// each step of a window or for its last step.
///
/// With carried state, the stream is divided into as many equal parts as a minibatch has rows; minibatch k consists of
/// window k of every part, so that each row continues the previous one. Otherwise windows are independent and visited
/// in random order.
struct StreamBatches: BatchSource {
  private let inputs: InputReader
  private let targets: SequenceReader?
  private let weights: SequenceReader?
  private let hasTargetPerStep: Bool
  private let window: Int
  /// Steps between the starts of consecutive windows.
  private let stride: Int
  private let rows: Int
  private let share: RowShare
  /// Steps with a target in the part of each row.
  private let partLength: Int
  private let carriesState: Bool
  private let resetEvery: Int?
  private let order: EpochOrder

  /// - Parameters:
  ///   - hasTargetPerStep: Whether each step of a window has a target, rather than only the last.
  ///   - steps: Steps of the stream with a target, at least 1.
  ///   - stride: Steps between the starts of consecutive windows, at most `window`; nil for `window`. Unused with
  ///     carried state.
  ///   - share: The rows of each minibatch to read.
  ///   - resetEvery: Windows after which carried states are reset; nil for never.
  ///   - shuffleSeed: Seed of the order of windows; nil for the order of the file. Unused with carried state.
  init(
    inputs: InputReader, targets: SequenceReader?, weights: SequenceReader? = nil, hasTargetPerStep: Bool,
    steps: Int, batch: Int, window: Int, stride: Int? = nil, carriesState: Bool, share: RowShare = .all,
    resetEvery: Int? = nil,
    shuffleSeed: UInt64?
  ) {
    precondition(steps >= 1)
    self.inputs = inputs
    self.targets = targets
    self.weights = weights
    self.hasTargetPerStep = hasTargetPerStep
    self.window = window
    let stride = carriesState ? window : stride ?? window
    self.stride = stride
    self.carriesState = carriesState
    self.resetEvery = resetEvery
    self.share = share
    rows = carriesState ? min(batch, steps) : batch
    let partLength = carriesState ? steps / rows : steps
    self.partLength = partLength
    let windows = StreamBatches.windows(of: partLength, window: window, stride: stride)
    let units = (carriesState ? nil : shuffleSeed).flatMap { _ in
      ShuffleUnits(count: windows, in: inputs.store, areAscending: true) { number, body in
        let start = number * stride
        StreamBatches.visitChunks(inputs, targets, from: start, count: min(window, partLength - start), body)
      }
    }
    order = EpochOrder(count: windows, seed: carriesState ? nil : shuffleSeed, units: units)
  }

  private static func visitChunks(
    _ inputs: InputReader, _ targets: SequenceReader?, from start: Int, count: Int,
    _ body: (ChunkStore.Key) -> Void
  ) {
    inputs.visitChunks(([start], [targets == nil ? count + 1 : count]), body)
    targets?.visitChunks(([start], [count]), body)
  }

  var reads: BatchReads? {
    BatchReads(
      store: inputs.store, isShuffled: order.isShuffled,
      rows: { epoch, index in share.select(starts(epoch: epoch, index: index)) },
      visit: { starts, index, body in
        for start in starts {
          StreamBatches.visitChunks(
            inputs, targets, from: start, count: count(at: start, index: index), body)
        }
      })
  }

  /// Number of windows needed to reach the end of a part.
  private static func windows(of partLength: Int, window: Int, stride: Int) -> Int {
    1 + (max(partLength - window, 0) + stride - 1) / stride
  }

  private var windowsPerPart: Int {
    StreamBatches.windows(of: partLength, window: window, stride: stride)
  }

  var batchesPerEpoch: Int {
    carriesState ? windowsPerPart : (windowsPerPart + rows - 1) / rows
  }

  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let starts = starts(epoch: epoch, index: index)
    let windows = share.select(starts).map { (start: $0, count: count(at: $0, index: index)) }
    let targetBlocks = windows.map { start, count -> StepBlockPlace in
      let first = hasTargetPerStep ? 0 : count - 1
      return ([start + first + (targets == nil ? 1 : 0)], [count - first])
    }
    let targetSteps =
      if let targets { try targets.read(targetBlocks) } else { try inputs.read(targetBlocks) }
    var batch = Minibatch(
      lengths: starts.map { count(at: $0, index: index) },
      inputs: try inputs.read(windows.map { ([$0.start], [$0.count]) }),
      targets: targetSteps.targets,
      continues: carriesState && (resetEvery.map { index % $0 != 0 } ?? (index > 0)), share: share)
    if let weights { batch.weights = try weights.features(targetBlocks).values }
    return batch
  }

  /// The first step of each row of a minibatch.
  private func starts(epoch: Int, index: Int) -> [Int] {
    if carriesState { return (0..<rows).map { $0 * partLength + index * window } }
    let places = index * rows..<min((index + 1) * rows, order.count)
    let chosen = order.items(places, epoch: epoch).map { $0 * stride }
    // The last window of the stream may be shorter; rows are sorted longest first.
    return chosen.filter { length(at: $0) == window } + chosen.filter { length(at: $0) < window }
  }

  /// Steps of the row of minibatch `index` that starts at `start`.
  private func count(at start: Int, index: Int) -> Int {
    carriesState ? min(window, partLength - index * window) : length(at: start)
  }

  private func length(at start: Int) -> Int { min(window, partLength - start) }
}
