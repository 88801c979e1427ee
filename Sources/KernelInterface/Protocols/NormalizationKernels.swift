/// Layer normalisation of gates, each gate over its own units.
///
/// Matrices `[rows, G × H′]` have gates side by side; a gate's units are its first H columns. Padding does not enter
/// any sum and is written as zeros. Sums use sixteen partial sums and a fixed tree.
package protocol NormalizationKernels {
  /// n = (v − μ)·s, with the mean μ and the inverse standard deviation s of a gate's units.
  ///
  /// - Parameters:
  ///   - values: v.
  ///   - width: H.
  ///   - normalized: n, overwritten; may be `values`.
  ///   - epsilon: ε, added to the variance.
  ///   - inverseStandardDeviations: s, `[rows, at least G]`; columns beyond the gates keep their values.
  static func normalizeRows(
    _ values: Matrix, width: Int, epsilon: Float, normalized: Matrix, inverseStandardDeviations: Matrix)

  /// target = initial + gain ∘ n.
  ///
  /// - Parameters:
  ///   - normalized: n.
  ///   - gain: `[1, G × H′]`, zeros in the padding.
  ///   - initial: What is added to, of the target's shape.
  ///   - target: Same shape as `normalized`, and may be it.
  static func addScaled(normalized: Matrix, gain: Matrix, initial: InitialValue, to target: Matrix)

  /// dv from the gradient of gain ∘ n.
  ///
  /// - Parameters:
  ///   - gradient: The gradient of gain ∘ n.
  ///   - normalized: n, from `normalizeRows`.
  ///   - gain: `[1, G × H′]`.
  ///   - inverseStandardDeviations: s, from `normalizeRows`.
  ///   - width: H.
  ///   - result: dv, overwritten; may be `gradient` or `normalized`.
  static func normalizeRowsBackward(
    gradient: Matrix, normalized: Matrix, gain: Matrix, inverseStandardDeviations: Matrix, width: Int,
    into result: Matrix)
}
