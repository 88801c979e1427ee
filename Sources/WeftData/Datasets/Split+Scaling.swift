import WeftBase

extension Split {
  /// Computes means and standard deviations of numeric inputs and targets.
  ///
  /// - Parameters:
  ///   - season: Season length, if targets are seasonal differences; those are scaled about zero.
  ///   - onProgress: Called as values are read.
  /// - Throws: If the data cannot be read.
  func measureScaling(
    _ kind: ScalingKind = .standard, season: Int? = nil,
    onProgress: @escaping (DataProgress) -> Void = { _ in }
  ) throws(WeftError) -> Scaling {
    let (inputScan, targetScan) = (inputScan, sharesSums(season: season) ? nil : targetScan(season: season))
    let values = [inputScan, targetScan].compactMap(\.self).reduce(0) { $0 + $1.blocks.stepCount * $1.width }
    var progress = ProgressCounter("scaling", total: values, onProgress)
    let inputSums = try inputScan?.sums(kind) { progress.advance(by: $0) } ?? FeatureSums(kind)
    let targetSums =
      if sharesSums(season: season) {
        inputSums
      } else {
        try targetScan?.sums(season == nil ? kind : .standard) { progress.advance(by: $0) }
          ?? FeatureSums(kind)
      }
    let inputScale = inputSums.scale(arePrecise: inputs.parts.flatMap(\.arePrecise))?
      .leaving(inputs.categories.map(\.index))
    return Scaling(
      inputs: inputScale,
      targets: season == nil
        ? targetSums.scale(arePrecise: targets?.arePrecise ?? []) : targetSums.scaleAboutZero,
      fills: inputs.parts.contains { $0.missing.policy.needsMeans } ? inputSums.means : nil)
  }

  /// The mean, or deviation, up to which covariates are not scaled.
  private static let usualSize = 2.0

  /// Computes the scale of covariates; nil if none is scaled.
  ///
  /// Those of the usual size, such as flags and sines, stay as they are: of a part of a year, the sine of the year would
  /// be divided by a small deviation, and leave the range of training in later splits.
  ///
  /// - Throws: If the data cannot be read.
  func measureCovariates(_ kind: ScalingKind) throws(WeftError) -> FeatureScale? {
    guard let covariates, case .features = covariates.content, let store = covariates.store, let series,
      let steps = series.last?.upperBound
    else { return nil }
    let width = covariates.valueWidth
    let scan = FeatureScan(
      blocks: StepBlocks(steps: steps, width: width), store: store, width: width,
      numbers: { block throws(WeftError) in try covariates.numbers([block]) }, visit: covariates.visitChunks)
    return try scan.sums(kind).scale(arePrecise: covariates.parts.flatMap(\.arePrecise)).flatMap {
      Self.scaleOfUnusual($0, categories: covariates.categories.map(\.index))
    }
  }

  /// Computes the scale of static features, by the sizes as that of covariates; nil if none is scaled.
  ///
  /// - Throws: If the data cannot be read.
  func measureStatics(_ kind: ScalingKind) throws(WeftError) -> FeatureScale? {
    guard inputs.staticCount > 0, let whole = try measureScaling(kind).inputs,
      whole.width == inputs.valueWidth
    else { return nil }
    // Categories are left by the scale of all inputs.
    return Self.scaleOfUnusual(whole.features(whole.width - inputs.staticWidth..<whole.width), categories: [])
  }

  private static func scaleOfUnusual(_ scale: FeatureScale, categories: [Int]) -> FeatureScale? {
    let left = (0..<scale.width).filter {
      categories.contains($0)
        || Swift.max(abs(scale.offsets[$0]), Double(scale.standardDeviations[$0])) <= usualSize
    }
    return left.count < scale.width ? scale.leaving(left) : nil
  }

  /// Whether targets are the inputs, so that their sums are the same.
  func sharesSums(season: Int?) -> Bool {
    guard season == nil, hasTargetPerStep, targetPlaces == nil, inputs.parts.count == 1, let targets else {
      return false
    }
    let input = inputs.parts[0]
    return input.dataset.path == targets.dataset.path && input.dataset.file == targets.dataset.file
      && input.mask == nil && targets.mask == nil && input.mayMiss == targets.mayMiss
  }

  /// All inputs; nil if they are tokens.
  private var inputScan: FeatureScan? {
    guard case .features = inputs.content, let store = inputs.store else { return nil }
    let width = inputs.valueWidth
    let blocks =
      switch layout {
      case .stream(let steps): StepBlocks(steps: steps, width: width)
      // Static features are read for one sequence at a time.
      case .sequences(let places): StepBlocks(places, width: width, areSeparate: inputs.staticCount > 0)
      }
    return FeatureScan(
      blocks: blocks, store: store, width: width,
      numbers: { [inputs] block throws(WeftError) in try inputs.numbers([block]) },
      visit: inputs.visitChunks)
  }

  /// All targets per step, per sequence, or of target sequences; nil if there are none, or they are classes.
  ///
  /// - Parameter season: Season length, if targets are differences from the season before.
  private func targetScan(season: Int?) -> FeatureScan? {
    guard let targets, case .features(let width) = targets.content, let store = targets.stored?.store else {
      return nil
    }
    let blocks =
      if let targetPlaces {
        StepBlocks(targetPlaces, width: width)
      } else {
        switch layout {
        case .stream(let steps): StepBlocks(steps: steps, width: width)
        case .sequences(let places) where hasTargetPerStep:
          StepBlocks(places, width: width, areSeparate: season != nil)
        case .sequences(let places): StepBlocks(steps: places.count, width: width)
        }
      }
    guard let season else {
      return FeatureScan(
        blocks: blocks, store: store, width: width,
        numbers: { block throws(WeftError) in try targets.numbers([block]) }, visit: targets.visitChunks)
    }
    // Sequences are read completely; nothing precedes them.
    let isStream = if case .stream = layout { true } else { false }
    @Sendable func extended(_ block: StepBlockPlace) -> StepBlockPlace {
      let before = isStream ? min(season, block.offset[0]) : 0
      return ([block.offset[0] - before], [block.count[0] + before])
    }
    return FeatureScan(
      blocks: blocks, store: store, width: width,
      numbers: { block throws(WeftError) in
        SeasonalDifferences.of(try targets.numbers([extended(block)]), season: season, width: width)
      },
      visit: { targets.visitChunks(extended($0), $1) })
  }

  /// The scale of windows relative to the levels of their contexts: root mean squares over windows that do not overlap.
  ///
  /// - Parameters:
  ///   - batches: The windows, with levels alone.
  ///   - sharesScale: Whether targets have the scale of the inputs, because forecasts are fed back.
  ///   - onProgress: Called as values are read.
  /// - Throws: If the data cannot be read.
  func measureWindowScaling(
    _ batches: WindowBatches, sharesScale: Bool, onProgress: @escaping (DataProgress) -> Void = { _ in }
  ) throws(WeftError) -> Scaling {
    var inputSums = FeatureSums()
    var targetSums = FeatureSums()
    let relative = relativeWindows(season: nil)
    let width = inputs.width
    let source = Prefetcher(batches, repeats: false)
    var progress = ProgressCounter("scaling", total: batches.valueCount, onProgress)
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      var read = 0
      if let features = batch.inputs.features {
        read += features.values.count
        let own =
          features.width == width
          ? features.values.map(Double.init)
          : (0..<features.count).flatMap { features[$0].prefix(width).map(Double.init) }
        inputSums.add(own, width: width)
      }
      if case .values(let values) = batch.targets, let width = targets?.width {
        read += values.values.count
        targetSums.add(values.values.map(Double.init), width: width)
      }
      progress.advance(by: read)
    }
    let levelled = Set(relative?.columns ?? [])
    let inputScale = inputSums.scaleAboutZero?.leaving((0..<width).filter { !levelled.contains($0) })
    return Scaling(inputs: inputScale, targets: sharesScale ? inputScale : targetSums.scaleAboutZero)
  }

  /// At most 16 blocks of at most 256 steps, or 16 sequences, evenly spaced in a dataset of inputs, covariates or targets.
  func sample(of reader: SequenceReader) -> [StepBlockPlace] {
    let isTarget =
      reader.dataset.path == targets?.dataset.path
      && !inputs.parts.contains { $0.dataset.path == reader.dataset.path }
    let all = (isTarget ? targetBlocks : blocks).map { place in
      place.offset.count == 1 ? (place.offset, [min(place.count[0], 256)]) : place
    }
    let spacing = max(all.count / 16, 1)
    return stride(from: 0, to: all.count, by: spacing).prefix(16).map { all[$0] }
  }

  /// All steps of the inputs.
  var blocks: [StepBlockPlace] {
    switch layout {
    case .stream(let steps): pieces(of: steps)
    case .sequences(let layout): (0..<layout.count).map(layout.block)
    }
  }

  /// Blocks of targets per step, per sequence, or of target sequences.
  var targetBlocks: [StepBlockPlace] {
    if let targetPlaces {
      return (0..<targetPlaces.count).filter { targetPlaces.length($0) > 0 }.map(targetPlaces.block)
    }
    guard case .sequences(let layout) = layout, !hasTargetPerStep else { return blocks }
    return pieces(of: layout.count)
  }

  private func pieces(of count: Int) -> [StepBlockPlace] {
    stride(from: 0, to: count, by: 4096).map { ([$0], [min(4096, count - $0)]) }
  }
}

/// Differences of values from those one season before.
enum SeasonalDifferences {
  /// The differences of row-major values `[steps, width]`, from the second season on.
  static func of(_ values: [Double], season: Int, width: Int) -> [Double] {
    let distance = season * width
    guard values.count > distance else { return [] }
    return zip(values[distance...], values).map { $0 - $1 }
  }
}
