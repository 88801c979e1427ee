import WeftBase

extension Minibatch {
  /// The time steps in `range` of the rows that extend into it.
  ///
  /// Targets per step are those of its steps. Targets per sequence are kept for the rows that end in the segment;
  /// the others are ignored.
  package func segment(_ range: Range<Int>, hasTargetPerStep: Bool) -> Minibatch {
    let rows = lengths.firstIndex { $0 <= range.lowerBound } ?? self.rows
    let clipped = lengths[..<rows].map { min($0, range.upperBound) - range.lowerBound }
    let atHand = (0..<rows).filter(share.contains)
    let places = atHand.flatMap { row in
      offsets[row] + range.lowerBound..<offsets[row] + range.lowerBound + clipped[row]
    }
    let targets: Targets<FeatureArray>? =
      switch self.targets {
      case nil: nil
      case .classes(let classes) where hasTargetPerStep: .classes(places.map { classes[$0] })
      case .values(let values) where hasTargetPerStep: .values(values.gathered(places))
      case .classes(let classes):
        .classes(
          atHand.map { lengths[$0] <= range.upperBound ? classes[share.count(before: $0)] : -1 })
      case .values(let values): .values(values.gathered(0..<share.count(before: rows)))
      case .sequences: preconditionFailure("target sequences cannot be divided into segments")
      }
    var batch = Minibatch(
      lengths: clipped, inputs: inputs.gathered(places), targets: targets, continues: true, share: share)
    if !weights.isEmpty {
      batch.weights = hasTargetPerStep ? places.map { weights[$0] } : Array(weights.prefix(atHand.count))
    }
    return batch
  }
}
