import WeftBase

extension Split {
  /// Computes means and standard deviations of numeric inputs and targets in one pass.
  ///
  /// - Parameter season: Season length, if targets are seasonal differences; those are scaled about zero.
  /// - Throws: If the data cannot be read.
  func measureScaling(
    _ kind: ScalingKind = .standard, season: Int? = nil
  ) throws(WeftError) -> Scaling {
    var inputSums = FeatureSums(kind)
    var targetSums = FeatureSums(season == nil ? kind : .standard)
    /// The latest season, and the values read after it.
    var earlier: [Double] = []
    if case .features = inputs.content {
      for block in blocks { inputSums.add(try inputs.numbers([block]), width: inputs.valueWidth) }
    }
    if let targets, case .features = targets.content {
      for block in targetBlocks {
        // Sequences are read completely; nothing precedes them.
        if case .sequences = layout { earlier = [] }
        let values = try targets.numbers([block])
        guard let season else {
          targetSums.add(values, width: targets.width)
          continue
        }
        let distance = season * targets.width
        earlier += values
        if earlier.count > distance {
          targetSums.add(
            zip(earlier[distance...], earlier).map { $0 - $1 }, width: targets.width)
          earlier.removeFirst(earlier.count - distance)
        }
      }
    }
    let inputScale = inputSums.scale(arePrecise: inputs.parts.flatMap(\.arePrecise))?
      .leaving(inputs.categories.map(\.index))
    return Scaling(
      inputs: inputScale,
      targets: season == nil
        ? targetSums.scale(arePrecise: targets?.arePrecise ?? []) : targetSums.scaleAboutZero,
      fills: inputs.parts.contains { $0.missing.policy.needsMeans } ? inputSums.means : nil)
  }

  /// The scale of windows relative to the levels of their contexts: root mean squares over windows that do not overlap.
  ///
  /// - Parameters:
  ///   - batches: The windows, with levels alone.
  ///   - sharesScale: Whether targets have the scale of the inputs, because forecasts are fed back.
  /// - Throws: If the data cannot be read.
  func measureWindowScaling(_ batches: WindowBatches, sharesScale: Bool) throws(WeftError) -> Scaling {
    var inputSums = FeatureSums()
    var targetSums = FeatureSums()
    let relative = relativeWindows(season: nil)
    for index in 0..<batches.batchesPerEpoch {
      let batch = try batches.batch(epoch: 0, index: index)
      if let features = batch.inputs.features {
        let own = (0..<features.count).flatMap { features[$0].prefix(inputs.width).map(Double.init) }
        inputSums.add(own, width: inputs.width)
      }
      if case .values(let values) = batch.targets, let width = targets?.width {
        targetSums.add(values.values.map(Double.init), width: width)
      }
    }
    let levelled = Set(relative?.columns ?? [])
    let inputScale = inputSums.scaleAboutZero?.leaving((0..<inputs.width).filter { !levelled.contains($0) })
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
