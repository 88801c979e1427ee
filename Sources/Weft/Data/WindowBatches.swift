/// Windows of long series, each a context and what follows it; none reaches from one series into the next.
///
/// Where outputs are for the whole sequence, a window is `context` steps and its targets are the `horizon` steps after
/// them, `[rows, horizon × targets]`: a direct forecast. Where they are for every step, a window is
/// `context + horizon − 1` steps and each has the next step's values as targets: a forecast is fed back.
///
/// With a season, direct targets are differences from the latest values before the window's end that lie whole seasons
/// earlier.
struct WindowBatches: BatchSource, BatchReads {
  private let inputs: InputReader
  private let targets: SequenceReader
  /// Known in advance, so that each step reads those of the step that it forecasts.
  private let covariates: InputReader?
  private let context: Int
  private let horizon: Int
  private let isDirect: Bool
  private let season: Int?
  private let firstSteps: WindowStarts
  private let rows: Int
  private let share: RowShare
  private let order: EpochOrder
  private let places: Places

  /// - Parameters:
  ///   - series: Steps of each series, in ascending order, one of at least `context + horizon`.
  ///   - season: At most the context; only of direct forecasts. Nil for targets as they are.
  ///   - spacing: Steps from the start of one window to that of the next.
  ///   - share: The rows of each minibatch to read.
  ///   - shuffleSeed: Seed of the windows' order; nil for that of time.
  init(
    inputs: InputReader, targets: SequenceReader, covariates: InputReader?, series: [Range<Int>],
    context: Int, horizon: Int, isDirect: Bool, season: Int? = nil, spacing: Int, batch: Int,
    share: RowShare = .all, shuffleSeed: UInt64?
  ) {
    self.inputs = inputs
    self.targets = targets
    self.covariates = covariates
    self.context = context
    self.horizon = horizon
    self.isDirect = isDirect
    self.season = season
    rows = batch
    self.share = share
    let firstSteps = WindowStarts(series, window: context + horizon, spacing: spacing)
    self.firstSteps = firstSteps
    let places = Places(inputs: inputs, targets: targets, covariates: covariates, steps: context + horizon)
    self.places = places
    let units = shuffleSeed.flatMap { _ in
      ShuffleUnits(count: firstSteps.count, in: inputs.store) { places.visitChunks(from: firstSteps[$0], $1) }
    }
    order = EpochOrder(count: firstSteps.count, seed: shuffleSeed, units: units)
  }

  /// Where the blocks of a window lie: inputs, covariates and targets are all within its context and horizon.
  private struct Places: Sendable {
    let inputs: InputReader
    let targets: SequenceReader
    let covariates: InputReader?
    let steps: Int

    func visitChunks(from start: Int, _ body: (ChunkStore.Key) -> Void) {
      inputs.visitChunks(offset: [start], count: [steps], body)
      targets.visitChunks(offset: [start], count: [steps], body)
      covariates?.visitChunks(offset: [start], count: [steps], body)
    }
  }

  var reads: (any BatchReads)? { inputs.store.map { _ in self } }

  var store: ChunkStore { inputs.store! }

  var isShuffled: Bool { order.isShuffled }

  func visitChunks(epoch: Int, index: Int, _ body: (ChunkStore.Key) -> Void) {
    for start in share.select(starts(epoch: epoch, index: index)) {
      places.visitChunks(from: start, body)
    }
  }

  /// Where the windows of a minibatch begin.
  private func starts(epoch: Int, index: Int) -> [Int] {
    let order = order.order(epoch: epoch)
    return order[index * rows..<min((index + 1) * rows, order.count)].map { firstSteps[$0] }
  }

  var batchesPerEpoch: Int { (order.count + rows - 1) / rows }

  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let chosen = starts(epoch: epoch, index: index)
    let length = isDirect ? context : context + horizon - 1
    var values: [Float] = []
    var truths: [Float] = []
    var origins: [Float] = []
    var width = inputs.width + (covariates?.width ?? 0)
    for start in share.select(chosen) {
      let window = try WindowBatches.window(
        first: start, steps: length, inputs: inputs, covariates: covariates)
      values += window.values
      width = window.width
      let (first, count) = isDirect ? (start + context, horizon) : (start + 1, length)
      guard case .features(var target, _) = try targets.read(first: first, steps: count) else {
        preconditionFailure("forecasts are numbers")
      }
      if let season {
        let earlier = try WindowBatches.origins(of: targets, before: first, season: season)
        for place in target.indices { target[place] -= earlier[place % earlier.count] }
        origins += earlier
      }
      truths += target
    }
    var batch = Minibatch(
      lengths: chosen.map { _ in length }, inputs: .features(values, width: width),
      targets: .values(truths, width: (isDirect ? horizon : 1) * targets.width), share: share)
    batch.targetOrigins = origins
    return batch
  }

  /// The last season before a step, which what follows is compared with.
  static func origins(
    of targets: SequenceReader, before first: Int, season: Int
  ) throws(WeftError) -> [Float] {
    guard case .features(let earlier, _) = try targets.read(first: first - season, steps: season) else {
      preconditionFailure("forecasts are numbers")
    }
    return earlier
  }

  /// The features of some steps: the series beside the covariates of the step after each.
  static func window(
    first: Int, steps: Int, inputs: InputReader, covariates: InputReader?
  ) throws(WeftError) -> (values: [Float], width: Int) {
    guard case .features(let series, let width) = try inputs.read(first: first, steps: steps) else {
      preconditionFailure("a series is numbers")
    }
    guard let covariates else { return (series, width) }
    guard case .features(let known, let knownWidth) = try covariates.read(first: first + 1, steps: steps)
    else {
      preconditionFailure("covariates are numbers")
    }
    var joined: [Float] = []
    joined.reserveCapacity(steps * (width + knownWidth))
    for step in 0..<steps {
      joined += series[step * width..<(step + 1) * width]
      joined += known[step * knownWidth..<(step + 1) * knownWidth]
    }
    return (joined, width + knownWidth)
  }
}
