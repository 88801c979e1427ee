import KernelInterface

/// Gated recurrent unit, reset after the product (as in cuDNN, PyTorch and Keras): z, r = σ(W x + b + U h₋₁);
/// h̃ = tanh(W x + b + r∘(U h₋₁ + b′)); h = (1 − z)∘h₋₁ + z∘h̃.
package struct GRUResetAfterCell: RecurrentCell {
  /// Of the gates z and r.
  let gateRecurrent: Projection
  /// Of the candidate h̃.
  let candidateRecurrent: Projection
  /// b′, of the candidate.
  let recurrentBias: PaddedRow

  package var gates: Int { 3 }
  package var recurrentProjections: [Projection] { [gateRecurrent, candidateRecurrent] }
  package var hasDirectPath: Bool { true }
  package var hasCellState: Bool { false }

  package func pack(_ kernels: any KernelSet.Type, parameters: Matrix) {
    recurrentBias.pack(kernels, parameters: parameters)
  }

  package func makeMemory(positions: Int, arena: Arena) -> CellMemory {
    CellMemory(
      recurrentCandidate: arena.matrix(rows: positions, columns: candidateRecurrent.outputs),
      projectionRecords: recurrentProjections.map { $0.record(rows: positions, arena: arena) })
  }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    let input = pass.recurrentInputs.rows(segment.previous)
    let isZero = pass.followsZero(segment)
    let candidate = pass.memory.recurrentCandidate!.rows(segment.positions)
    gateRecurrent.forward(
      input, isZero: isZero, initial: .result, into: gates.columns(gateColumns),
      record: pass.memory.projectionRecords[0]?.rows(segment.positions), shard)
    candidateRecurrent.forward(
      input, isZero: isZero, initial: .row(recurrentBias.row), into: candidate,
      record: pass.memory.projectionRecords[1]?.rows(segment.positions), shard)
    shard.kernels.gruResetAfterForward(
      gates: gates, recurrentCandidate: candidate, previousHidden: pass.hidden.rows(segment.previous),
      hidden: pass.hidden.rows(segment.current))
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    let candidate = pass.memory.recurrentCandidate!.rows(segment.positions)
    shard.kernels.gruResetAfterBackward(
      gates: gates, recurrentCandidate: candidate, previousHidden: pass.hidden.rows(segment.previous),
      hiddenGradient: hiddenGradient)
    let records = pass.memory.projectionRecords.map { $0?.rows(segment.positions) }
    if pass.endsGradient(segment) {
      gateRecurrent.normalizeBackward(gates.columns(gateColumns), record: records[0], shard)
      candidateRecurrent.normalizeBackward(candidate, record: records[1], shard)
      return
    }
    gateRecurrent.backward(
      gates.columns(gateColumns), initial: .zero, into: recurrentGradient, record: records[0], shard)
    candidateRecurrent.backward(
      candidate, initial: .result, into: recurrentGradient, record: records[1], shard)
  }

  package func gradientGroups(
    _ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard
  ) -> [GradientGroup] {
    [
      GradientGroup(
        right: pass.gates.columns(gateColumns), inputGates: 0..<2,
        operands: [gateRecurrent.operand(pass.recurrentInputs, rows: previousStates, shard)]),
      GradientGroup(right: pass.gates.columns(candidateColumns), inputGates: 2..<3, operands: []),
      GradientGroup(
        right: pass.memory.recurrentCandidate!, inputGates: nil,
        operands: [
          candidateRecurrent.operand(pass.recurrentInputs, rows: previousStates, shard),
          recurrentBias.operand(gates: 0..<1, shard),
        ]),
    ]
  }

  package func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    let index = pass.layout.lanePositions
    let candidate = pass.memory.recurrentCandidate!
    if let record = pass.memory.projectionRecords[0] {
      gateRecurrent.accumulateNormalized(
        inputs: pass.recurrentInputs, inputRows: previousStates, gradient: pass.gates.columns(gateColumns),
        record: record, index: index, shard)
    }
    if let record = pass.memory.projectionRecords[1] {
      candidateRecurrent.accumulateNormalized(
        inputs: pass.recurrentInputs, inputRows: previousStates, gradient: candidate, record: record,
        index: index, shard)
    }
    shard.columnSums(
      values: candidate, factors: nil, width: candidateRecurrent.width, rows: index,
      outputs: shard.gradients(of: recurrentBias.parameter))
  }

  private var gateColumns: Range<Int> { 0..<gateRecurrent.outputs }
  private var candidateColumns: Range<Int> {
    gateRecurrent.outputs..<gateRecurrent.outputs + candidateRecurrent.outputs
  }
}
