import KernelInterface

/// Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers, Schmidhuber and Cummins
/// 2000). Gates i, f, g, o side by side, from a = W x + b + U h₋₁:
///
///     forward     i, f = σ(a);  g = tanh(a);  c = f∘c₋₁ + i∘g
///                 o = σ(a);  h = o∘tanh(n)
///     backward    do = dh∘tanh(n);  dn = dh∘o∘(1 − tanh²(n))
///                 di = dc∘g;  df = dc∘c₋₁;  dg = dc∘i;  dc₋₁ = dc∘f
///                 da_i = di∘i∘(1 − i), da_f and da_o likewise;  da_g = dg∘(1 − g²)
///                 dh₋₁ = Uᵀ da
///
/// n is the state that the output gate reads. In the kernels of a whole step it is c, and dc = dn + dc from the next
/// step; with layer normalization it is LN(c) (Ba, Kiros and Hinton 2016, equation 22). Products with W and U are the
/// layer's.
extension VectorKernels {
  @inline(never)
  package static func lstmForward(gates: Matrix, previousCell: Matrix, cell: Matrix, hidden: Matrix) {
    let a = LSTMGates(gates, units: hidden.columns)
    let (previous, c, h) = (VectorView(previousCell), VectorView(cell), VectorView(hidden))
    // The halves of a row in two loops: in one, their constants and sums exceed the registers.
    for row in 0..<gates.rows {
      @inline(always)
      func cellStep(_ unit: Int) {
        c[row, unit] = a.cellForward(row, unit, previous: previous[row, unit])
      }
      @inline(always)
      func outputStep(_ unit: Int) {
        h[row, unit] = a.outputForward(row, unit, state: c[row, unit])
      }
      forEachPanel(columns: hidden.columns, cellStep)
      forEachPanel(columns: hidden.columns, outputStep)
    }
  }

  @inline(never)
  package static func lstmBackward(
    gates: Matrix, previousCell: Matrix, cell: Matrix, hiddenGradient: Matrix, cellGradient: Matrix
  ) {
    let a = LSTMGates(gates, units: cell.columns)
    let (previous, c) = (VectorView(previousCell), VectorView(cell))
    let (dh, dc) = (VectorView(hiddenGradient), VectorView(cellGradient))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let dn = a.outputBackward(row, unit, state: c[row, unit], hiddenGradient: dh[row, unit])
      dc[row, unit] = a.cellBackward(
        row, unit, previous: previous[row, unit], cellGradient: dc[row, unit] + dn)
    }
    forEachPanel(rows: gates.rows, columns: cell.columns, step)
  }

  @inline(never)
  package static func lstmCellForward(gates: Matrix, previousCell: Matrix, cell: Matrix) {
    let a = LSTMGates(gates, units: cell.columns)
    let (previous, c) = (VectorView(previousCell), VectorView(cell))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      c[row, unit] = a.cellForward(row, unit, previous: previous[row, unit])
    }
    forEachPanel(rows: gates.rows, columns: cell.columns, step)
  }

  @inline(never)
  package static func lstmOutputForward(gates: Matrix, state: Matrix, hidden: Matrix) {
    let a = LSTMGates(gates, units: hidden.columns)
    let (n, h) = (VectorView(state), VectorView(hidden))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      h[row, unit] = a.outputForward(row, unit, state: n[row, unit])
    }
    forEachPanel(rows: gates.rows, columns: hidden.columns, step)
  }

  @inline(never)
  package static func lstmOutputBackward(
    gates: Matrix, state: Matrix, hiddenGradient: Matrix, stateGradient: Matrix
  ) {
    let a = LSTMGates(gates, units: state.columns)
    let (n, dh, dn) = (VectorView(state), VectorView(hiddenGradient), VectorView(stateGradient))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      dn[row, unit] = a.outputBackward(row, unit, state: n[row, unit], hiddenGradient: dh[row, unit])
    }
    forEachPanel(rows: gates.rows, columns: state.columns, step)
  }

  @inline(never)
  package static func lstmCellBackward(gates: Matrix, previousCell: Matrix, cellGradient: Matrix) {
    let a = LSTMGates(gates, units: previousCell.columns)
    let (previous, dc) = (VectorView(previousCell), VectorView(cellGradient))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      dc[row, unit] = a.cellBackward(
        row, unit, previous: previous[row, unit], cellGradient: dc[row, unit])
    }
    forEachPanel(rows: gates.rows, columns: previousCell.columns, step)
  }
}

/// The gates of an LSTM, side by side, and the two halves of a step for sixteen units.
private struct LSTMGates {
  let i, f, g, o: VectorView

  @inline(always)
  init(_ gates: Matrix, units: Int) {
    let padded = VectorWidth.padded(units)
    i = VectorView(gates)
    f = VectorView(gates, from: padded)
    g = VectorView(gates, from: 2 * padded)
    o = VectorView(gates, from: 3 * padded)
  }

  /// Activates i, f and g; returns c.
  @inline(always)
  func cellForward(_ row: Int, _ unit: Int, previous: Vector) -> Vector {
    let input = logistic(i[row, unit])
    let forget = logistic(f[row, unit])
    let candidate = hyperbolicTangent(g[row, unit])
    i[row, unit] = input
    f[row, unit] = forget
    g[row, unit] = candidate
    return multiplyAdd(forget, previous, input * candidate)
  }

  /// Activates o; returns h.
  @inline(always)
  func outputForward(_ row: Int, _ unit: Int, state n: Vector) -> Vector {
    let output = logistic(o[row, unit])
    o[row, unit] = output
    return output * hyperbolicTangent(n)
  }

  /// Replaces o by its gradient; returns dn.
  @inline(always)
  func outputBackward(_ row: Int, _ unit: Int, state n: Vector, hiddenGradient dh: Vector) -> Vector {
    let output = o[row, unit]
    let activated = hyperbolicTangent(n)
    o[row, unit] = logisticGradient(dh * activated, output: output)
    return tanhGradient(dh * output, output: activated)
  }

  /// Replaces i, f and g by their gradients; returns dc₋₁.
  @inline(always)
  func cellBackward(_ row: Int, _ unit: Int, previous: Vector, cellGradient dc: Vector) -> Vector {
    let input = i[row, unit]
    let forget = f[row, unit]
    let candidate = g[row, unit]
    i[row, unit] = logisticGradient(dc * candidate, output: input)
    f[row, unit] = logisticGradient(dc * previous, output: forget)
    g[row, unit] = tanhGradient(dc * input, output: candidate)
    return dc * forget
  }
}
