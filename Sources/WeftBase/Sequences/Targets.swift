/// Targets of outputs, from the reader of a dataset to the loss.
package enum Targets<Values: Sendable>: Sendable {
  /// One class per output; negative ones are ignored.
  case classes([Int32])
  /// Values `[outputs, width]`; NaN where missing.
  case values(Values)
  /// One sequence per row, of independent length: labels, or the targets of a decoder.
  case sequences(TargetSequences<Values>)

  /// The sequences; nil for other targets.
  package var sequences: TargetSequences<Values>? {
    if case .sequences(let sequences) = self { sequences } else { nil }
  }
}

extension Targets: Equatable where Values: Equatable {}

extension Targets<FeatureArray> {
  /// Values, row-major `[outputs, width]`.
  package static func values(_ values: [Float], width: Int) -> Self {
    .values(FeatureArray(values, width: width))
  }

  /// Total size in bytes.
  package var byteCount: Int {
    switch self {
    case .classes(let classes): classes.count * MemoryLayout<Int32>.stride
    case .values(let values): values.values.count * MemoryLayout<Float>.stride
    case .sequences(let sequences): sequences.steps.byteCount
    }
  }
}

/// Target sequences, one per row of a minibatch.
package struct TargetSequences<Features: Sendable>: Sendable {
  /// Length of each row; may be 0.
  package let lengths: [Int]
  /// The steps of row r are `offsets[r]..<offsets[r + 1]`; empty for rows that are not loaded.
  package let offsets: [Int]
  package let steps: Steps<Features>

  package init(lengths: [Int], offsets: [Int], steps: Steps<Features>) {
    precondition(lengths.allSatisfy { $0 >= 0 } && offsets.count == lengths.count + 1)
    self.lengths = lengths
    self.offsets = offsets
    self.steps = steps
  }

  /// The tokens of a row; empty if the steps are features.
  package func tokens(ofRow row: Int) -> ArraySlice<Int32> {
    steps.tokens.map { $0[offsets[row]..<offsets[row + 1]] } ?? []
  }
}

extension TargetSequences: Equatable where Features: Equatable {}
