import KernelInterface

extension VectorKernels: ActivationKernels {
  @inline(never)
  package static func applyExponential(_ matrix: Matrix) { apply(to: matrix) { exponential($0) } }

  @inline(never)
  package static func applyHyperbolicTangent(_ matrix: Matrix) { apply(to: matrix) { hyperbolicTangent($0) } }

  @inline(never)
  package static func applyLogistic(_ matrix: Matrix) { apply(to: matrix) { logistic($0) } }

  @inline(never)
  package static func applyNaturalLogarithm(_ matrix: Matrix) { apply(to: matrix) { naturalLogarithm($0) } }

  @inline(never)
  package static func applyNaturalLogarithmOfOnePlus(_ matrix: Matrix) {
    apply(to: matrix) { naturalLogarithmOfOnePlus($0) }
  }

  @inline(__always)
  private static func apply(to matrix: Matrix, _ function: (Vector) -> Vector) {
    for row in 0..<matrix.rows {
      let values = matrix.row(row)
      forEachVector(in: matrix.columns) { column, count in
        function(Vector.load(values + column, count: count)).store(values + column, count: count)
      }
    }
  }
}
