import KernelInterface

extension VectorKernels {
  @inline(never)
  package static func elmanForward(_ activation: ElmanActivation, gates: Matrix, hidden: Matrix) {
    for row in 0..<gates.rows {
      let a = gates.row(row)
      let h = hidden.row(row)
      for panel in 0..<panels(hidden.columns) {
        let unit = panel * PackedMatrix.panelWidth
        switch activation {
        case .tanh: hyperbolicTangent(.load(a + unit)).store(h + unit)
        case .relu: rectified(.load(a + unit)).store(h + unit)
        }
      }
    }
  }

  @inline(never)
  package static func elmanBackward(
    _ activation: ElmanActivation, gates: Matrix, hidden: Matrix, hiddenGradient: Matrix
  ) {
    for row in 0..<gates.rows {
      let a = gates.row(row)
      let h = hidden.row(row)
      let dh = hiddenGradient.row(row)
      for panel in 0..<panels(hidden.columns) {
        let unit = panel * PackedMatrix.panelWidth
        let gradient = Vector.load(dh + unit)
        let value = Vector.load(h + unit)
        switch activation {
        case .tanh: tanhGradient(gradient, value).store(a + unit)
        case .relu: gradient.replacing(with: 0, where: value .<= Vector(repeating: 0)).store(a + unit)
        }
      }
    }
  }
}

/// max(x, 0); NaN stays NaN.
@inline(always)
private func rectified(_ x: Vector) -> Vector { x.replacing(with: 0, where: x .<= Vector(repeating: 0)) }

/// The gradient before tanh from that after it, dy, and tanh's value y: dy·(1 − y²).
@inline(always)
func tanhGradient(_ gradient: Vector, _ value: Vector) -> Vector {
  gradient * multiplyAdd(-value, value, Vector(repeating: 1))
}

/// The gradient before σ from that after it, dy, and σ's value y: dy·y·(1 − y).
@inline(always)
func logisticGradient(_ gradient: Vector, _ value: Vector) -> Vector {
  gradient * (value * (1 - value))
}
