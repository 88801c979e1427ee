/// Sequences that one optimizer step sees, longest first.
package struct Minibatch: Sendable, Equatable {
  /// Time steps of each row, descending, at least 1.
  package let lengths: [Int]
  /// Row r's steps are `offsets[r]..<offsets[r + 1]` of the inputs, and of targets for every step.
  package let offsets: [Int]
  package let inputs: Inputs
  package let targets: Targets?
  /// Whether the rows go on where the rows of the minibatch before ended.
  package let continues: Bool

  package enum Inputs: Sendable, Equatable {
    case tokens([Int32])
    /// Row-major `[steps, width]`.
    case features([Float], width: Int)
  }

  package enum Targets: Sendable, Equatable {
    /// A class for each step, or for each row; negative means that it does not count.
    case classes([Int32])
    /// Row-major `[steps or rows, width]`.
    case values([Float], width: Int)
  }

  /// - Parameter lengths: Of each row, in the order of the inputs, which must be descending.
  package init(lengths: [Int], inputs: Inputs, targets: Targets?, continues: Bool = false) {
    precondition(!lengths.isEmpty && lengths.allSatisfy { $0 > 0 })
    self.lengths = lengths
    offsets = lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
    self.inputs = inputs
    self.targets = targets
    self.continues = continues
  }

  package var rows: Int { lengths.count }
  /// Time steps of all rows.
  package var steps: Int { offsets[rows] }

  /// What a mean over the minibatch's targets divides by: classes that count, or numbers.
  package var targetCount: Int {
    switch targets {
    case nil: 0
    case .classes(let classes): classes.reduce(0) { $0 + ($1 < 0 ? 0 : 1) }
    case .values(let values, _): values.count
    }
  }
}
