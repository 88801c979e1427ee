/// Linear-chain conditional random fields over the C classes of each step of a sequence: their loss, fused with its
/// gradient, and their decoding.
///
/// The scores of transitions are `[C + 2, C]`: row i scores the class that follows class i, row C the first class of a
/// sequence, and row C + 1 its last one.
package protocol CRFKernels {
  /// −ln P(classes | logits) of each sequence, as a share for each position; the shares of a sequence add up to it.
  ///
  /// Overwrites the logits with `gradientScale` · ∂loss/∂logit and their columns beyond the classes with zeros. With a
  /// `gradientScale` of 0 the logits keep their values and only losses are written. Sequences do not affect each other.
  ///
  /// - Parameters:
  ///   - logits: `[P, at least C]`, finite.
  ///   - classes: C.
  ///   - targets: The class of each position; negative where it is unknown, so that all of them are possible.
  ///   - transitions: Scores of transitions, `[C + 2, C]`.
  ///   - layout: The sequences that the rows of the logits belong to.
  ///   - gradientScale: Factor of the gradients.
  ///   - losses: `[1, P]`.
  ///   - transitionGradients: `[rows, (C + 2)·C]`, receives the gradient of the transitions for each sequence; nil for
  ///     none.
  ///   - scratch: At least `crfScratchByteCount` bytes that no other worker uses.
  static func crfLoss(
    logits: Matrix, classes: Int, targets: [Int32], transitions: Matrix, layout: SequenceLayout,
    gradientScale: Float, losses: Matrix, transitionGradients: Matrix?, scratch: AlignedBytes)

  /// The classes of the most probable path (Viterbi 1967) at each position; of equal ones those of lower number.
  ///
  /// - Parameters:
  ///   - logits: `[P, at least C]`, finite.
  ///   - classes: C.
  ///   - transitions: Scores of transitions, `[C + 2, C]`.
  ///   - layout: The sequences that the rows of the logits belong to.
  ///   - scratch: At least `crfScratchByteCount` bytes that no other worker uses.
  static func crfBestPaths(
    logits: Matrix, classes: Int, transitions: Matrix, layout: SequenceLayout, scratch: AlignedBytes
  ) -> [Int32]

  /// Bytes of scratch memory that the other kernels need.
  static func crfScratchByteCount(steps: Int, classes: Int) -> Int
}
