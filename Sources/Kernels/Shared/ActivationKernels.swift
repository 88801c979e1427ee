import KernelInterface

/// The functions of `Activations.swift`, applied in place.
extension VectorKernels {
  @inline(never)
  package static func applyExponential(_ matrix: Matrix) { apply(to: matrix, exponential) }

  @inline(never)
  package static func applyHyperbolicTangent(_ matrix: Matrix) { apply(to: matrix, hyperbolicTangent) }

  @inline(never)
  package static func applyLogistic(_ matrix: Matrix) { apply(to: matrix, logistic) }

  @inline(never)
  package static func applyNaturalLogarithm(_ matrix: Matrix) { apply(to: matrix, naturalLogarithm) }

  @inline(never)
  package static func applyNaturalLogarithmOfOnePlus(_ matrix: Matrix) {
    apply(to: matrix, naturalLogarithmOfOnePlus)
  }

  @inline(always)
  private static func apply(to matrix: Matrix, _ function: (Vector) -> Vector) {
    map(matrix, into: matrix, function)
  }
}
