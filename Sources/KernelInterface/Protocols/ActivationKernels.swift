/// Mathematical functions applied in place to the columns of a matrix of any shape and alignment; padding keeps its
/// values.
///
/// Errors are relative to the exact result, over every float32 of the valid range.
package protocol ActivationKernels {
  /// eˣ within 1 ulp; results below 2^−125.5 are 0, NaN stays NaN.
  static func applyExponential(_ matrix: Matrix)
  /// tanh(x) within 2.6 ulp; tiny arguments and ±0 are returned unchanged, ±∞ gives ±1, NaN stays NaN.
  static func applyHyperbolicTangent(_ matrix: Matrix)
  /// 1 / (1 + e⁻ˣ) within 2.5 ulp; −∞ gives 0, ∞ gives 1, NaN stays NaN.
  static func applyLogistic(_ matrix: Matrix)
  /// ln(x) within 1 ulp; 0 and subnormal numbers give −∞, negative ones NaN, NaN stays NaN.
  static func applyNaturalLogarithm(_ matrix: Matrix)
  /// ln(1 + x) for 0 ≤ x < ∞ within 2 ulp; NaN stays NaN.
  static func applyNaturalLogarithmOfOnePlus(_ matrix: Matrix)

  /// outputs = f(inputs). Both may be the same matrix unless the gradient reads the inputs; NaN stays NaN.
  ///
  /// Errors are those of the functions above, but for `elu` 2⁻²⁴ in absolute terms and for `gelu` 2⁻²¹ relative to |x|.
  static func activate(_ activation: Activation, _ inputs: Matrix, into outputs: Matrix)

  /// Turns the gradient of f's outputs, in place, into that of its inputs.
  ///
  /// - Parameter values: The outputs of `activate`, or its inputs if `Activation.gradientReadsInputs`.
  static func activateBackward(_ activation: Activation, _ gradient: Matrix, values: Matrix)
}
