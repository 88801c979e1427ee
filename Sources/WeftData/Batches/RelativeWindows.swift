import WeftBase

/// Reads windows and their targets relative to the level of each context.
package struct RelativeWindows: Sendable {
  let scale: WindowScale
  /// The features of the inputs that have a level: neither categories nor static.
  let columns: [Int]
  let targets: SequenceReader
  let season: Int?

  init(_ inputs: InputReader, scale: WindowScale, targets: SequenceReader, season: Int?) {
    self.scale = scale
    self.targets = targets
    self.season = season
    let categories = Set(inputs.categories.map(\.index))
    columns = (0..<inputs.stepwiseWidth).filter { !categories.contains($0) }
  }

  private func place(_ start: Int) -> String {
    "\(targets.file): dataset \(targets.dataset.path): the window from step \(start) on"
  }

  /// Scales the inputs of windows `[all steps, width]`.
  ///
  /// - Parameters:
  ///   - contexts: The steps of the context of each window.
  ///   - following: Steps of each window after its context.
  ///   - known: How many of those have inputs; nil for all.
  package func scaleInputs(
    _ values: inout FeatureArray, contexts: [Range<Int>], following: Int, known: Int? = nil
  ) throws(WeftError) {
    var start = 0
    for context in contexts {
      try scale.scaleInputs(
        &values.values, from: start, context: context.count, steps: context.count + (known ?? following),
        width: values.width, columns: columns, place: { place(context.lowerBound) })
      start += (context.count + following) * values.width
    }
  }

  /// The levels and factors that give targets in their own units: level + factor · σ · value.
  ///
  /// With a season the levels are the values one season before, as many for each window; otherwise one for each target.
  ///
  /// - Parameter contexts: The steps of the context of each window.
  package func levels(_ contexts: [Range<Int>]) throws(WeftError) -> Minibatch.TargetLevels {
    let width = targets.width
    let read = try targets.features(contexts.map { ([$0.lowerBound], [$0.count]) }).values
    var levels: [Float] = []
    var factors: [Float] = []
    var end = 0
    for context in contexts {
      let values = read[end..<end + context.count * width]
      end += values.count
      // A target without a single value has no level; its values are missing as well, or compared with 0.
      var (own, ownFactors): ([Float], [Float]) = ([], [])
      for column in 0..<width {
        let known = scale.known(values, width: width, column: column)
        let level = known.isEmpty ? 0 : scale.level(of: known)
        own.append(level)
        ownFactors.append(
          scale.unit == .level && level == 0
            ? 1 : try scale.factor(of: known, level: level) { place(context.lowerBound) })
      }
      guard let season else {
        (levels, factors) = (levels + own, factors + ownFactors)
        continue
      }
      let before = values.suffix(season * width)
      levels += before
      for _ in 0..<season { factors += ownFactors }
    }
    return Minibatch.TargetLevels(levels: levels.map { Double($0) }, factors: factors)
  }

  /// Scales the targets of windows `[windows × steps, targets]`.
  func scaleTargets(_ values: inout [Float], _ levels: Minibatch.TargetLevels, windows: Int) {
    let (own, cycle) = (values.count / windows, levels.levels.count / windows)
    for row in 0..<windows {
      for place in 0..<own {
        let source = row * cycle + place % cycle
        let deviation = scale.targets?.standardDeviations[place % targets.width] ?? 1
        values[row * own + place] =
          (values[row * own + place] - Float(levels.levels[source])) / (levels.factors[source] * deviation)
      }
    }
  }
}
