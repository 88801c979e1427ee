import KernelInterface

/// Vanilla recurrent cell (Elman 1990), f = tanh or the rectifier:
///
///     forward     h = f(a),  a = W x + b + U h₋₁
///     backward    da = dh∘f′(a):  dh∘(1 − h²) for tanh;  dh where h > 0, else 0, for the rectifier
///                 dh₋₁ = Uᵀ da
///
/// Products with W and U are the layer's.
extension VectorKernels {
  @inline(never)
  package static func elmanForward(_ activation: ElmanActivation, gates: Matrix, hidden: Matrix) {
    let (a, h) = (VectorView(gates), VectorView(hidden))
    switch activation {
    case .tanh:
      @inline(always)
      func step(_ row: Int, _ unit: Int) {
        h[row, unit] = hyperbolicTangent(a[row, unit])
      }
      forEachPanel(rows: gates.rows, columns: hidden.columns, step)
    case .relu:
      @inline(always)
      func step(_ row: Int, _ unit: Int) {
        h[row, unit] = rectified(a[row, unit])
      }
      forEachPanel(rows: gates.rows, columns: hidden.columns, step)
    }
  }

  @inline(never)
  package static func elmanBackward(
    _ activation: ElmanActivation, gates: Matrix, hidden: Matrix, hiddenGradient: Matrix
  ) {
    let (da, h, dh) = (VectorView(gates), VectorView(hidden), VectorView(hiddenGradient))
    switch activation {
    case .tanh:
      @inline(always)
      func step(_ row: Int, _ unit: Int) {
        da[row, unit] = tanhGradient(dh[row, unit], output: h[row, unit])
      }
      forEachPanel(rows: gates.rows, columns: hidden.columns, step)
    case .relu:
      @inline(always)
      func step(_ row: Int, _ unit: Int) {
        da[row, unit] = rectifierGradient(dh[row, unit], output: h[row, unit])
      }
      forEachPanel(rows: gates.rows, columns: hidden.columns, step)
    }
  }
}
