import KernelInterface

/// Gated recurrent unit, reset before the product (Cho et al. 2014): z, r = σ(W x + b + U h₋₁);
/// h̃ = tanh(W x + b + U (r∘h₋₁)); h = (1 − z)∘h₋₁ + z∘h̃.
package struct GRUResetBeforeCell: RecurrentCell {
  /// Of the gates z and r.
  let gateRecurrent: Projection
  /// Of the candidate h̃.
  let candidateRecurrent: Projection

  package var gates: Int { 3 }
  package var recurrentProjections: [Projection] { [gateRecurrent, candidateRecurrent] }
  package var hasDirectPath: Bool { true }
  package var hasCellState: Bool { false }

  package func pack(_ kernels: any KernelSet.Type, parameters: Matrix) {}

  package func makeMemory(positions: Int, arena: Arena) -> CellMemory {
    CellMemory(
      resetHidden: arena.matrix(rows: positions, columns: gateRecurrent.width),
      projectionRecords: recurrentProjections.map { $0.record(rows: positions, arena: arena) })
  }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    let input = pass.recurrentInputs.rows(segment.previous)
    let isZero = pass.followsZero(segment)
    let resetHidden = pass.memory.resetHidden!.rows(segment.positions)
    gateRecurrent.forward(
      input, isZero: isZero, initial: .result, into: gates.columns(gateColumns),
      record: pass.memory.projectionRecords[0]?.rows(segment.positions), shard)
    shard.kernels.gruResetBeforeGates(gates: gates, recurrentInput: input, resetHidden: resetHidden)
    candidateRecurrent.forward(
      resetHidden, isZero: isZero, initial: .result, into: gates.columns(candidateColumns),
      record: pass.memory.projectionRecords[1]?.rows(segment.positions), shard)
    shard.kernels.gruResetBeforeForward(
      gates: gates, previousHidden: pass.hidden.rows(segment.previous),
      hidden: pass.hidden.rows(segment.current))
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    shard.kernels.gruResetBeforeBackward(
      gates: gates, previousHidden: pass.hidden.rows(segment.previous), hiddenGradient: hiddenGradient)
    candidateRecurrent.backward(
      gates.columns(candidateColumns), initial: .zero, into: recurrentGradient,
      record: pass.memory.projectionRecords[1]?.rows(segment.positions), shard)
    shard.kernels.gruResetBeforeGatesBackward(
      gates: gates, recurrentInput: pass.recurrentInputs.rows(segment.previous),
      resetHiddenGradient: recurrentGradient)
    let record = pass.memory.projectionRecords[0]?.rows(segment.positions)
    if pass.endsGradient(segment) {
      return gateRecurrent.normalizeBackward(gates.columns(gateColumns), record: record, shard)
    }
    gateRecurrent.backward(
      gates.columns(gateColumns), initial: .result, into: recurrentGradient, record: record, shard)
  }

  package func gradientGroups(
    _ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard
  ) -> [GradientGroup] {
    [
      GradientGroup(
        right: pass.gates.columns(gateColumns), inputGates: 0..<2,
        operands: [gateRecurrent.operand(pass.recurrentInputs, rows: previousStates, shard)]),
      GradientGroup(
        right: pass.gates.columns(candidateColumns), inputGates: 2..<3,
        operands: [candidateRecurrent.operand(pass.memory.resetHidden!, rows: nil, shard)]),
    ]
  }

  package func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    let index = pass.layout.lanePositions
    if let record = pass.memory.projectionRecords[0] {
      gateRecurrent.accumulateNormalized(
        inputs: pass.recurrentInputs, inputRows: previousStates, gradient: pass.gates.columns(gateColumns),
        record: record, index: index, shard)
    }
    if let record = pass.memory.projectionRecords[1] {
      candidateRecurrent.accumulateNormalized(
        inputs: pass.memory.resetHidden!, inputRows: nil, gradient: pass.gates.columns(candidateColumns),
        record: record, index: index, shard)
    }
  }

  private var gateColumns: Range<Int> { 0..<gateRecurrent.outputs }
  private var candidateColumns: Range<Int> {
    gateRecurrent.outputs..<gateRecurrent.outputs + candidateRecurrent.outputs
  }
}
