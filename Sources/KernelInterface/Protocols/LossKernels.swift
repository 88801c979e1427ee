/// Losses fused with their gradients.
///
/// Each overwrites its predictions with `gradientScale` · ∂loss/∂prediction and their columns beyond the true ones
/// with zeros. With a `gradientScale` of 0 the predictions are left as they are and only losses are written.
/// A position's loss is a sum by sixteen partial sums and a fixed tree. NaN among the predictions gives a NaN loss.
/// A target value of NaN is missing: it has neither loss nor gradient.
package protocol LossKernels {
  /// −Σ over classes k of q(k)·ln p(k), p = softmax(logits), q = (1 − ε)·[k = target] + ε / classes.
  ///
  /// - Parameters:
  ///   - logits: `[positions, at least classes]`; finite, or −∞ where ε is 0 and the class is not the target.
  ///   - classes: Number of classes, at least 1.
  ///   - targets: A class for each position. Where it is negative the loss and the gradient are 0.
  ///   - labelSmoothing: ε.
  ///   - gradientScale: Factor of the gradients.
  ///   - losses: `[1, positions]`.
  ///   - correct: `[1, positions]`: 1 where the target is the most likely class, the first of equals, else 0.
  static func softmaxCrossEntropy(
    logits: Matrix, classes: Int, targets: [Int32], labelSmoothing: Float, gradientScale: Float,
    losses: Matrix, correct: Matrix)

  /// weight · Σ over features of (prediction − target)².
  ///
  /// - Parameters:
  ///   - predictions: `[positions, at least width]`.
  ///   - targets: `[positions, at least width]`.
  ///   - weights: `[1, positions]`, nil for 1. Where it is 0 the loss and the gradient are 0, whatever the targets.
  ///   - width: Number of features.
  ///   - gradientScale: Factor of the gradients.
  ///   - losses: `[1, positions]`.
  static func squaredError(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix)

  /// weight · Σ over features of |prediction − target|, with the subgradient 0 at 0. Parameters as in
  /// `squaredError`.
  static func absoluteError(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix)

  /// weight · Σ over features of −t·ln σ(x) − (1 − t)·ln(1 − σ(x)) for logits x and targets t in [0, 1].
  /// Parameters as in `squaredError`.
  static func binaryCrossEntropy(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix)

  /// Each row = softmax of its first `classes` columns, zeros after them.
  static func softmax(_ logits: Matrix, classes: Int)
}
