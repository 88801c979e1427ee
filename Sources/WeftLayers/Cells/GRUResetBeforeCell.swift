import KernelInterface

extension CellType {
  /// Gated recurrent unit with the reset gate before the recurrent product.
  public static let gru = CellType(
    name: "gru", gates: "zrh", hasActivations: true, initialBias: gruBias,
    foreign: [
      .keras: ForeignCell(
        name: "GRU", gates: "zrh", complements: ["z"], settings: ["reset_after": .flag(false)],
        isDefault: false),
      .onnx: ForeignCell(
        name: "GRU", gates: "zrh", complements: ["z"], settings: ["linear_before_reset": .flag(false)]),
    ],
    make: { builder in
      let projections = builder.recurrentProjections(0..<2, 2..<3)
      return GRUResetBeforeCell(
        gateRecurrent: projections[0], candidateRecurrent: projections[1],
        activations: builder.options.activations)
    })

  /// Zeros, or with a memory span, update-gate biases that keep each unit's state for 1 to `memorySpan` steps.
  static let gruBias: @Sendable (RecurrentLayerOptions) -> InitialValues = { options in
    options.memorySpan.map { .timescales(signs: [-1, 0, 0], longest: $0) } ?? .zero
  }
}

/// Gated recurrent unit, reset before the product (Cho et al. 2014): z, r = σ(W x + b + U h₋₁);
/// h̃ = tanh(W x + b + U (r∘h₋₁)); h = (1 − z)∘h₋₁ + z∘h̃.
package struct GRUResetBeforeCell: RecurrentCell {
  /// Recurrent projection of the gates z and r.
  let gateRecurrent: Projection
  /// Recurrent projection of the candidate h̃.
  let candidateRecurrent: Projection
  /// Other activations than tanh and σ.
  let activations: CellActivations?

  package var recurrentProjections: [Projection] { [gateRecurrent, candidateRecurrent] }
  package var hasDirectPath: Bool { true }
  package var readsRoundedSteps: Bool { true }

  /// r∘h₋₁.
  package var kept: [Int] { [gateRecurrent.width] }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    let input = pass.recurrentInputs.rows(segment.previous)
    let isZero = pass.followsZero(segment)
    let resetHidden = pass.kept[0].rows(segment.positions)
    gateRecurrent.forward(
      input, isZero: isZero, initial: .result, into: gates.columns(gateColumns),
      record: pass.record(0, segment), shard)
    let (kernels, activations) = (shard.kernels, activations)
    shard.divide(rows: gates.rows) { rows in
      let (gates, input, resetHidden) = (gates.rows(rows), input.rows(rows), resetHidden.rows(rows))
      if let activations {
        kernels.gruResetBeforeGates(
          activations, gates: gates, recurrentInput: input, resetHidden: resetHidden)
      } else {
        kernels.gruResetBeforeGates(gates: gates, recurrentInput: input, resetHidden: resetHidden)
      }
    }
    candidateRecurrent.forward(
      resetHidden, isZero: isZero, initial: .result, into: gates.columns(candidateColumns),
      record: pass.record(1, segment), shard)
    let (previous, hidden) = (pass.hidden.rows(segment.previous), pass.newHidden(segment))
    shard.divide(rows: gates.rows) { rows in
      let (gates, previous, hidden) = (gates.rows(rows), previous.rows(rows), hidden.rows(rows))
      if let activations {
        kernels.gruResetBeforeForward(activations, gates: gates, previousHidden: previous, hidden: hidden)
      } else {
        kernels.gruResetBeforeForward(gates: gates, previousHidden: previous, hidden: hidden)
      }
    }
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    let previous = pass.hidden.rows(segment.previous)
    let (kernels, activations) = (shard.kernels, activations)
    shard.divide(rows: gates.rows) { rows in
      let (gates, previous, gradient) = (gates.rows(rows), previous.rows(rows), hiddenGradient.rows(rows))
      if let activations {
        kernels.gruResetBeforeBackward(
          activations, gates: gates, previousHidden: previous, hiddenGradient: gradient)
      } else {
        kernels.gruResetBeforeBackward(gates: gates, previousHidden: previous, hiddenGradient: gradient)
      }
    }
    candidateRecurrent.backward(
      gates.columns(candidateColumns), initial: .zero, into: recurrentGradient,
      record: pass.record(1, segment), shard)
    let input = pass.recurrentInputs.rows(segment.previous)
    shard.divide(rows: gates.rows) { rows in
      let (gates, input, gradient) = (gates.rows(rows), input.rows(rows), recurrentGradient.rows(rows))
      if let activations {
        kernels.gruResetBeforeGatesBackward(
          activations, gates: gates, recurrentInput: input, resetHiddenGradient: gradient)
      } else {
        kernels.gruResetBeforeGatesBackward(
          gates: gates, recurrentInput: input, resetHiddenGradient: gradient)
      }
    }
    let record = pass.record(0, segment)
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
        right: pass.gates.stored.columns(gateColumns), inputGates: 0..<2,
        operands: [gateRecurrent.operand(pass.recurrentInputs, rows: previousStates, shard)]),
      GradientGroup(
        right: pass.gates.stored.columns(candidateColumns), inputGates: 2..<3,
        operands: [candidateRecurrent.operand(pass.kept[0], rows: nil, shard)]),
    ]
  }

  package func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    let index = pass.layout.lanePositions
    if let record = pass.records[0] {
      gateRecurrent.accumulateNormalized(
        inputs: pass.recurrentInputs, inputRows: previousStates,
        gradient: pass.gates.matrix.columns(gateColumns),
        record: record, index: index, shard)
    }
    if let record = pass.records[1] {
      candidateRecurrent.accumulateNormalized(
        inputs: pass.kept[0], inputRows: nil, gradient: pass.gates.matrix.columns(candidateColumns),
        record: record, index: index, shard)
    }
  }

  private var gateColumns: Range<Int> { 0..<gateRecurrent.outputs }
  private var candidateColumns: Range<Int> {
    gateRecurrent.outputs..<gateRecurrent.outputs + candidateRecurrent.outputs
  }
}
