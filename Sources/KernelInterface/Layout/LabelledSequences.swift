/// The sequences of one worker with their labels, any number for each.
package struct LabelledSequences: Sendable, Equatable {
  /// The matrix row of sequence 0 at each time step; sequence r's is r further.
  package let starts: [Int]
  /// Time steps of each sequence.
  package let lengths: [Int]
  /// The labels of all sequences, concatenated.
  package let labels: [Int32]
  /// Sequence r has the labels `offsets[r]..<offsets[r + 1]`.
  package let offsets: [Int]

  package init(starts: [Int], lengths: [Int], labels: [Int32], offsets: [Int]) {
    precondition(offsets.count == lengths.count + 1 && offsets.last == labels.count)
    precondition(lengths.allSatisfy { $0 <= starts.count })
    self.starts = starts
    self.lengths = lengths
    self.labels = labels
    self.offsets = offsets
  }

  package var count: Int { lengths.count }

  /// Labels of a sequence.
  package func labels(of sequence: Int) -> Range<Int> { offsets[sequence]..<offsets[sequence + 1] }

  /// Whether a sequence has as many steps as an alignment of its labels needs.
  package func hasAlignment(_ sequence: Int) -> Bool {
    LabelledSequences.minimumSteps(self.labels[labels(of: sequence)]) <= lengths[sequence]
  }

  /// The minimum number of time steps of a CTC alignment: one per label and one per blank between equal labels.
  package static func minimumSteps(_ labels: ArraySlice<Int32>) -> Int {
    labels.count + zip(labels, labels.dropFirst()).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
  }
}
