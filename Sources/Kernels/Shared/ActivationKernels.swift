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
    for row in 0..<matrix.rows {
      let values = matrix.row(row)
      @inline(always)
      func applyOnce(_ column: Int, _ count: Int) {
        function(Vector.load(values + column, count: count)).store(values + column, count: count)
      }
      forEachVector(in: matrix.columns, applyOnce)
    }
  }
}
