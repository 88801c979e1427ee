import WeftBase

extension Split {
  /// The positions of the series that are scaled one by one; a stream is one.
  var seriesPlaces: SequencePlaces {
    switch layout {
    case .stream(let steps): .ragged(offsets: [0, steps])
    case .sequences(let places): places
    }
  }

  /// Computes the scale of each series from its own values.
  ///
  /// - Parameters:
  ///   - statics: The scale of static features, if there are any.
  ///   - season: Season length, if targets are seasonal differences; those are scaled about zero.
  ///   - forecasts: Whether targets continue the series, which then scale them.
  ///   - onProgress: Called as values are read.
  /// - Throws: If the data cannot be read.
  func measureSeries(
    _ kind: ScalingKind, statics: FeatureScale?, staticFills: [Float]?, season: Int?, forecasts: Bool,
    onProgress: @escaping (DataProgress) -> Void = { _ in }
  ) throws(WeftError) -> (inputs: ScaleTable?, targets: ScaleTable?) {
    let places = seriesPlaces
    let stepwise = inputs.withoutStatics
    var inputScan: SeriesScan?
    if case .features = stepwise.content, let store = stepwise.store {
      inputScan = SeriesScan(
        places: places, store: store, width: stepwise.valueWidth,
        numbers: { block throws(WeftError) in try stepwise.numbers([block]) }, visit: stepwise.visitChunks)
    }
    var targetScan: SeriesScan?
    if forecasts, let targets, case .features(let width) = targets.content, let store = targets.stored?.store,
      !sharesSums(season: season)
    {
      targetScan = SeriesScan(
        places: places, store: store, width: width,
        numbers: { block throws(WeftError) in try targets.numbers([block]) }, visit: targets.visitChunks)
    }
    let values = [inputScan, targetScan].compactMap(\.self).reduce(0) { $0 + $1.valueCount }
    var progress = ProgressCounter("scaling", total: values, onProgress)
    let needsMeans = inputs.parts.contains { $0.missing.policy.needsMeans }
    let categories = inputs.categories.map(\.index)
    let arePrecise = stepwise.parts.flatMap(\.arePrecise)
    var inputTable: ScaleTable?
    if let inputScan {
      var table = ScaleTable(width: inputs.valueWidth)
      let own = inputs.staticWidth
      for sums in try inputScan.sums(kind, onProgress: { progress.advance(by: $0) }) {
        let scale = sums.scale(arePrecise: arePrecise) ?? .identity(inputScan.width)
        table.append(
          scale.followed(by: statics ?? .identity(own)).leaving(categories),
          fills: needsMeans ? sums.means + (staticFills ?? [Float](repeating: 0, count: own)) : [])
      }
      inputTable = table
    }
    guard forecasts, let targets, case .features(let width) = targets.content else {
      return (inputTable, nil)
    }
    guard let targetScan else { return (inputTable, inputTable) }
    var table = ScaleTable(width: width)
    for sums in try targetScan.sums(
      season == nil ? kind : .standard, season: season, onProgress: { progress.advance(by: $0) })
    {
      let scale = season == nil ? sums.scale(arePrecise: targets.arePrecise) : sums.scaleAboutZero
      table.append(scale ?? .identity(width), fills: [])
    }
    return (inputTable, table)
  }

  /// The same split with a scale for each series.
  func scaled(_ tables: (inputs: ScaleTable?, targets: ScaleTable?)) -> Split {
    var split = self
    split.inputs.series = tables.inputs.map { SeriesScale(places: seriesPlaces, table: $0) }
    split.targets?.series = tables.targets.map { SeriesScale(places: seriesPlaces, table: $0) }
    return split
  }
}

/// Sums up the features of each series, several of them at a time.
struct SeriesScan {
  let places: SequencePlaces
  let store: ChunkStore
  let width: Int
  /// The values of a block, row-major `[steps, width]`.
  let numbers: @Sendable (StepBlockPlace) throws(WeftError) -> [Double]
  /// Calls back with each chunk that a block reads.
  let visit: (StepBlockPlace, (ChunkStore.Key) -> Void) -> Void

  /// Values of all series.
  var valueCount: Int { (0..<places.count).reduce(0) { $0 + places.length($1) } * width }

  /// The sums of each series.
  ///
  /// - Parameters:
  ///   - season: Season length, to add differences from the season before.
  ///   - onProgress: Called with numbers of values as they are read.
  /// - Throws: If the data cannot be read.
  func sums(
    _ kind: ScalingKind, season: Int? = nil, onProgress: (Int) -> Void
  ) throws(WeftError) -> [FeatureSums] {
    var result: [FeatureSums] = []
    result.reserveCapacity(places.count)
    let pool = places.count > 1 && store.threads > 1 ? WorkerPool(count: store.threads) : nil
    let reading = ReadAhead(store: store) { [places] in visit(places.block($0), $1) }
    try reading.forEachWindow(of: places.count) { window, isPlanned throws(WeftError) in
      let (count, shared) = (min(store.threads, window.count), self.sendable)
      let results: [Result<[FeatureSums], WeftError>]
      if let pool, isPlanned, count > 1 {
        results = pool.map { worker in
          let own = share(of: window.count, worker: worker, workers: pool.count)
          return shared.sums(
            window.lowerBound + own.lowerBound..<window.lowerBound + own.upperBound, kind, season)
        }
      } else {
        results = [WorkerPool.flushingDenormals { shared.sums(window, kind, season) }]
      }
      for part in results { result += try part.get() }
      onProgress(window.reduce(0) { $0 + places.length($1) } * width)
    }
    return result
  }

  private var sendable: SeriesReader { SeriesReader(places: places, width: width, numbers: numbers) }
}

/// Reads whole series on any thread.
private struct SeriesReader: Sendable {
  let places: SequencePlaces
  let width: Int
  let numbers: @Sendable (StepBlockPlace) throws(WeftError) -> [Double]

  func sums(_ series: Range<Int>, _ kind: ScalingKind, _ season: Int?) -> Result<[FeatureSums], WeftError> {
    Result { () throws(WeftError) in
      try series.map { number throws(WeftError) in try sums(of: number, kind, season) }
    }
  }

  /// Long series are read in pieces.
  private func sums(of series: Int, _ kind: ScalingKind, _ season: Int?) throws(WeftError) -> FeatureSums {
    let whole = places.block(series)
    let (time, length) = (whole.offset.count - 1, places.length(series))
    var sums = FeatureSums(kind, sample: kind == .robust ? StepSample(of: length) : nil)
    let blocks = StepBlocks(steps: length, width: width)
    for number in 0..<blocks.count {
      let (first, count) = (blocks.start(of: number), blocks[number].count[0])
      let before = min(season ?? 0, first)
      var place = whole
      place.offset[time] += first - before
      place.count[time] = count + before
      let values = try numbers(place)
      sums.add(
        season.map { SeasonalDifferences.of(values, season: $0, width: width) } ?? values, width: width)
    }
    return sums
  }
}
