/// Losses fused with their gradients.
///
/// Each overwrites its predictions with `gradientScale` · ∂loss/∂prediction, and their columns beyond the used ones
/// with zeros. With a `gradientScale` of 0 the predictions keep their values and only losses are written. A position's
/// loss is summed by sixteen partial sums and a fixed tree. NaN among the predictions gives a NaN loss. A target of
/// NaN is missing: it contributes neither loss nor gradient.
package protocol LossKernels {
  /// −Σₖ q(k)·ln p(k), p = softmax(logits), q the one-hot target smoothed by ε.
  ///
  /// - Parameters:
  ///   - logits: `[P, at least C]`; finite, or −∞ where ε is 0 and the class is not the target.
  ///   - classes: C, at least 1.
  ///   - targets: The class of each position. Where it is negative the loss and the gradient are 0.
  ///   - labelSmoothing: ε.
  ///   - gradientScale: Factor of the gradients.
  ///   - losses: `[1, P]`.
  ///   - correct: `[1, P]`: 1 where the target is the most probable class, the first of equal ones, else 0.
  static func softmaxCrossEntropy(
    logits: Matrix, classes: Int, targets: [Int32], labelSmoothing: Float, gradientScale: Float,
    losses: Matrix, correct: Matrix)

  /// Σ (y − t)² over a position's predictions y and targets t.
  static func squaredError(_ operands: LossOperands)

  /// Σ |y − t|.
  static func absoluteError(_ operands: LossOperands)

  /// Σ ½(y − t)² where |y − t| ≤ `threshold`, linear beyond it (Huber 1964).
  static func huberLoss(_ operands: LossOperands, threshold: Float)

  /// Σ eˣ − t·x: the negative log-likelihood of Poisson-distributed counts t, without ln t!, predictions being the
  /// logarithms x of the rates.
  static func poissonLoss(_ operands: LossOperands)

  /// Σ e^((2 − p)x) / (2 − p) − t·e^((1 − p)x) / (1 − p): half the Tweedie deviance of power p without its constant,
  /// predictions being the logarithms x of the means, and 1 < p < 2.
  static func tweedieLoss(_ operands: LossOperands, power: Float)

  /// As `binaryCrossEntropy`, with weights of positive targets and a focus on targets that are predicted badly.
  ///
  /// - Parameters:
  ///   - positiveWeights: `[1, at least width]`.
  ///   - focus: γ of the focal loss, at least 0.
  static func weightedBinaryCrossEntropy(_ operands: LossOperands, positiveWeights: Matrix, focus: Float)

  /// Weights cross-entropies, or with a focus of 0 any losses, and their gradients.
  ///
  /// - Parameters:
  ///   - losses: `[1, at least P]`, updated in place.
  ///   - gradients: `[P, any]`, updated in place; nil for losses only.
  ///   - weights: One for each position.
  ///   - focus: γ of the focal loss, at least 0.
  static func weightLosses(_ losses: Matrix, gradients: Matrix?, weights: [Float], focus: Float)

  /// Σ −t·ln σ(x) − (1 − t)·ln(1 − σ(x)), predictions being logits x and targets in [0, 1].
  static func binaryCrossEntropy(_ operands: LossOperands)

  /// Each row = softmax of its first `classes` columns, zeros after them.
  static func softmax(_ logits: Matrix, classes: Int)
}
