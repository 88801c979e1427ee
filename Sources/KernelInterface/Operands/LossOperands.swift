/// Operands of losses of real-valued targets.
package struct LossOperands: Sendable {
  /// `[P, at least blocks × width]`, one block for each parameter that a loss predicts per target. Overwritten by
  /// `gradientScale` · ∂loss/∂prediction, and by zeros beyond the blocks.
  package let predictions: Matrix
  /// `[P, at least width]`; NaN where a target is missing.
  package let targets: Matrix
  /// Targets per position.
  package let width: Int
  /// Factor of the gradients; 0 to leave the predictions as they are and compute losses only.
  package let gradientScale: Float
  /// `[1, P]`, overwritten by the loss of each position.
  package let losses: Matrix

  package init(predictions: Matrix, targets: Matrix, width: Int, gradientScale: Float, losses: Matrix) {
    assert(width <= targets.columns && width <= predictions.columns)
    assert(predictions.rows == targets.rows && losses.columns >= predictions.rows)
    self.predictions = predictions
    self.targets = targets
    self.width = width
    self.gradientScale = gradientScale
    self.losses = losses
  }
}
