/// Connectionist temporal classification (CTC): the loss of label sequences that are not aligned to time steps, fused
/// with its gradient.
package protocol CTCKernels {
  /// −ln P(labels | logits) of each sequence.
  ///
  /// Overwrites the logits with `gradientScale` · ∂loss/∂logit and their columns beyond the classes with zeros. With a
  /// `gradientScale` of 0 the logits keep their values and only losses are written. A sequence without an alignment,
  /// having fewer steps than labels plus the blanks between equal ones, has the loss ∞ and the gradient 0. NaN among a
  /// sequence's logits gives a NaN loss. Sequences do not affect each other.
  ///
  /// - Parameters:
  ///   - logits: `[P, at least C]`; finite, or −∞ for classes that are masked out.
  ///   - classes: C, the blank included.
  ///   - blank: Index of the blank.
  ///   - sequences: The sequences that the rows of the logits belong to.
  ///   - gradientScale: Factor of the gradients.
  ///   - losses: `[1, sequences]`.
  ///   - scratch: At least `ctcScratchByteCount` bytes that no other worker uses.
  static func ctcLoss(
    logits: Matrix, classes: Int, blank: Int, sequences: LabelledSequences, gradientScale: Float,
    losses: Matrix, scratch: AlignedBytes)

  /// Bytes of scratch memory that `ctcLoss` needs.
  static func ctcScratchByteCount(_ sequences: LabelledSequences, classes: Int) -> Int
}
