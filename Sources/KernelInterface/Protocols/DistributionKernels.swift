/// Losses of predicted distributions, fused with their gradients.
///
/// A position's predictions are blocks of `width` columns, one block for each parameter of the distribution, and its
/// targets one number for each column of a block. Otherwise they are as other losses (`LossKernels`): predictions are
/// overwritten by their gradients, missing targets (NaN) do not count.
package protocol DistributionKernels {
  /// weight · Σ −ln N(target; μ, σ²) with μ the first block and σ = ln(1 + eᵃ) + 10⁻⁴, a the second block.
  ///
  /// - Parameters:
  ///   - predictions: `[positions, at least 2 · width]`.
  ///   - targets: `[positions, at least width]`; NaN where missing.
  ///   - weights: `[1, positions]`, nil for 1. Where it is 0 the loss and the gradient are 0.
  ///   - width: Target numbers of a position.
  ///   - gradientScale: Factor of the gradients.
  ///   - losses: `[1, positions]`.
  static func gaussianLoss(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix)

  /// weight · Σ −ln t(target; μ, σ, ν), Student's distribution: μ the first block, σ = ln(1 + eᵃ) + 10⁻⁴ of the
  /// second one, and ν = 2 + ln(1 + eᵇ) degrees of freedom of the third one, so that the variance exists.
  ///
  /// - Parameter predictions: `[positions, at least 3 · width]`; other parameters as in `gaussianLoss`.
  static func studentLoss(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix)

  /// weight · Σ over levels q and features of max(q·(t − y), (q − 1)·(t − y)), y the block of that level, t the
  /// target: the pinball loss (Koenker & Bassett 1978). The subgradient at t = y is 0.
  ///
  /// - Parameters:
  ///   - predictions: `[positions, at least levels · width]`; other parameters as in `gaussianLoss`.
  ///   - levels: Between 0 and 1, in the order of the blocks.
  static func quantileLoss(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, levels: [Float], gradientScale: Float,
    losses: Matrix)
}
