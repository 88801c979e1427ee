/// What outputs are compared with, from the reader of a dataset to the loss.
package enum Targets<Values: Sendable>: Sendable {
  /// A class for each output; negative where it does not count.
  case classes([Int32])
  /// Numbers `[outputs, width]`; NaN where missing.
  case values(Values)
  /// A sequence for each row, with a length of its own: labels, or what a decoder is to write.
  case sequences(TargetSequences<Values>)

  /// The sequences; nil of other targets.
  package var sequences: TargetSequences<Values>? {
    if case .sequences(let sequences) = self { sequences } else { nil }
  }
}

extension Targets: Equatable where Values: Equatable {}

extension Targets<FeatureArray> {
  /// Numbers, row-major `[outputs, width]`.
  package static func values(_ values: [Float], width: Int) -> Self {
    .values(FeatureArray(values, width: width))
  }

  /// Bytes of all targets.
  package var byteCount: Int {
    switch self {
    case .classes(let classes): classes.count * MemoryLayout<Int32>.stride
    case .values(let values): values.values.count * MemoryLayout<Float>.stride
    case .sequences(let sequences): sequences.steps.byteCount
    }
  }
}

/// Sequences of targets, one for each row of a minibatch.
package struct TargetSequences<Features: Sendable>: Sendable {
  /// Steps of each row; may be 0.
  package let lengths: [Int]
  /// Row r's steps are `offsets[r]..<offsets[r + 1]`; none of a row that is not at hand.
  package let offsets: [Int]
  package let steps: Steps<Features>

  package init(lengths: [Int], offsets: [Int], steps: Steps<Features>) {
    precondition(lengths.allSatisfy { $0 >= 0 } && offsets.count == lengths.count + 1)
    self.lengths = lengths
    self.offsets = offsets
    self.steps = steps
  }

  /// The tokens of a row; none where steps are features.
  package func tokens(ofRow row: Int) -> ArraySlice<Int32> {
    steps.tokens.map { $0[offsets[row]..<offsets[row + 1]] } ?? []
  }
}

extension TargetSequences: Equatable where Features: Equatable {}
