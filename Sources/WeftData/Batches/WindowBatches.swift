import WeftBase

/// Windows of series for forecasting: a context and the steps that follow it. A window does not cross series.
///
/// With one output per sequence, a window has `context` steps, or fewer at the beginning of a series, and its targets are
/// the next `horizon` steps, `[rows, horizon × targets]` (direct forecast). Windows of a minibatch are ordered by length,
/// longest first. With one output per step, a window has `context + horizon − 1` steps,
/// and the targets of each step are the values of the next step (forecasts are fed back).
///
/// With a season, direct targets are differences from the latest known values a whole number of seasons earlier.
struct WindowBatches: BatchSource {
  private let windows: WindowReader
  private let targets: SequenceReader
  private let contexts: ContextSteps
  private let horizon: Int
  private let isDirect: Bool
  private let season: Int?
  private let relative: RelativeWindows?
  private let found: WindowStarts
  private let rows: Int
  private let share: RowShare
  private let order: EpochOrder

  /// - Parameters:
  ///   - series: Steps of each series, in ascending order; one must be as long as a window.
  ///   - contexts: How many steps a context has; the same for all unless forecasts are direct.
  ///   - season: Season length, at most the shortest context; only for direct forecasts. Nil for plain targets.
  ///   - relative: What relates values to a level of each window; nil for the values themselves.
  ///   - spacing: Steps between the ends of consecutive contexts.
  ///   - share: The rows of each minibatch to read.
  ///   - shuffleSeed: Seed of the order of windows; nil for chronological order.
  init(
    windows: WindowReader, targets: SequenceReader, series: [Range<Int>], contexts: ContextSteps,
    horizon: Int,
    isDirect: Bool, season: Int? = nil, relative: RelativeWindows? = nil, spacing: Int, batch: Int,
    share: RowShare = .all, shuffleSeed: UInt64?
  ) {
    self.windows = windows
    self.targets = targets
    self.contexts = contexts
    self.horizon = horizon
    self.isDirect = isDirect
    self.season = season
    self.relative = relative
    rows = batch
    self.share = share
    let found = WindowStarts(series, contexts: contexts, horizon: horizon, spacing: spacing)
    self.found = found
    let units = shuffleSeed.flatMap { _ in
      ShuffleUnits(count: found.count, in: windows.inputs.store, areAscending: true) {
        WindowBatches.visitChunks(windows, targets, context: found[$0], horizon: horizon, $1)
      }
    }
    order = EpochOrder(count: found.count, seed: shuffleSeed, units: units)
  }

  /// Visits the blocks of a window's context and horizon in inputs, covariates and targets.
  private static func visitChunks(
    _ windows: WindowReader, _ targets: SequenceReader, context: Range<Int>, horizon: Int,
    _ body: (ChunkStore.Key) -> Void
  ) {
    let (start, steps) = (context.lowerBound, context.count + horizon)
    windows.visitChunks(start: start, steps: steps, body)
    targets.visitChunks(([start], [steps]), body)
  }

  var reads: BatchReads? {
    BatchReads(
      store: windows.inputs.store, isShuffled: order.isShuffled,
      rows: { epoch, index in share.select(chosen(epoch: epoch, index: index)) },
      visit: { chosen, _, body in
        for window in chosen {
          WindowBatches.visitChunks(windows, targets, context: found[window], horizon: horizon, body)
        }
      })
  }

  /// The windows of a minibatch, those with the longest contexts first.
  private func chosen(epoch: Int, index: Int) -> [Int] {
    let range = index * rows..<min((index + 1) * rows, order.count)
    let items = order.items(range, epoch: epoch)
    return contexts.vary ? items.map { found[$0] }.longestFirst(\.count).map { items[$0] } : items
  }

  /// Values of the inputs and targets of all windows.
  var valueCount: Int {
    let contextSteps =
      contexts.vary ? (0..<found.count).reduce(0) { $0 + found[$1].count } : found.count * contexts.most
    let following = isDirect ? 0 : horizon - 1
    let targetSteps = isDirect ? found.count * horizon : contextSteps + found.count * following
    return (contextSteps + found.count * following) * windows.width + targetSteps * targets.width
  }

  var batchesPerEpoch: Int { (order.count + rows - 1) / rows }

  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let chosen = chosen(epoch: epoch, index: index).map { found[$0] }
    let read = share.select(chosen)
    let following = isDirect ? 0 : horizon - 1
    let targetSteps = isDirect ? horizon : contexts.most + following
    var inputs = try windows.read(read.map { $0.lowerBound..<$0.upperBound + following })
    var windowTargets = try targets.features(
      read.map { ([isDirect ? $0.upperBound : $0.lowerBound + 1], [targetSteps]) })
    var origins: [Float] = []
    var levels: Minibatch.TargetLevels?
    if let relative, !read.isEmpty {
      try relative.scaleInputs(&inputs, contexts: read, following: following)
      let own = try relative.levels(read)
      relative.scaleTargets(&windowTargets.values, own, windows: read.count)
      levels = own
    } else if let season {
      origins = try WindowBatches.origins(of: targets, before: read.map(\.upperBound), season: season)
      let (own, earlier) = (targetSteps * targets.width, season * targets.width)
      for row in read.indices {
        for place in 0..<own {
          windowTargets.values[row * own + place] -= origins[row * earlier + place % earlier]
        }
      }
    }
    if relative == nil { levels = targets.seriesLevels(starts: read.map(\.lowerBound), origins: origins) }
    // All steps of a direct forecast are one target.
    let width = (isDirect ? horizon : 1) * targets.width
    var batch = Minibatch(
      lengths: chosen.map { $0.count + following }, inputs: .features(inputs),
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
