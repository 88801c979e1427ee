import KernelInterface

/// The vanilla recurrent cell (Elman 1990): h = f(W x + b + U h₋₁), f = tanh or ReLU.
package struct ElmanCell: RecurrentCell {
  let activation: ElmanActivation
  let recurrent: Projection

  package var gates: Int { 1 }
  package var recurrentProjections: [Projection] { [recurrent] }
  package var hasDirectPath: Bool { false }
  package var hasCellState: Bool { false }

  package func pack(_ kernels: any KernelSet.Type, parameters: Matrix) {}

  package func makeMemory(positions: Int, arena: Arena) -> CellMemory {
    CellMemory(projectionRecords: [recurrent.record(rows: positions, arena: arena)])
  }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    recurrent.forward(
      pass.recurrentInputs.rows(segment.previous), isZero: pass.followsZero(segment), initial: .result,
      into: gates,
      record: pass.memory.projectionRecords[0]?.rows(segment.positions), shard)
    shard.kernels.elmanForward(activation, gates: gates, hidden: pass.hidden.rows(segment.current))
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    shard.kernels.elmanBackward(
      activation, gates: gates, hidden: pass.hidden.rows(segment.current), hiddenGradient: hiddenGradient)
    let record = pass.memory.projectionRecords[0]?.rows(segment.positions)
    if pass.endsGradient(segment) { return recurrent.normalizeBackward(gates, record: record, shard) }
    recurrent.backward(gates, initial: .zero, into: recurrentGradient, record: record, shard)
  }

  package func gradientGroups(
    _ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard
  ) -> [GradientGroup] {
    [
      GradientGroup(
        right: pass.gates, inputGates: 0..<1,
        operands: [recurrent.operand(pass.recurrentInputs, rows: previousStates, shard)])
    ]
  }

  package func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    guard let record = pass.memory.projectionRecords[0] else { return }
    recurrent.accumulateNormalized(
      inputs: pass.recurrentInputs, inputRows: previousStates, gradient: pass.gates, record: record,
      index: pass.layout.lanePositions, shard)
  }
}
