import KernelInterface

/// Sequences that one optimizer step sees, longest first.
package struct Minibatch: Sendable, Equatable {
  /// Time steps of each row, descending, at least 1.
  package let lengths: [Int]
  /// Row r's steps are `offsets[r]..<offsets[r + 1]` of the inputs, and of targets for every step; none of a row that
  /// is not at hand.
  package let offsets: [Int]
  /// The rows at hand.
  package let share: RowShare
  package let inputs: Inputs
  package let targets: Targets?
  /// A second sequence for each row, with lengths of its own: labels, or what a decoder is to write.
  package let targetSequences: Sequences?
  /// Row-major `[rows, any]`: what the targets of each row are differences from, one after the other and then again
  /// from the first; empty where they are values.
  package var targetOrigins: [Float] = []
  /// Whether the rows go on where the rows of the minibatch before ended.
  package let continues: Bool

  package enum Inputs: Sendable, Equatable {
    case tokens([Int32])
    /// Row-major `[steps, width]`.
    case features([Float], width: Int)
  }

  /// A sequence for each row.
  package struct Sequences: Sendable, Equatable {
    /// Time steps of each row, in the order of the minibatch's rows; may be 0.
    package let lengths: [Int]
    /// Row r's steps are `offsets[r]..<offsets[r + 1]`; none of a row that is not at hand.
    package let offsets: [Int]
    package let steps: Inputs

    /// - Parameter share: The rows that `steps` holds.
    package init(lengths: [Int], steps: Inputs, share: RowShare = .all) {
      precondition(lengths.allSatisfy { $0 >= 0 })
      self.lengths = lengths
      offsets = share.offsets(lengths)
      self.steps = steps
    }
  }

  package enum Targets: Sendable, Equatable {
    /// A class for each step, or for each row, of those at hand; negative means that it does not count.
    case classes([Int32])
    /// Row-major `[steps or rows, width]`; NaN where missing.
    case values([Float], width: Int)
  }

  /// - Parameters:
  ///   - lengths: Of each row, in the order of the inputs, which must be descending.
  ///   - share: The rows that inputs and targets are of.
  package init(
    lengths: [Int], inputs: Inputs, targets: Targets?, targetSequences: Sequences? = nil,
    continues: Bool = false, share: RowShare = .all
  ) {
    precondition(!lengths.isEmpty && lengths.allSatisfy { $0 > 0 })
    precondition(targetSequences == nil || targetSequences?.lengths.count == lengths.count)
    self.lengths = lengths
    self.share = share
    offsets = share.offsets(lengths)
    self.inputs = inputs
    self.targets = targets
    self.targetSequences = targetSequences
    self.continues = continues
  }

  package var rows: Int { lengths.count }
  /// Time steps of all rows.
  package var steps: Int { lengths.reduce(0, +) }

  /// What a mean over the targets at hand divides by: classes that count, numbers that are not missing, or labels
  /// of rows that have an alignment, at least one a row.
  package var targetCount: Int {
    switch targets {
    case nil:
      (0..<rows).filter(share.contains).reduce(0) {
        $0 + (hasAlignment(row: $1) ? max(labels(ofRow: $1).count, 1) : 0)
      }
    case .classes(let classes): classes.reduce(0) { $0 + ($1 < 0 ? 0 : 1) }
    case .values(let values, _): values.reduce(0) { $0 + ($1.isNaN ? 0 : 1) }
    }
  }

  /// The labels of a row; none where target sequences are not tokens.
  package func labels(ofRow row: Int) -> ArraySlice<Int32> {
    guard let targetSequences, case .tokens(let tokens) = targetSequences.steps else { return [] }
    return tokens[targetSequences.offsets[row]..<targetSequences.offsets[row + 1]]
  }

  /// Whether a row has labels, and as many steps as their alignment needs.
  package func hasAlignment(row: Int) -> Bool {
    targetSequences != nil && LabelledSequences.minimumSteps(labels(ofRow: row)) <= lengths[row]
  }
}
