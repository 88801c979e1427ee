/// Sweeps over slices of parameters and gradients. Slices `[1, n]` may start at any alignment and have any length.
///
/// Except for block sums, kernels work element by element, so results do not depend on how parameters are sliced.
/// NaN gradients make NaN parameters and sums.
package protocol OptimizerKernels {
  /// One step of an optimizer.
  ///
  /// - Parameters:
  ///   - parameters: Updated in place.
  ///   - gradients: Left as they are.
  ///   - firstMoments: As the rule needs them, zeros before the first step; nil where it does not.
  ///   - secondMoments: As the rule needs them, zeros before the first step; nil where it does not.
  ///   - average: The parameters' moving average, nil where the step has no `averageDecay`.
  ///   - step: The rule and its constants.
  static func update(
    parameters: Matrix, gradients: Matrix, firstMoments: Matrix?, secondMoments: Matrix?, average: Matrix?,
    step: OptimizerStep)

  /// Every value = min(max(value, −limit), limit); NaN stays NaN. Comes before norms are taken.
  static func clipByValue(_ values: Matrix, limit: Float)

  /// sums[0, b] = Σ over the b-th run of `block` values of value², by sixteen partial sums and a fixed tree.
  ///
  /// The runs count from the start of the slice: cut slices at multiples of `block`, and the sums do not depend on
  /// the cuts.
  ///
  /// - Parameters:
  ///   - values: `[1, n]`.
  ///   - block: Values of a run, a multiple of 16.
  ///   - sums: `[1, at least n / block rounded up]`.
  static func blockSquaredSums(values: Matrix, block: Int, into sums: Matrix)
}
