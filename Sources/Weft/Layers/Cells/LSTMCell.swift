import KernelInterface

/// Long short-term memory: i, f, o = σ(W x + b + U h₋₁); g = tanh(…); c = f∘c₋₁ + i∘g; h = o∘tanh(c).
///
/// With layer normalisation h = o∘tanh(LN(c)) (Ba, Kiros and Hinton 2016, equation 22).
package struct LSTMCell: RecurrentCell {
  let recurrent: Projection
  let cellNormalization: CellNormalization?

  /// Gain and shift of the cell state's normalisation.
  struct CellNormalization: Sendable {
    let gain: PaddedRow
    let shift: PaddedRow
  }

  package var gates: Int { 4 }
  package var recurrentProjections: [Projection] { [recurrent] }
  package var hasDirectPath: Bool { false }
  package var hasCellState: Bool { true }

  package func pack(_ kernels: any KernelSet.Type, parameters: Matrix) {
    cellNormalization?.gain.pack(kernels, parameters: parameters)
    cellNormalization?.shift.pack(kernels, parameters: parameters)
  }

  package func makeMemory(positions: Int, arena: Arena) -> CellMemory {
    var memory = CellMemory(projectionRecords: [recurrent.record(rows: positions, arena: arena)])
    if cellNormalization != nil {
      let hidden = PackedMatrix.padded(recurrent.width)
      memory.normalizedCell = CellMemory.NormalizedCell(
        normalized: arena.matrix(rows: positions, columns: hidden),
        deviations: arena.matrix(rows: positions, columns: 1),
        output: arena.matrix(rows: positions, columns: hidden),
        outputGradient: arena.matrix(rows: positions, columns: hidden))
    }
    return memory
  }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    let hidden = pass.hidden.rows(segment.current)
    let cell = pass.cell.rows(segment.current)
    recurrent.forward(
      pass.recurrentInputs.rows(segment.previous), isZero: pass.followsZero(segment), initial: .result,
      into: gates,
      record: pass.memory.projectionRecords[0]?.rows(segment.positions), shard)
    let previousCell = pass.cell.rows(segment.previous)
    if let cellNormalization, let memory = pass.memory.normalizedCell {
      shard.kernels.lstmCellForward(gates: gates, previousCell: previousCell, cell: cell)
      let normalized = memory.normalized.rows(segment.positions)
      let output = memory.output.rows(segment.positions)
      shard.kernels.normalizeRows(
        cell.padded, width: cell.columns, normalized: normalized,
        inverseStandardDeviations: memory.deviations.rows(segment.positions))
      shard.kernels.addScaled(
        normalized: normalized, gain: cellNormalization.gain.row,
        initial: .row(cellNormalization.shift.row), to: output)
      shard.kernels.lstmOutputForward(gates: gates, state: output, hidden: hidden)
    } else {
      shard.kernels.lstmForward(gates: gates, previousCell: previousCell, cell: cell, hidden: hidden)
    }
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    let previousCell = pass.cell.rows(segment.previous)
    let record = pass.memory.projectionRecords[0]?.rows(segment.positions)
    if let cellNormalization, let memory = pass.memory.normalizedCell {
      let outputGradient = memory.outputGradient.rows(segment.positions)
      shard.kernels.lstmOutputBackward(
        gates: gates, state: memory.output.rows(segment.positions), hiddenGradient: hiddenGradient,
        stateGradient: outputGradient)
      // The gradient through the normalisation passes through the hidden gradient's memory, which is done with.
      shard.kernels.normalizeRowsBackward(
        gradient: outputGradient, normalized: memory.normalized.rows(segment.positions),
        gain: cellNormalization.gain.row,
        inverseStandardDeviations: memory.deviations.rows(segment.positions),
        width: hiddenGradient.columns, into: hiddenGradient.padded)
      shard.kernels.add(hiddenGradient, to: cellGradient)
      shard.kernels.lstmCellBackward(gates: gates, previousCell: previousCell, cellGradient: cellGradient)
    } else {
      shard.kernels.lstmBackward(
        gates: gates, previousCell: previousCell, cell: pass.cell.rows(segment.current),
        hiddenGradient: hiddenGradient, cellGradient: cellGradient)
    }
    if pass.endsGradient(segment) { return recurrent.normalizeBackward(gates, record: record, shard) }
    recurrent.backward(
      gates, initial: .zero, into: recurrentGradient,
      record: record, shard)
  }

  package func gradientGroups(
    _ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard
  ) -> [GradientGroup] {
    [
      GradientGroup(
        right: pass.gates, inputGates: 0..<4,
        operands: [recurrent.operand(pass.recurrentInputs, rows: previousStates, shard)])
    ]
  }

  package func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    guard let record = pass.memory.projectionRecords[0], let cellNormalization,
      let memory = pass.memory.normalizedCell
    else { return }
    let index = pass.layout.lanePositions
    recurrent.accumulateNormalized(
      inputs: pass.recurrentInputs, inputRows: previousStates, gradient: pass.gates, record: record,
      index: index, shard)
    shard.columnSums(
      values: memory.outputGradient, factors: memory.normalized, width: recurrent.width, rows: index,
      outputs: shard.gradients(of: cellNormalization.gain.parameter))
    shard.columnSums(
      values: memory.outputGradient, factors: nil, width: recurrent.width, rows: index,
      outputs: shard.gradients(of: cellNormalization.shift.parameter))
  }
}
