import KernelInterface
import WeftTensor

extension CellType {
  /// Gated recurrent unit with the reset gate after the recurrent product.
  public static let gruResetAfter = CellType(
    name: "gru-reset-after", gates: "zrh", hasActivations: true, recurrentBiasGates: "h",
    initialBias: gruBias,
    foreign: [
      .keras: ForeignCell(
        name: "GRU", gates: "zrh", complements: ["z"], settings: ["reset_after": .flag(true)]),
      .pytorch: ForeignCell(name: "GRU", gates: "rzh", complements: ["z"]),
      .onnx: ForeignCell(
        name: "GRU", gates: "zrh", complements: ["z"], settings: ["linear_before_reset": .flag(true)],
        isDefault: false),
    ],
    make: { builder in
      let projections = builder.recurrentProjections(0..<2, 2..<3)
      return GRUResetAfterCell(
        gateRecurrent: projections[0], candidateRecurrent: projections[1],
        recurrentBias: builder.paddedRow("recurrent_bias", gates: 1, .zero),
        activations: builder.options.activations)
    })
}

/// Gated recurrent unit, reset after the product (as in cuDNN, PyTorch and Keras): z, r = σ(W x + b + U h₋₁);
/// h̃ = tanh(W x + b + r∘(U h₋₁ + b′)); h = (1 − z)∘h₋₁ + z∘h̃.
package struct GRUResetAfterCell: RecurrentCell {
  /// Recurrent projection of the gates z and r.
  let gateRecurrent: Projection
  /// Recurrent projection of the candidate h̃.
  let candidateRecurrent: Projection
  /// b′, the recurrent bias of the candidate.
  let recurrentBias: PaddedRow
  /// Other activations than tanh and σ.
  let activations: CellActivations?

  package var recurrentProjections: [Projection] { [gateRecurrent, candidateRecurrent] }
  package var hasDirectPath: Bool { true }
  package var readsRoundedSteps: Bool { true }

  /// U h₋₁ + b′ of the candidate, and its gradient after the backward pass.
  package var kept: [Int] { [candidateRecurrent.outputs] }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    if worker == 0 { recurrentBias.pack(engine, parameters: parameters) }
  }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    let input = pass.recurrentInputs.rows(segment.previous)
    let isZero = pass.followsZero(segment)
    let candidate = pass.kept[0].rows(segment.positions)
    gateRecurrent.forward(
      input, isZero: isZero, initial: .result, into: gates.columns(gateColumns),
      record: pass.record(0, segment), shard)
    candidateRecurrent.forward(
      input, isZero: isZero, initial: .row(recurrentBias.row), into: candidate,
      record: pass.record(1, segment), shard)
    let (previous, hidden) = (pass.hidden.rows(segment.previous), pass.newHidden(segment))
    let (kernels, activations) = (shard.kernels, activations)
    shard.divide(rows: gates.rows) { rows in
      let (gates, candidate) = (gates.rows(rows), candidate.rows(rows))
      if let activations {
        kernels.gruResetAfterForward(
          activations, gates: gates, recurrentCandidate: candidate, previousHidden: previous.rows(rows),
          hidden: hidden.rows(rows))
      } else {
        kernels.gruResetAfterForward(
          gates: gates, recurrentCandidate: candidate, previousHidden: previous.rows(rows),
          hidden: hidden.rows(rows))
      }
    }
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    let candidate = pass.kept[0].rows(segment.positions)
    let previous = pass.hidden.rows(segment.previous)
    let (kernels, activations) = (shard.kernels, activations)
    shard.divide(rows: gates.rows) { rows in
      let (gates, candidate) = (gates.rows(rows), candidate.rows(rows))
      if let activations {
        kernels.gruResetAfterBackward(
          activations, gates: gates, recurrentCandidate: candidate, previousHidden: previous.rows(rows),
          hiddenGradient: hiddenGradient.rows(rows))
      } else {
        kernels.gruResetAfterBackward(
          gates: gates, recurrentCandidate: candidate, previousHidden: previous.rows(rows),
          hiddenGradient: hiddenGradient.rows(rows))
      }
    }
    let records = [pass.record(0, segment), pass.record(1, segment)]
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
        right: pass.gates.stored.columns(gateColumns), inputGates: 0..<2,
        operands: [gateRecurrent.operand(pass.recurrentInputs, rows: previousStates, shard)]),
      GradientGroup(right: pass.gates.stored.columns(candidateColumns), inputGates: 2..<3, operands: []),
      GradientGroup(
        right: .float32(pass.kept[0]), inputGates: nil,
        operands: [
          candidateRecurrent.operand(pass.recurrentInputs, rows: previousStates, shard),
          recurrentBias.operand(gates: 0..<1, shard),
        ]),
    ]
  }

  package func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    let index = pass.layout.lanePositions
    let candidate = pass.kept[0]
    if let record = pass.records[0] {
      gateRecurrent.accumulateNormalized(
        inputs: pass.recurrentInputs, inputRows: previousStates,
        gradient: pass.gates.matrix.columns(gateColumns),
        record: record, index: index, shard)
    }
    if let record = pass.records[1] {
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
