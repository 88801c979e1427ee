import KernelInterface

/// LSTM (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000):
///
///     i, f, o = σ(a);  g = tanh(a);  c = f∘c₋₁ + i∘g;  h = o∘tanh(c)
///
/// with gates i, f, g, o side by side, and backwards, from dh = ∂L/∂h and dc = ∂L/∂c of later steps:
///
///     do = dh∘tanh(c);  dc += dh∘o∘(1 − tanh²(c))
///     di = dc∘g;  df = dc∘c₋₁;  dg = dc∘i;  dc₋₁ = dc∘f
extension VectorKernels {
  @inline(never)
  package static func lstmForward(gates: Matrix, previousCell: Matrix, cell: Matrix, hidden: Matrix) {
    let padded = PackedMatrix.padded(hidden.columns)
    for row in 0..<gates.rows {
      let a = gates.row(row)
      let previous = previousCell.row(row)
      let c = cell.row(row)
      let h = hidden.row(row)
      for panel in 0..<panels(hidden.columns) {
        let unit = panel * PackedMatrix.panelWidth
        let i = logistic(.load(a + unit))
        let f = logistic(.load(a + padded + unit))
        let g = hyperbolicTangent(.load(a + 2 * padded + unit))
        let o = logistic(.load(a + 3 * padded + unit))
        let state = multiplyAdd(f, .load(previous + unit), i * g)
        i.store(a + unit)
        f.store(a + padded + unit)
        g.store(a + 2 * padded + unit)
        o.store(a + 3 * padded + unit)
        state.store(c + unit)
        (o * hyperbolicTangent(state)).store(h + unit)
      }
    }
  }

  @inline(never)
  package static func lstmBackward(
    gates: Matrix, previousCell: Matrix, cell: Matrix, hiddenGradient: Matrix, cellGradient: Matrix
  ) {
    let padded = PackedMatrix.padded(cell.columns)
    for row in 0..<gates.rows {
      let a = gates.row(row)
      let previous = previousCell.row(row)
      let c = cell.row(row)
      let dh = hiddenGradient.row(row)
      let dc = cellGradient.row(row)
      for panel in 0..<panels(cell.columns) {
        let unit = panel * PackedMatrix.panelWidth
        let squashed = hyperbolicTangent(.load(c + unit))
        let normalizedGradient = outputBackward(
          gate: a + 3 * padded + unit, squashed: squashed, hiddenGradient: .load(dh + unit))
        cellBackward(
          a + unit, padded: padded, previous: .load(previous + unit),
          gradient: Vector.load(dc + unit) + normalizedGradient, into: dc + unit)
      }
    }
  }

  @inline(never)
  package static func lstmOutputForward(gates: Matrix, normalizedCell: Matrix, hidden: Matrix) {
    let padded = PackedMatrix.padded(hidden.columns)
    for row in 0..<gates.rows {
      let o = gates.row(row) + 3 * padded
      let n = normalizedCell.row(row)
      let h = hidden.row(row)
      for panel in 0..<panels(hidden.columns) {
        let unit = panel * PackedMatrix.panelWidth
        (Vector.load(o + unit) * hyperbolicTangent(.load(n + unit))).store(h + unit)
      }
    }
  }

  @inline(never)
  package static func lstmOutputBackward(
    gates: Matrix, normalizedCell: Matrix, hiddenGradient: Matrix, normalizedGradient: Matrix
  ) {
    let padded = PackedMatrix.padded(normalizedCell.columns)
    for row in 0..<gates.rows {
      let o = gates.row(row) + 3 * padded
      let n = normalizedCell.row(row)
      let dh = hiddenGradient.row(row)
      let dn = normalizedGradient.row(row)
      for panel in 0..<panels(normalizedCell.columns) {
        let unit = panel * PackedMatrix.panelWidth
        outputBackward(
          gate: o + unit, squashed: hyperbolicTangent(.load(n + unit)), hiddenGradient: .load(dh + unit)
        ).store(dn + unit)
      }
    }
  }

  @inline(never)
  package static func lstmCellBackward(gates: Matrix, previousCell: Matrix, cellGradient: Matrix) {
    let padded = PackedMatrix.padded(previousCell.columns)
    for row in 0..<gates.rows {
      let a = gates.row(row)
      let previous = previousCell.row(row)
      let dc = cellGradient.row(row)
      for panel in 0..<panels(previousCell.columns) {
        let unit = panel * PackedMatrix.panelWidth
        cellBackward(
          a + unit, padded: padded, previous: .load(previous + unit), gradient: .load(dc + unit),
          into: dc + unit)
      }
    }
  }

  /// Replaces the output gate by its gradient; returns ∂L/∂n, n being the argument of the squashing tanh.
  @inline(always)
  private static func outputBackward(
    gate: UnsafeMutablePointer<Float>, squashed: Vector, hiddenGradient: Vector
  ) -> Vector {
    let o = Vector.load(gate)
    logisticGradient(hiddenGradient * squashed, o).store(gate)
    return tanhGradient(hiddenGradient * o, squashed)
  }

  /// Replaces the gates i, f and g by their gradients and stores ∂L/∂c₋₁.
  @inline(always)
  private static func cellBackward(
    _ a: UnsafeMutablePointer<Float>, padded: Int, previous: Vector, gradient: Vector,
    into previousGradient: UnsafeMutablePointer<Float>
  ) {
    let i = Vector.load(a)
    let f = Vector.load(a + padded)
    let g = Vector.load(a + 2 * padded)
    logisticGradient(gradient * g, i).store(a)
    logisticGradient(gradient * previous, f).store(a + padded)
    tanhGradient(gradient * i, g).store(a + 2 * padded)
    (gradient * f).store(previousGradient)
  }
}
