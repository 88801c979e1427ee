import KernelInterface

/// Minimal recurrent cells (Feng et al. 2024), whose gates depend on the input alone. With a = W x + b and
/// g(a) = a + ½ for a ≥ 0, else σ(a), so that g′ = 1 where g ≥ ½, else g∘(1 − g):
///
/// minGRU, gates z, h̃ side by side:
///
///     forward     z = σ(a);  h̃ = g(a);  h = (1 − z)∘h₋₁ + z∘h̃
///     backward    da_z = dh∘(h̃ − h₋₁)∘z∘(1 − z);  da_h̃ = dh∘z∘g′;  dh₋₁ = dh∘(1 − z)
///
/// minLSTM, gates f, i, h̃ side by side, with f′ = f / (f + i) and i′ = i / (f + i):
///
///     forward     f, i = σ(a);  h̃ = g(a);  h = f′∘h₋₁ + i′∘h̃
///     backward    dp = dh∘(h₋₁ − h̃)∘f′∘i′;  da_f = dp∘(1 − f);  da_i = −dp∘(1 − i)
///                 da_h̃ = dh∘i′∘g′;  dh₋₁ = dh∘f′
///
/// Pre-activations of f and i below −80 count as −80, so that f + i is never zero.
extension VectorKernels {
  @inline(never)
  package static func minimalGRUForward(gates: Matrix, previousHidden: Matrix, hidden: Matrix) {
    let units = hidden.columns
    let (z, candidate) = (VectorView(gates), VectorView(gates, from: VectorWidth.padded(units)))
    let (previous, h) = (VectorView(previousHidden), VectorView(hidden))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let update = logistic(z[row, unit])
      let value = positive(candidate[row, unit])
      z[row, unit] = update
      candidate[row, unit] = value
      let old = previous[row, unit]
      h[row, unit] = multiplyAdd(update, value - old, old).keeping(first: units - unit)
    }
    forEachPanel(rows: gates.rows, columns: units, step)
  }

  @inline(never)
  package static func minimalGRUBackward(gates: Matrix, previousHidden: Matrix, hiddenGradient: Matrix) {
    let units = previousHidden.columns
    let (z, candidate) = (VectorView(gates), VectorView(gates, from: VectorWidth.padded(units)))
    let (previous, dh) = (VectorView(previousHidden), VectorView(hiddenGradient))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let (update, value, gradient) = (z[row, unit], candidate[row, unit], dh[row, unit])
      z[row, unit] = logisticGradient(gradient * (value - previous[row, unit]), output: update)
      candidate[row, unit] = positiveGradient(gradient * update, output: value)
      dh[row, unit] = gradient * (1 - update)
    }
    forEachPanel(rows: gates.rows, columns: units, step)
  }

  @inline(never)
  package static func minimalLSTMForward(gates: Matrix, previousHidden: Matrix, hidden: Matrix) {
    let units = hidden.columns
    let padded = VectorWidth.padded(units)
    let (f, i) = (VectorView(gates), VectorView(gates, from: padded))
    let candidate = VectorView(gates, from: 2 * padded)
    let (previous, h) = (VectorView(previousHidden), VectorView(hidden))
    let least = Vector(repeating: -80)
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let forget = logistic(f[row, unit].atLeast(least))
      let input = logistic(i[row, unit].atLeast(least))
      let value = positive(candidate[row, unit])
      f[row, unit] = forget
      i[row, unit] = input
      candidate[row, unit] = value
      let old = previous[row, unit]
      h[row, unit] = multiplyAdd(input / (forget + input), value - old, old).keeping(first: units - unit)
    }
    forEachPanel(rows: gates.rows, columns: units, step)
  }

  @inline(never)
  package static func minimalLSTMBackward(gates: Matrix, previousHidden: Matrix, hiddenGradient: Matrix) {
    let units = previousHidden.columns
    let padded = VectorWidth.padded(units)
    let (f, i) = (VectorView(gates), VectorView(gates, from: padded))
    let candidate = VectorView(gates, from: 2 * padded)
    let (previous, dh) = (VectorView(previousHidden), VectorView(hiddenGradient))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let (forget, input, value) = (f[row, unit], i[row, unit], candidate[row, unit])
      let gradient = dh[row, unit]
      let factor = 1 / (forget + input)
      let (kept, added) = (forget * factor, input * factor)
      let slope = gradient * (previous[row, unit] - value) * (kept * added)
      f[row, unit] = slope * (1 - forget)
      i[row, unit] = slope.negated * (1 - input)
      candidate[row, unit] = positiveGradient(gradient * added, output: value)
      dh[row, unit] = gradient * kept
    }
    forEachPanel(rows: gates.rows, columns: units, step)
  }
}

/// g(x) = x + ½ for x ≥ 0, else σ(x): continuous and positive. NaN stays NaN.
@inline(always)
private func positive(_ x: Vector) -> Vector {
  logistic(x).replacing(with: x + Vector(repeating: 0.5), where: x .>= Vector(repeating: 0))
}

/// The gradient of g's input from that of its output y: dy where y ≥ ½, else dy∘y∘(1 − y).
@inline(always)
private func positiveGradient(_ gradient: Vector, output y: Vector) -> Vector {
  logisticGradient(gradient, output: y).replacing(with: gradient, where: y .>= Vector(repeating: 0.5))
}
