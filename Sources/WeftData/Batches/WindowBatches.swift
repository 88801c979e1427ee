import WeftBase

/// Windows of series for forecasting: a context and the steps that follow it. A window does not cross series.
///
/// With one output per sequence, a window has `context` steps, and its targets are the next `horizon` steps,
/// `[rows, horizon × targets]` (direct forecast). With one output per step, a window has `context + horizon − 1` steps,
/// and the targets of each step are the values of the next step (forecasts are fed back).
///
/// With a season, direct targets are differences from the latest known values a whole number of seasons earlier.
struct WindowBatches: BatchSource {
  private let windows: WindowReader
  private let targets: SequenceReader
  private let context: Int
  private let horizon: Int
  private let isDirect: Bool
  private let season: Int?
  private let relative: RelativeWindows?
  private let firstSteps: WindowStarts
  private let rows: Int
  private let share: RowShare
  private let order: EpochOrder

  /// - Parameters:
  ///   - series: Steps of each series, in ascending order; one must have at least `context + horizon`.
  ///   - season: Season length, at most the context; only for direct forecasts. Nil for plain targets.
  ///   - relative: What relates values to a level of each window; nil for the values themselves.
  ///   - spacing: Steps between the starts of consecutive windows.
  ///   - share: The rows of each minibatch to read.
  ///   - shuffleSeed: Seed of the order of windows; nil for chronological order.
  init(
    windows: WindowReader, targets: SequenceReader, series: [Range<Int>], context: Int, horizon: Int,
    isDirect: Bool, season: Int? = nil, relative: RelativeWindows? = nil, spacing: Int, batch: Int,
    share: RowShare = .all, shuffleSeed: UInt64?
  ) {
    self.windows = windows
    self.targets = targets
    self.context = context
    self.horizon = horizon
    self.isDirect = isDirect
    self.season = season
    self.relative = relative
    rows = batch
    self.share = share
    let steps = context + horizon
    let firstSteps = WindowStarts(series, window: steps, spacing: spacing)
    self.firstSteps = firstSteps
    let units = shuffleSeed.flatMap { _ in
      ShuffleUnits(count: firstSteps.count, in: windows.inputs.store, areAscending: true) {
        WindowBatches.visitChunks(windows, targets, from: firstSteps[$0], steps: steps, $1)
      }
    }
    order = EpochOrder(count: firstSteps.count, seed: shuffleSeed, units: units)
  }

  /// Visits the blocks of a window's context and horizon in inputs, covariates and targets.
  private static func visitChunks(
    _ windows: WindowReader, _ targets: SequenceReader, from start: Int, steps: Int,
    _ body: (ChunkStore.Key) -> Void
  ) {
    windows.visitChunks(start: start, steps: steps, body)
    targets.visitChunks(([start], [steps]), body)
  }

  var reads: BatchReads? {
    BatchReads(
      store: windows.inputs.store, isShuffled: order.isShuffled,
      rows: { epoch, index in share.select(starts(epoch: epoch, index: index)) },
      visit: { start, _, body in
        WindowBatches.visitChunks(windows, targets, from: start, steps: context + horizon, body)
      })
  }

  /// The first step of each window of a minibatch.
  private func starts(epoch: Int, index: Int) -> [Int] {
    let range = index * rows..<min((index + 1) * rows, order.count)
    return order.items(range, epoch: epoch).map { firstSteps[$0] }
  }

  /// Values of the inputs and targets of all windows.
  var valueCount: Int {
    let steps = isDirect ? (context, horizon) : (context + horizon - 1, context + horizon - 1)
    return order.count * (steps.0 * windows.width + steps.1 * targets.width)
  }

  var batchesPerEpoch: Int { (order.count + rows - 1) / rows }

  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let chosen = starts(epoch: epoch, index: index)
    let read = share.select(chosen)
    let length = isDirect ? context : context + horizon - 1
    let firstTarget = isDirect ? context : 1
    let targetSteps = isDirect ? horizon : length
    var inputs = try windows.read(starts: read, steps: length)
    var windowTargets = try targets.features(read.map { ([$0 + firstTarget], [targetSteps]) })
    var origins: [Float] = []
    var levels: Minibatch.TargetLevels?
    if let relative, !read.isEmpty {
      try relative.scaleInputs(&inputs, starts: read, steps: length)
      let found = try relative.levels(starts: read)
      relative.scaleTargets(&windowTargets.values, found, windows: read.count)
      levels = found
    } else if let season {
      let ends = read.map { $0 + context }
      origins = try WindowBatches.origins(of: targets, before: ends, season: season)
      let (own, earlier) = (targetSteps * targets.width, season * targets.width)
      for row in read.indices {
        for place in 0..<own {
          windowTargets.values[row * own + place] -= origins[row * earlier + place % earlier]
        }
      }
    }
    if relative == nil { levels = targets.seriesLevels(starts: read, origins: origins) }
    // All steps of a direct forecast are one target.
    let width = (isDirect ? horizon : 1) * targets.width
    var batch = Minibatch(
      lengths: chosen.map { _ in length }, inputs: .features(inputs),
      targets: .values(windowTargets.values, width: width), share: share)
    batch.targetOrigins = origins
    batch.targetLevels = levels
    return batch
  }

  /// The season before each of some steps, from which targets are differences.
  fileprivate static func origins(
    of targets: SequenceReader, before steps: [Int], season: Int
  ) throws(WeftError) -> [Float] {
    try targets.features(steps.map { ([$0 - season], [season]) }).values
  }
}

extension SequenceReader {
  /// The season before a step, from which targets are differences.
  ///
  /// - Throws: If it cannot be read.
  package func season(_ season: Int, before step: Int) throws(WeftError) -> [Float] {
    try WindowBatches.origins(of: self, before: [step], season: season)
  }

  /// The levels and factors that give the targets of windows in their own units, if each series has a scale of its own;
  /// otherwise nil.
  ///
  /// - Parameters:
  ///   - starts: The first step of each window.
  ///   - origins: The scaled values from which targets are differences, `[windows, any]`; empty for none.
  package func seriesLevels(starts: [Int], origins: [Float]) -> Minibatch.TargetLevels? {
    guard let series, !starts.isEmpty else { return nil }
    var (levels, factors) = ([Double](), [Float]())
    let cycle = origins.isEmpty ? width : origins.count / starts.count
    for (row, start) in starts.enumerated() {
      let scale = series.scale(at: start)
      for place in 0..<cycle {
        let feature = place % width
        let origin = origins.isEmpty ? 0 : origins[row * cycle + place]
        levels.append(scale.restored(Double(origin), feature: feature))
        factors.append(scale.standardDeviations[feature])
      }
    }
    return Minibatch.TargetLevels(levels: levels, factors: factors)
  }
}
