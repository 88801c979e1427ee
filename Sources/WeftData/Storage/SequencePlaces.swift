import WeftBase

/// Positions of the sequences of a split.
package enum SequencePlaces: Sendable {
  /// Sequence i is row i of every dataset, its first `lengths[i]` steps.
  case dense(lengths: [Int])
  /// Sequence i is the steps `offsets[i]..<offsets[i + 1]` of every dataset.
  case ragged(offsets: [Int])

  /// Number of sequences.
  package var count: Int {
    switch self {
    case .dense(let lengths): lengths.count
    case .ragged(let offsets): offsets.count - 1
    }
  }

  /// Length of a sequence.
  package func length(_ sequence: Int) -> Int {
    switch self {
    case .dense(let lengths): lengths[sequence]
    case .ragged(let offsets): offsets[sequence + 1] - offsets[sequence]
    }
  }

  /// The block of a sequence in a dataset, without the feature dimension.
  package func block(_ sequence: Int) -> StepBlockPlace {
    switch self {
    case .dense(let lengths): ([sequence, 0], [1, lengths[sequence]])
    case .ragged(let offsets): ([offsets[sequence]], [offsets[sequence + 1] - offsets[sequence]])
    }
  }

  /// The sequence that a block of a dataset is part of.
  ///
  /// - Parameter offset: The first index of the block in each dimension.
  func sequence(holding offset: [Int]) -> Int {
    switch self {
    case .dense: return offset[0]
    case .ragged(let offsets):
      // The last sequence that begins at the step or before.
      return min(max(offsets.partition(after: offset[0]) - 1, 0), offsets.count - 2)
    }
  }

  /// Concatenates the sequences of another file.
  ///
  /// - Throws: If the layout of `file` differs.
  func followed(by other: SequencePlaces, file: String) throws(WeftError) -> SequencePlaces {
    switch (self, other) {
    case (.dense(let lengths), .dense(let more)): return .dense(lengths: lengths + more)
    case (.ragged(let offsets), .ragged(let more)):
      let end = offsets[offsets.count - 1]
      return .ragged(offsets: offsets + more.dropFirst().map { $0 + end })
    default:
      throw .data("\(file): layout differs from the preceding files (data.format)")
    }
  }
}
