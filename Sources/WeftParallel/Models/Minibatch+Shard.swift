import KernelInterface
import WeftBase
import WeftData
import WeftLayers

extension Minibatch {
  /// The inputs at a shard's positions.
  package func shardInputs(_ shard: Shard) -> Steps<Matrix> {
    let places = places(of: shard)
    switch inputs {
    case .tokens(let tokens): return .tokens(places.map { tokens[$0] })
    case .features(let features): return .features(shard.arena.gather(places, of: features))
    }
  }

  /// The targets at a shard's positions, or of its rows.
  ///
  /// - Parameter perStep: Whether there is one target per position; target sequences are always per row.
  package func shardTargets(_ shard: Shard, perStep: Bool) -> Targets<Matrix>? {
    var places: [Int] {
      perStep ? self.places(of: shard) : shard.globalRows.map { share.count(before: Int($0)) }
    }
    switch targets {
    case nil: return nil
    case .classes(let classes): return .classes(places.map { classes[$0] })
    case .values(let values): return .values(shard.arena.gather(places, of: values))
    case .sequences(let sequences):
      let lengths = shard.globalRows.map { sequences.lengths[Int($0)] }
      let offsets = lengths.offsets
      let steps = shard.globalRows.flatMap { row in
        let start = sequences.offsets[Int(row)]
        return start..<start + sequences.lengths[Int(row)]
      }
      let gathered: Steps<Matrix> =
        switch sequences.steps {
        case .tokens(let tokens): .tokens(steps.map { tokens[$0] })
        case .features(let features): .features(shard.arena.gather(steps, of: features))
        }
      return .sequences(TargetSequences(lengths: lengths, offsets: offsets, steps: gathered))
    }
  }

  /// The weights of the targets at a shard's positions, or of its rows; nil for 1.
  package func shardWeights(_ shard: Shard, perStep: Bool) -> [Float]? {
    if weights.isEmpty { return nil }
    let places = perStep ? places(of: shard) : shard.globalRows.map { share.count(before: Int($0)) }
    return places.map { weights[$0] }
  }

  /// The index among all loaded steps of each of a shard's positions.
  private func places(of shard: Shard) -> [Int] {
    zip(shard.layout.rowOfPosition, shard.layout.stepOfPosition).map { row, step in
      offsets[Int(shard.globalRows[Int(row)])] + Int(step)
    }
  }
}

extension Loss {
  /// The divisor of the mean over the targets of the loaded rows: the number of classes that are not ignored, of values
  /// that are not missing, or of labels of rows that have an alignment, at least one per row.
  ///
  /// - Parameter outputLength: Outputs of a row with so many steps.
  package func targetCount(of batch: Minibatch, outputLength: (Int) -> Int = { $0 }) -> Int {
    switch batch.targets {
    case nil: 0
    case .classes(let classes): classes.reduce(0) { $0 + ($1 < 0 ? 0 : 1) }
    case .values(let values): values.values.reduce(0) { $0 + ($1.isNaN ? 0 : 1) }
    case .sequences(let sequences):
      batch.rowsAtHand.reduce(0) {
        let labels = sequences.tokens(ofRow: $1)
        let fits = LabelledSequences.minimumSteps(labels) <= outputLength(batch.lengths[$1])
        return $0 + (fits ? max(labels.count, 1) : 0)
      }
    }
  }
}
