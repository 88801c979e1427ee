import WeftBase

extension Split {
  /// Computes means and standard deviations of numeric inputs and targets in one pass.
  ///
  /// - Parameter season: Season length, if targets are seasonal differences; those are scaled about zero.
  /// - Throws: If the data cannot be read.
  func measureScaling(season: Int? = nil) throws(WeftError) -> Scaling {
    var inputSums = FeatureSums()
    var targetSums = FeatureSums()
    /// The latest season, and the values read after it.
    var earlier: [Float] = []
    for block in blocks {
      if case .features(let features) = try inputs.read([block]) {
        inputSums.add(features.values, width: features.width)
      }
    }
    if let targets, case .features = targets.content {
      for block in targetBlocks {
        // Sequences are read completely; nothing precedes them.
        if case .sequences = layout { earlier = [] }
        if case .features(let features) = try targets.read([block]) {
          guard let season else {
            targetSums.add(features.values, width: features.width)
            continue
          }
          let distance = season * features.width
          earlier += features.values
          if earlier.count > distance {
            targetSums.add(zip(earlier[distance...], earlier).map { $0 - $1 }, width: features.width)
            earlier.removeFirst(earlier.count - distance)
          }
        }
      }
    }
    var inputScale = inputSums.scale
    for (index, _) in inputs.categories { inputScale?.leave(index) }
    return Scaling(
      inputs: inputScale, targets: season == nil ? targetSums.scale : targetSums.scaleAboutZero)
  }

  /// All steps of the inputs.
  var blocks: [StepBlockPlace] {
    switch layout {
    case .stream(let steps): pieces(of: steps)
    case .sequences(let layout): (0..<layout.count).map(layout.block)
    }
  }

  /// Blocks of targets per step, per sequence, or of target sequences.
  private var targetBlocks: [StepBlockPlace] {
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
