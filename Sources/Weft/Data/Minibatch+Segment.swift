extension Minibatch {
  /// The time steps in `range` of the rows that reach into it.
  ///
  /// Targets for every step go with their steps. Of targets for every sequence the segment keeps those of the rows
  /// that end in it; the others do not count.
  func segment(_ range: Range<Int>, outputSteps: OutputSteps) -> Minibatch {
    let rows = lengths.firstIndex { $0 <= range.lowerBound } ?? self.rows
    let clipped = lengths[..<rows].map { min($0, range.upperBound) - range.lowerBound }
    let places = (0..<rows).filter(share.contains).flatMap { row in
      offsets[row] + range.lowerBound..<offsets[row] + range.lowerBound + clipped[row]
    }
    let inputs: Inputs =
      switch self.inputs {
      case .tokens(let tokens): .tokens(places.map { tokens[$0] })
      case .features(let values, let width): .features(Self.rows(places, of: values, width), width: width)
      }
    let targets: Targets? =
      switch (self.targets, outputSteps) {
      case (nil, _): nil
      case (.classes(let classes), .everyStep): .classes(places.map { classes[$0] })
      case (.values(let values, let width), .everyStep):
        .values(Self.rows(places, of: values, width), width: width)
      case (.classes(let classes), _):
        .classes(
          (0..<rows).filter(share.contains).map {
            lengths[$0] <= range.upperBound ? classes[share.count(before: $0)] : -1
          })
      case (.values(let values, let width), _):
        .values(Array(values[..<(share.count(before: rows) * width)]), width: width)
      }
    return Minibatch(lengths: clipped, inputs: inputs, targets: targets, continues: true, share: share)
  }

  private static func rows(_ places: [Int], of values: [Float], _ width: Int) -> [Float] {
    places.flatMap { values[$0 * width..<($0 + 1) * width] }
  }
}
