import KernelInterface

/// Linear recurrent unit (Orvieto et al. 2023). Complex numbers are real parts r beside imaginary parts i; v = W x + b:
///
///     forward     h_r = λ_r∘h₋₁_r − λ_i∘h₋₁_i + γ∘v_r;  h_i = λ_r∘h₋₁_i + λ_i∘h₋₁_r + γ∘v_i
///     backward    dv = γ∘dh;  dh₋₁_r = λ_r∘dh_r + λ_i∘dh_i;  dh₋₁_i = λ_r∘dh_i − λ_i∘dh_r
///                 P = dh_r∘h₋₁_r + dh_i∘h₋₁_i;  Q = dh_i∘h₋₁_r − dh_r∘h₋₁_i
///                 dν = −exp(ν)∘(λ_r∘P + λ_i∘Q);  dθ = exp(θ)∘(λ_r∘Q − λ_i∘P);  dg = dv_r∘v_r + dv_i∘v_i
///
/// The sums over positions of the last three are `columnSums`.
extension VectorKernels {
  @inline(never)
  package static func lruForward(
    gates: Matrix, coefficients: Matrix, previousHidden: Matrix, hidden: Matrix
  ) {
    let units = hidden.columns / 2
    let padded = VectorWidth.padded(units)
    let k = coefficients.row(0)
    for row in 0..<gates.rows {
      let (v, old, h) = (gates.row(row), previousHidden.row(row), hidden.row(row))
      @inline(always)
      func step(_ unit: Int, _ count: Int) {
        let (real, imaginary) = (Vector.load(k + unit), Vector.load(k + padded + unit))
        let scale = Vector.load(k + 2 * padded + unit)
        let oldReal = Vector.load(old + unit, count: count)
        let oldImaginary = Vector.load(old + units + unit, count: count)
        let inputReal = scale * Vector.load(v + unit)
        let inputImaginary = scale * Vector.load(v + padded + unit)
        multiplyAdd(real, oldReal, multiplyAdd(imaginary.negated, oldImaginary, inputReal))
          .store(h + unit, count: count)
        multiplyAdd(real, oldImaginary, multiplyAdd(imaginary, oldReal, inputImaginary))
          .store(h + units + unit, count: count)
      }
      forEachVector(in: units, step)
      for column in 2 * units..<VectorWidth.padded(2 * units) { h[column] = 0 }
    }
  }

  @inline(never)
  package static func lruBackward(
    gates: Matrix, coefficients: Matrix, previousHidden: Matrix, hiddenGradient: Matrix, sums: Matrix
  ) {
    let units = hiddenGradient.columns / 2
    let padded = VectorWidth.padded(units)
    let k = coefficients.row(0)
    for row in 0..<gates.rows {
      let (v, old, dh, result) = (
        gates.row(row), previousHidden.row(row), hiddenGradient.row(row), sums.row(row)
      )
      @inline(always)
      func step(_ unit: Int, _ count: Int) {
        let (real, imaginary) = (Vector.load(k + unit), Vector.load(k + padded + unit))
        let scale = Vector.load(k + 2 * padded + unit)
        let (growth, turn) = (Vector.load(k + 3 * padded + unit), Vector.load(k + 4 * padded + unit))
        let oldReal = Vector.load(old + unit, count: count)
        let oldImaginary = Vector.load(old + units + unit, count: count)
        let dReal = Vector.load(dh + unit, count: count)
        let dImaginary = Vector.load(dh + units + unit, count: count)
        let (inputReal, inputImaginary) = (Vector.load(v + unit), Vector.load(v + padded + unit))
        let (ownReal, ownImaginary) = (scale * dReal, scale * dImaginary)
        let p = multiplyAdd(dReal, oldReal, dImaginary * oldImaginary)
        let q = multiplyAdd(dImaginary, oldReal, (dReal * oldImaginary).negated)
        (growth * multiplyAdd(real, p, imaginary * q)).keeping(first: count).store(result + unit)
        (turn * multiplyAdd(real, q, (imaginary * p).negated)).keeping(first: count)
          .store(result + padded + unit)
        multiplyAdd(ownReal, inputReal, ownImaginary * inputImaginary).keeping(first: count)
          .store(result + 2 * padded + unit)
        ownReal.keeping(first: count).store(v + unit)
        ownImaginary.keeping(first: count).store(v + padded + unit)
        multiplyAdd(real, dReal, imaginary * dImaginary).store(dh + unit, count: count)
        multiplyAdd(real, dImaginary, (imaginary * dReal).negated).store(dh + units + unit, count: count)
      }
      forEachVector(in: units, step)
    }
  }
}
