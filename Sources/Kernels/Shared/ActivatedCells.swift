import KernelInterface

/// The cells of `LSTMCell.swift` and `GRUCell.swift` with any activations: f of the candidate and the cell state, in the
/// place of tanh, and s of the gates, in the place of σ.
///
/// An activation is chosen for each vector, which costs little beside its computation. The padding of states is zero,
/// also where f(0) is not.
extension VectorKernels {
  @inline(never)
  package static func lstmForward(
    _ activations: CellActivations, gates: Matrix, previousCell: Matrix, cell: Matrix, hidden: Matrix
  ) {
    let units = hidden.columns
    let padded = VectorWidth.padded(units)
    let (i, f) = (VectorView(gates), VectorView(gates, from: padded))
    let (g, o) = (VectorView(gates, from: 2 * padded), VectorView(gates, from: 3 * padded))
    let (previous, c, h) = (VectorView(previousCell), VectorView(cell), VectorView(hidden))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let input = activated(i[row, unit], activations.gates)
      let forget = activated(f[row, unit], activations.gates)
      let candidate = activated(g[row, unit], activations.state)
      let output = activated(o[row, unit], activations.gates)
      i[row, unit] = input
      f[row, unit] = forget
      g[row, unit] = candidate
      o[row, unit] = output
      let state = multiplyAdd(forget, previous[row, unit], input * candidate).keeping(first: units - unit)
      c[row, unit] = state
      h[row, unit] = (output * activated(state, activations.state)).keeping(first: units - unit)
    }
    forEachPanel(rows: gates.rows, columns: units, step)
  }

  @inline(never)
  package static func lstmBackward(
    _ activations: CellActivations, gates: Matrix, previousCell: Matrix, cell: Matrix, hiddenGradient: Matrix,
    cellGradient: Matrix
  ) {
    let padded = VectorWidth.padded(cell.columns)
    let (i, f) = (VectorView(gates), VectorView(gates, from: padded))
    let (g, o) = (VectorView(gates, from: 2 * padded), VectorView(gates, from: 3 * padded))
    let (previous, c) = (VectorView(previousCell), VectorView(cell))
    let (dh, dc) = (VectorView(hiddenGradient), VectorView(cellGradient))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let (input, forget, candidate, output) = (i[row, unit], f[row, unit], g[row, unit], o[row, unit])
      let state = activated(c[row, unit], activations.state)
      let gradient = dh[row, unit]
      let cellGradient =
        dc[row, unit] + differentiated(gradient * output, output: state, activations.state)
      o[row, unit] = differentiated(gradient * state, output: output, activations.gates)
      i[row, unit] = differentiated(cellGradient * candidate, output: input, activations.gates)
      f[row, unit] = differentiated(cellGradient * previous[row, unit], output: forget, activations.gates)
      g[row, unit] = differentiated(cellGradient * input, output: candidate, activations.state)
      dc[row, unit] = cellGradient * forget
    }
    forEachPanel(rows: gates.rows, columns: cell.columns, step)
  }

  @inline(never)
  package static func gruResetBeforeGates(
    _ activations: CellActivations, gates: Matrix, recurrentInput: Matrix, resetHidden: Matrix
  ) {
    let padded = VectorWidth.padded(resetHidden.columns)
    let (z, r) = (VectorView(gates), VectorView(gates, from: padded))
    let (previous, s) = (VectorView(recurrentInput), VectorView(resetHidden))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let reset = activated(r[row, unit], activations.gates)
      z[row, unit] = activated(z[row, unit], activations.gates)
      r[row, unit] = reset
      s[row, unit] = reset * previous[row, unit]
    }
    forEachPanel(rows: gates.rows, columns: resetHidden.columns, step)
  }

  @inline(never)
  package static func gruResetBeforeForward(
    _ activations: CellActivations, gates: Matrix, previousHidden: Matrix, hidden: Matrix
  ) {
    let units = hidden.columns
    let (z, candidate) = (VectorView(gates), VectorView(gates, from: 2 * VectorWidth.padded(units)))
    let (previous, h) = (VectorView(previousHidden), VectorView(hidden))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let value = activated(candidate[row, unit], activations.state).keeping(first: units - unit)
      candidate[row, unit] = value
      h[row, unit] = multiplyAdd(z[row, unit], value - previous[row, unit], previous[row, unit])
    }
    forEachPanel(rows: gates.rows, columns: units, step)
  }

  @inline(never)
  package static func gruResetBeforeBackward(
    _ activations: CellActivations, gates: Matrix, previousHidden: Matrix, hiddenGradient: Matrix
  ) {
    let units = previousHidden.columns
    let (z, candidate) = (VectorView(gates), VectorView(gates, from: 2 * VectorWidth.padded(units)))
    let (previous, dh) = (VectorView(previousHidden), VectorView(hiddenGradient))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let (update, value, gradient) = (z[row, unit], candidate[row, unit], dh[row, unit])
      z[row, unit] = differentiated(
        gradient * (value - previous[row, unit]), output: update, activations.gates)
      candidate[row, unit] = differentiated(gradient * update, output: value, activations.state)
      dh[row, unit] = gradient * (1 - update)
    }
    forEachPanel(rows: gates.rows, columns: units, step)
  }

  @inline(never)
  package static func gruResetBeforeGatesBackward(
    _ activations: CellActivations, gates: Matrix, recurrentInput: Matrix, resetHiddenGradient: Matrix
  ) {
    let r = VectorView(gates, from: VectorWidth.padded(recurrentInput.columns))
    let (previous, ds) = (VectorView(recurrentInput), VectorView(resetHiddenGradient))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let (reset, gradient) = (r[row, unit], ds[row, unit])
      r[row, unit] = differentiated(gradient * previous[row, unit], output: reset, activations.gates)
      ds[row, unit] = gradient * reset
    }
    forEachPanel(rows: gates.rows, columns: recurrentInput.columns, step)
  }

  @inline(never)
  package static func gruResetAfterForward(
    _ activations: CellActivations, gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix,
    hidden: Matrix
  ) {
    let units = hidden.columns
    let padded = VectorWidth.padded(units)
    let (z, r) = (VectorView(gates), VectorView(gates, from: padded))
    let (candidate, u) = (VectorView(gates, from: 2 * padded), VectorView(recurrentCandidate))
    let (previous, h) = (VectorView(previousHidden), VectorView(hidden))
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let update = activated(z[row, unit], activations.gates)
      let reset = activated(r[row, unit], activations.gates)
      let value = activated(multiplyAdd(reset, u[row, unit], candidate[row, unit]), activations.state)
        .keeping(first: units - unit)
      z[row, unit] = update
      r[row, unit] = reset
      candidate[row, unit] = value
      h[row, unit] = multiplyAdd(update, value - previous[row, unit], previous[row, unit])
    }
    forEachPanel(rows: gates.rows, columns: units, step)
  }

  @inline(never)
  package static func gruResetAfterBackward(
    _ activations: CellActivations, gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix,
    hiddenGradient: Matrix
  ) {
    let padded = VectorWidth.padded(previousHidden.columns)
    let (r, candidate) = (VectorView(gates, from: padded), VectorView(gates, from: 2 * padded))
    let u = VectorView(recurrentCandidate)
    gruResetBeforeBackward(
      activations, gates: gates, previousHidden: previousHidden, hiddenGradient: hiddenGradient)
    @inline(always)
    func step(_ row: Int, _ unit: Int) {
      let (reset, gradient) = (r[row, unit], candidate[row, unit])
      r[row, unit] = differentiated(gradient * u[row, unit], output: reset, activations.gates)
      u[row, unit] = gradient * reset
    }
    forEachPanel(rows: gates.rows, columns: previousHidden.columns, step)
  }
}
