import WeftBase

/// The sequences or windows of one optimizer step, longest first.
package struct Minibatch: Sendable, Equatable {
  /// Time steps of each row, descending, at least 1.
  package let lengths: [Int]
  /// The steps of row r are `offsets[r]..<offsets[r + 1]` of the inputs, and of targets per step; empty for rows that
  /// are not loaded.
  package let offsets: [Int]
  /// The rows that are loaded.
  package let share: RowShare
  /// The concatenated steps of the loaded rows.
  package let inputs: Steps<FeatureArray>
  /// Targets of each loaded step or row; nil if unknown.
  package let targets: Targets<FeatureArray>?
  /// The weight of each target, of steps or rows as `targets`; empty for 1.
  package var weights: [Float] = []
  /// Row-major `[rows, any]`: the values from which the targets of each row are differences, repeated cyclically; empty
  /// if targets are values.
  package var targetOrigins: [Float] = []
  /// What gives the targets of each row in their own units, if they are relative to a level of each row; nil otherwise.
  package var targetLevels: TargetLevels?
  /// Whether each row continues the same row of the previous minibatch (carried state).
  package let continues: Bool

  /// Levels and factors, row-major `[rows, any]`, repeated cyclically over the targets of a row.
  package struct TargetLevels: Sendable, Equatable {
    package let levels: [Double]
    package let factors: [Float]
  }

  /// - Parameters:
  ///   - lengths: Length of each row, in descending order.
  ///   - share: The rows of inputs and targets.
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
  /// Indices of the loaded rows.
  package var rowsAtHand: [Int] { (0..<rows).filter(share.contains) }
  /// Total number of time steps.
  package var steps: Int { lengths.reduce(0, +) }
  /// Bytes of inputs and targets.
  var byteCount: Int { inputs.byteCount + (targets?.byteCount ?? 0) }

  /// The same minibatch with other targets.
  package func with(targets: Targets<FeatureArray>) -> Minibatch {
    var batch = Minibatch(
      lengths: lengths, inputs: inputs, targets: targets, continues: continues, share: share)
    batch.weights = weights
    return batch
  }

  /// The same inputs, with each row's reversed inputs as target sequence.
  package var reversingInputs: Minibatch {
    let places = (0..<rows).flatMap { (offsets[$0]..<offsets[$0 + 1]).reversed() }
    return with(
      targets: .sequences(
        TargetSequences(lengths: lengths, offsets: offsets, steps: inputs.gathered(places))))
  }
}

extension TargetSequences<FeatureArray> {
  /// - Parameter share: The rows of `steps`.
  package init(lengths: [Int], steps: Steps<FeatureArray>, share: RowShare = .all) {
    self.init(lengths: lengths, offsets: share.offsets(lengths), steps: steps)
  }
}
