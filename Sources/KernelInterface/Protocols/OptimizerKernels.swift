/// Passes over slices of parameters and gradients. Slices `[1, n]` may have any alignment and length.
///
/// All but block sums work element by element, so results do not depend on how parameters are sliced. NaN gradients
/// give NaN parameters and sums.
package protocol OptimizerKernels {
  /// One step of an optimizer.
  ///
  /// - Parameters:
  ///   - parameters: Updated in place.
  ///   - gradients: Keep their values.
  ///   - firstMoments: Updated in place, zeros before the first step; nil if the rule has none.
  ///   - secondMoments: Updated in place, zeros before the first step; nil if the rule has none.
  ///   - average: The parameters' moving average, updated in place; nil if the step has no `averageDecay`.
  ///   - step: The rule and its constants.
  static func update(
    parameters: Matrix, gradients: Matrix, firstMoments: Matrix?, secondMoments: Matrix?, average: Matrix?,
    step: OptimizerStep)

  /// Every value = min(max(value, −limit), limit); NaN stays NaN.
  static func clipByValue(_ values: Matrix, limit: Float)

  /// sums[0, b] = Σ of squares over the b-th run of `block` values, by sixteen partial sums and a fixed tree.
  ///
  /// Runs count from the start of the slice: sums do not depend on slicing at multiples of `block`.
  ///
  /// - Parameters:
  ///   - values: `[1, n]`.
  ///   - block: Values per run, whole vectors.
  ///   - sums: `[1, at least n / block rounded up]`.
  static func blockSquaredSums(values: Matrix, block: Int, into sums: Matrix)
}
