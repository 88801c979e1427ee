import WeftBase

extension Minibatch {
  /// The time steps in `range` of the rows that reach into it.
  ///
  /// Targets for every step go with their steps. Of targets for every sequence the segment keeps those of the rows
  /// that end in it; the others do not count.
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
      case .sequences: preconditionFailure("target sequences are not cut into segments")
      }
    return Minibatch(
      lengths: clipped, inputs: inputs.gathered(places), targets: targets, continues: true, share: share)
  }
}
