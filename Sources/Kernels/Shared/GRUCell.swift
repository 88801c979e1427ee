import KernelInterface

/// GRU (Cho et al. 2014): z, r = σ(a);  h = (1 − z)∘h₋₁ + z∘h̃, gates z, r, h̃ side by side, with
///
///     reset before:  h̃ = tanh(W x + b + U (r∘h₋₁))
///     reset after:   h̃ = tanh(W x + b + r∘u),  u = U h₋₁ + b′
///
/// and backwards, from dh = ∂L/∂h:
///
///     dh̃ = dh∘z;  dz = dh∘(h̃ − h₋₁);  dh₋₁ = dh∘(1 − z) + what comes through U
extension VectorKernels {
  @inline(never)
  package static func gruResetBeforeGates(gates: Matrix, recurrentInput: Matrix, resetHidden: Matrix) {
    let padded = PackedMatrix.padded(resetHidden.columns)
    for row in 0..<gates.rows {
      let a = gates.row(row)
      let previous = recurrentInput.row(row)
      let target = resetHidden.row(row)
      for panel in 0..<panels(resetHidden.columns) {
        let unit = panel * PackedMatrix.panelWidth
        let r = logistic(.load(a + padded + unit))
        logistic(.load(a + unit)).store(a + unit)
        r.store(a + padded + unit)
        (r * .load(previous + unit)).store(target + unit)
      }
    }
  }

  @inline(never)
  package static func gruResetBeforeForward(gates: Matrix, previousHidden: Matrix, hidden: Matrix) {
    let padded = PackedMatrix.padded(hidden.columns)
    for row in 0..<gates.rows {
      let a = gates.row(row)
      let previous = previousHidden.row(row)
      let h = hidden.row(row)
      for panel in 0..<panels(hidden.columns) {
        let unit = panel * PackedMatrix.panelWidth
        let candidate = hyperbolicTangent(.load(a + 2 * padded + unit))
        candidate.store(a + 2 * padded + unit)
        interpolate(update: .load(a + unit), previous: .load(previous + unit), candidate).store(h + unit)
      }
    }
  }

  @inline(never)
  package static func gruResetBeforeBackward(gates: Matrix, previousHidden: Matrix, hiddenGradient: Matrix) {
    let padded = PackedMatrix.padded(previousHidden.columns)
    for row in 0..<gates.rows {
      let a = gates.row(row)
      let previous = previousHidden.row(row)
      let dh = hiddenGradient.row(row)
      for panel in 0..<panels(previousHidden.columns) {
        let unit = panel * PackedMatrix.panelWidth
        _ = updateBackward(
          a + unit, candidate: a + 2 * padded + unit, previous: .load(previous + unit), gradient: dh + unit)
      }
    }
  }

  @inline(never)
  package static func gruResetBeforeGatesBackward(
    gates: Matrix, recurrentInput: Matrix, resetHiddenGradient: Matrix
  ) {
    let padded = PackedMatrix.padded(recurrentInput.columns)
    for row in 0..<gates.rows {
      let reset = gates.row(row) + padded
      let previous = recurrentInput.row(row)
      let gradient = resetHiddenGradient.row(row)
      for panel in 0..<panels(recurrentInput.columns) {
        let unit = panel * PackedMatrix.panelWidth
        let r = Vector.load(reset + unit)
        let value = Vector.load(gradient + unit)
        logisticGradient(value * .load(previous + unit), r).store(reset + unit)
        (value * r).store(gradient + unit)
      }
    }
  }

  @inline(never)
  package static func gruResetAfterForward(
    gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix, hidden: Matrix
  ) {
    let padded = PackedMatrix.padded(hidden.columns)
    for row in 0..<gates.rows {
      let a = gates.row(row)
      let u = recurrentCandidate.row(row)
      let previous = previousHidden.row(row)
      let h = hidden.row(row)
      for panel in 0..<panels(hidden.columns) {
        let unit = panel * PackedMatrix.panelWidth
        let z = logistic(.load(a + unit))
        let r = logistic(.load(a + padded + unit))
        let candidate = hyperbolicTangent(
          multiplyAdd(r, .load(u + unit), .load(a + 2 * padded + unit)))
        z.store(a + unit)
        r.store(a + padded + unit)
        candidate.store(a + 2 * padded + unit)
        interpolate(update: z, previous: .load(previous + unit), candidate).store(h + unit)
      }
    }
  }

  @inline(never)
  package static func gruResetAfterBackward(
    gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix, hiddenGradient: Matrix
  ) {
    let padded = PackedMatrix.padded(previousHidden.columns)
    for row in 0..<gates.rows {
      let a = gates.row(row)
      let u = recurrentCandidate.row(row)
      let previous = previousHidden.row(row)
      let dh = hiddenGradient.row(row)
      for panel in 0..<panels(previousHidden.columns) {
        let unit = panel * PackedMatrix.panelWidth
        let r = Vector.load(a + padded + unit)
        let candidateGradient = updateBackward(
          a + unit, candidate: a + 2 * padded + unit, previous: .load(previous + unit), gradient: dh + unit)
        logisticGradient(candidateGradient * .load(u + unit), r).store(a + padded + unit)
        (candidateGradient * r).store(u + unit)
      }
    }
  }

  /// h₋₁ + z∘(h̃ − h₋₁).
  @inline(always)
  private static func interpolate(update z: Vector, previous: Vector, _ candidate: Vector) -> Vector {
    multiplyAdd(z, candidate - previous, previous)
  }

  /// Replaces z and h̃ by their gradients and ∂L/∂h by its direct part to h₋₁; returns the candidate's gradient.
  @inline(always)
  private static func updateBackward(
    _ update: UnsafeMutablePointer<Float>, candidate: UnsafeMutablePointer<Float>, previous: Vector,
    gradient: UnsafeMutablePointer<Float>
  ) -> Vector {
    let z = Vector.load(update)
    let value = Vector.load(candidate)
    let dh = Vector.load(gradient)
    let candidateGradient = tanhGradient(dh * z, value)
    logisticGradient(dh * (value - previous), z).store(update)
    candidateGradient.store(candidate)
    (dh * (1 - z)).store(gradient)
    return candidateGradient
  }
}
