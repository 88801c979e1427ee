/// The loss of sequences whose labels are not aligned to their time steps, fused with its gradient.
package protocol AlignmentKernels {
  /// Connectionist temporal classification (Graves et al. 2006): −ln Σ over alignments π of Π over t of y_t(π_t),
  /// y = softmax(logits), where dropping repeated symbols and then blanks from an alignment gives the labels.
  ///
  /// Overwrites the logits with `gradientScale` · ∂loss/∂logit and their columns beyond the classes with zeros. With
  /// a `gradientScale` of 0 the logits are left as they are and only losses are written. A sequence that has no
  /// alignment, having fewer steps than labels and blanks between equal ones, has the loss ∞ and the gradient 0.
  /// NaN among a sequence's logits gives a NaN loss. A sequence's numbers do not depend on the others.
  ///
  /// Logarithms of the forward variables are float32, each step's relative to its greatest; their offsets are summed
  /// in Double, so that errors do not grow with the length.
  ///
  /// - Parameters:
  ///   - logits: `[positions, at least classes]`; finite, or −∞ for classes that are ruled out.
  ///   - classes: Number of classes, the blank among them.
  ///   - blank: The class that stands for no label.
  ///   - sequences: What the rows of the logits belong to.
  ///   - gradientScale: Factor of the gradients.
  ///   - losses: `[1, sequences]`.
  ///   - scratch: One row of at least `alignmentScratch` elements that no other worker uses.
  static func connectionistTemporalClassification(
    logits: Matrix, classes: Int, blank: Int, sequences: LabelledSequences, gradientScale: Float,
    losses: Matrix, scratch: Matrix)

  /// Scratch elements that `connectionistTemporalClassification` needs.
  static func alignmentScratch(_ sequences: LabelledSequences, classes: Int) -> Int
}

/// Sequences of one worker with the labels of each, whatever their number.
package struct LabelledSequences: Sendable, Equatable {
  /// The matrix row of sequence 0 at each time step; sequence r's is r further.
  package let starts: [Int]
  /// Time steps of each sequence.
  package let lengths: [Int]
  /// The labels of all sequences, one after the other.
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
    LabelledSequences.leastSteps(self.labels[labels(of: sequence)]) <= lengths[sequence]
  }

  /// The fewest time steps that an alignment of labels has: one each, and a blank between equal ones.
  package static func leastSteps(_ labels: ArraySlice<Int32>) -> Int {
    labels.count + zip(labels, labels.dropFirst()).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) }
  }
}
