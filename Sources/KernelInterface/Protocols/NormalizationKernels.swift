/// Layer normalisation of gates (Ba, Kiros and Hinton 2016, equations 3 and 4), each gate over its own units.
///
/// Matrices `[rows, gates × padded(width)]` have gates side by side, each padded to whole panels; units are the
/// first `width` columns of a gate. Padding is not read into any sum and is written as zeros. Sums use sixteen
/// partial sums and a fixed tree.
package protocol NormalizationKernels {
  /// n = (v − μ)·s with s = 1/√(σ² + 10⁻⁵), μ and σ² the mean and the biased variance of a gate's units.
  ///
  /// - Parameters:
  ///   - values: v.
  ///   - width: Units of one gate.
  ///   - normalized: n, overwritten; may be `values`.
  ///   - inverseStandardDeviations: s, `[rows, at least gates]`; columns beyond the gates keep their values.
  static func normalizeRows(
    _ values: Matrix, width: Int, normalized: Matrix, inverseStandardDeviations: Matrix)

  /// target = initial + gain ∘ n.
  ///
  /// - Parameters:
  ///   - normalized: n.
  ///   - gain: `[1, gates × padded(width)]`, zeros in the padding.
  ///   - initial: What the target starts from, of the target's shape.
  ///   - target: Same shape as `normalized`, and may be it.
  static func addScaled(normalized: Matrix, gain: Matrix, initial: InitialValue, to target: Matrix)

  /// ∂L/∂v = s·(ĝ − mean(ĝ) − n·mean(ĝ ∘ n)) with ĝ = ∂L/∂(gain ∘ n) ∘ gain.
  ///
  /// - Parameters:
  ///   - gradient: ∂L/∂(gain ∘ n).
  ///   - normalized: n, from `normalizeRows`.
  ///   - gain: `[1, gates × padded(width)]`.
  ///   - inverseStandardDeviations: s, from `normalizeRows`.
  ///   - width: Units of one gate.
  ///   - result: ∂L/∂v, overwritten; may be `gradient` or `normalized`.
  static func normalizeRowsBackward(
    gradient: Matrix, normalized: Matrix, gain: Matrix, inverseStandardDeviations: Matrix, width: Int,
    into result: Matrix)
}
