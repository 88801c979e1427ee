import WeftBase

/// Sequences that one optimizer step sees, longest first.
package struct Minibatch: Sendable, Equatable {
  /// Time steps of each row, descending, at least 1.
  package let lengths: [Int]
  /// Row r's steps are `offsets[r]..<offsets[r + 1]` of the inputs, and of targets for every step; none of a row that
  /// is not at hand.
  package let offsets: [Int]
  /// The rows at hand.
  package let share: RowShare
  /// The steps of the rows at hand, one row after the other.
  package let inputs: Steps<FeatureArray>
  /// For each step or each row of those at hand; nil where they are not known.
  package let targets: Targets<FeatureArray>?
  /// Row-major `[rows, any]`: what the targets of each row are differences from, one after the other and then again
  /// from the first; empty where they are values.
  package var targetOrigins: [Float] = []
  /// Whether the rows go on where the rows of the minibatch before ended.
  package let continues: Bool

  /// - Parameters:
  ///   - lengths: Of each row, in the order of the inputs, which must be descending.
  ///   - share: The rows that inputs and targets are of.
  package init(
    lengths: [Int], inputs: Steps<FeatureArray>, targets: Targets<FeatureArray>? = nil,
    continues: Bool = false, share: RowShare = .all
  ) {
    precondition(!lengths.isEmpty && lengths.allSatisfy { $0 > 0 })
    if let sequences = targets?.sequences { precondition(sequences.lengths.count == lengths.count) }
    self.lengths = lengths
    self.share = share
    offsets = share.offsets(lengths)
    self.inputs = inputs
    self.targets = targets
    self.continues = continues
  }

  package var rows: Int { lengths.count }
  /// The numbers of the rows at hand.
  package var rowsAtHand: [Int] { (0..<rows).filter(share.contains) }
  /// Time steps of all rows.
  package var steps: Int { lengths.reduce(0, +) }
  /// Bytes of inputs and targets.
  var byteCount: Int { inputs.byteCount + (targets?.byteCount ?? 0) }

  /// The same minibatch with other targets.
  package func with(targets: Targets<FeatureArray>) -> Minibatch {
    Minibatch(lengths: lengths, inputs: inputs, targets: targets, continues: continues, share: share)
  }

  /// The same inputs with each row's, backward, as what is to be written.
  package var reversingInputs: Minibatch {
    let places = (0..<rows).flatMap { (offsets[$0]..<offsets[$0 + 1]).reversed() }
    return with(
      targets: .sequences(
        TargetSequences(lengths: lengths, offsets: offsets, steps: inputs.gathered(places))))
  }
}

extension TargetSequences<FeatureArray> {
  /// - Parameter share: The rows that `steps` holds.
  package init(lengths: [Int], steps: Steps<FeatureArray>, share: RowShare = .all) {
    self.init(lengths: lengths, offsets: share.offsets(lengths), steps: steps)
  }
}
