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
