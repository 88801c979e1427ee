import KernelInterface

/// Gated recurrent unit (Cho et al. 2014, with the update gate of Chung et al. 2014: z is the 1 − z of Cho et al.,
/// cuDNN, PyTorch and Keras). Gates z, r, h̃ side by side, from a = W x + b, plus U h₋₁ for z and r:
///
///     forward     z, r = σ(a);  h = (1 − z)∘h₋₁ + z∘h̃
///     backward    da_z = dh∘(h̃ − h₋₁)∘z∘(1 − z);  da_h̃ = dh∘z∘(1 − h̃²)
///
/// Reset before the product, with s = r∘h₋₁:
///
///     forward     h̃ = tanh(a + U_h̃ s)
///     backward    ds = U_h̃ᵀ da_h̃;  da_r = ds∘h₋₁∘r∘(1 − r)
///                 dh₋₁ = dh∘(1 − z) + ds∘r + U_zᵀ da_z + U_rᵀ da_r
///
/// Reset after the product, as in cuDNN, PyTorch and Keras, with u = U_h̃ h₋₁ + b′:
///
///     forward     h̃ = tanh(a + r∘u)
///     backward    du = da_h̃∘r;  da_r = da_h̃∘u∘r∘(1 − r)
///                 dh₋₁ = dh∘(1 − z) + U_h̃ᵀ du + U_zᵀ da_z + U_rᵀ da_r
///
/// Products with W and U are the layer's.
extension VectorKernels {
  @inline(never)
  package static func gruResetBeforeGates(gates: Matrix, recurrentInput: Matrix, resetHidden: Matrix) {
    let a = GRUGates(gates, units: resetHidden.columns)
    let (previous, s) = (VectorView(recurrentInput), VectorView(resetHidden))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let r = logistic(a.r[row, unit])
      a.z[row, unit] = logistic(a.z[row, unit])
      a.r[row, unit] = r
      s[row, unit] = r * previous[row, unit]
    }
    forEachPanel(rows: gates.rows, columns: resetHidden.columns, step)
  }

  @inline(never)
  package static func gruResetBeforeForward(gates: Matrix, previousHidden: Matrix, hidden: Matrix) {
    let a = GRUGates(gates, units: hidden.columns)
    let (previous, h) = (VectorView(previousHidden), VectorView(hidden))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let candidate = hyperbolicTangent(a.candidate[row, unit])
      a.candidate[row, unit] = candidate
      h[row, unit] = interpolate(a.z[row, unit], previous[row, unit], candidate)
    }
    forEachPanel(rows: gates.rows, columns: hidden.columns, step)
  }

  @inline(never)
  package static func gruResetBeforeBackward(gates: Matrix, previousHidden: Matrix, hiddenGradient: Matrix) {
    let a = GRUGates(gates, units: previousHidden.columns)
    let (previous, dh) = (VectorView(previousHidden), VectorView(hiddenGradient))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      _ = a.outputBackward(row, unit, previous: previous[row, unit], hiddenGradient: dh)
    }
    forEachPanel(rows: gates.rows, columns: previousHidden.columns, step)
  }

  @inline(never)
  package static func gruResetBeforeGatesBackward(
    gates: Matrix, recurrentInput: Matrix, resetHiddenGradient: Matrix
  ) {
    let a = GRUGates(gates, units: recurrentInput.columns)
    let (previous, ds) = (VectorView(recurrentInput), VectorView(resetHiddenGradient))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let (r, gradient) = (a.r[row, unit], ds[row, unit])
      a.r[row, unit] = logisticGradient(gradient * previous[row, unit], output: r)
      ds[row, unit] = gradient * r
    }
    forEachPanel(rows: gates.rows, columns: recurrentInput.columns, step)
  }

  @inline(never)
  package static func gruResetAfterForward(
    gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix, hidden: Matrix
  ) {
    let a = GRUGates(gates, units: hidden.columns)
    let (u, previous, h) = (VectorView(recurrentCandidate), VectorView(previousHidden), VectorView(hidden))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let z = logistic(a.z[row, unit])
      let r = logistic(a.r[row, unit])
      let candidate = hyperbolicTangent(multiplyAdd(r, u[row, unit], a.candidate[row, unit]))
      a.z[row, unit] = z
      a.r[row, unit] = r
      a.candidate[row, unit] = candidate
      h[row, unit] = interpolate(z, previous[row, unit], candidate)
    }
    forEachPanel(rows: gates.rows, columns: hidden.columns, step)
  }

  @inline(never)
  package static func gruResetAfterBackward(
    gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix, hiddenGradient: Matrix
  ) {
    let a = GRUGates(gates, units: previousHidden.columns)
    let (u, previous) = (VectorView(recurrentCandidate), VectorView(previousHidden))
    let dh = VectorView(hiddenGradient)
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let r = a.r[row, unit]
      let gradient = a.outputBackward(row, unit, previous: previous[row, unit], hiddenGradient: dh)
      a.r[row, unit] = logisticGradient(gradient * u[row, unit], output: r)
      u[row, unit] = gradient * r
    }
    forEachPanel(rows: gates.rows, columns: previousHidden.columns, step)
  }

  /// (1 − z)∘h₋₁ + z∘h̃ as h₋₁ + z∘(h̃ − h₋₁), a difference and a fused multiply-add.
  @inline(always)
  private static func interpolate(_ z: Vector, _ previous: Vector, _ candidate: Vector) -> Vector {
    multiplyAdd(z, candidate - previous, previous)
  }
}

/// The gates of a GRU, side by side.
private struct GRUGates {
  let z, r, candidate: VectorView

  @inline(always)
  init(_ gates: Matrix, units: Int) {
    let padded = VectorWidth.padded(units)
    z = VectorView(gates)
    r = VectorView(gates, from: padded)
    candidate = VectorView(gates, from: 2 * padded)
  }

  /// Replaces z and h̃ by their gradients and dh by dh∘(1 − z); returns da_h̃.
  @inline(always)
  func outputBackward(_ row: Int, _ unit: Int, previous: Vector, hiddenGradient dh: VectorView) -> Vector {
    let (update, value, gradient) = (z[row, unit], candidate[row, unit], dh[row, unit])
    let candidateGradient = tanhGradient(gradient * update, output: value)
    z[row, unit] = logisticGradient(gradient * (value - previous), output: update)
    candidate[row, unit] = candidateGradient
    dh[row, unit] = gradient * (1 - update)
    return candidateGradient
  }
}
