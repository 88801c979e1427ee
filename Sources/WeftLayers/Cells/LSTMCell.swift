import KernelInterface
import WeftTensor

extension CellType {
  /// Long short-term memory.
  public static let lstm = CellType(
    name: "lstm", gates: "ifgo", hasCellState: true, initialBias: lstmBias,
    foreign: [
      .keras: ForeignCell(name: "LSTM", gates: "ifgo"), .pytorch: ForeignCell(name: "LSTM", gates: "ifgo"),
      .onnx: ForeignCell(name: "LSTM", gates: "iofg"),
    ],
    make: { builder in LSTMCell(&builder) })

  /// The forget bias, or with a memory span, forget- and input-gate biases that keep each unit's state for 1 to
  /// `memorySpan` steps, where the input gate starts as 1 − forget gate.
  static let lstmBias: @Sendable (RecurrentLayerOptions) -> InitialValues = { options in
    options.memorySpan.map { .timescales(signs: [-1, 1, 0, 0], longest: $0) }
      ?? .gate(index: 1, of: 4, value: options.forgetBias)
  }
}

/// Long short-term memory: i, f, o = σ(W x + b + U h₋₁); g = tanh(…); c = f∘c₋₁ + i∘g; h = o∘tanh(c); with layer
/// normalization h = o∘tanh(LN(c)).
package struct LSTMCell: RecurrentCell {
  private let recurrent: Projection
  private let normalization: CellStateNormalization?

  init(_ builder: inout CellBuilder) {
    recurrent = builder.recurrentProjections(0..<4)[0]
    normalization = CellStateNormalization(&builder)
  }

  package var recurrentProjections: [Projection] { [recurrent] }
  package var hasDirectPath: Bool { false }
  package var kept: [Int] { normalization?.kept ?? [] }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    if worker == 0 { normalization?.pack(engine, parameters: parameters) }
  }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    forward(segment, pass, into: pass.hidden.rows(segment.current), shard)
  }

  /// One step forward that writes h of the segment's rows to `hidden`, `[rows, units]`.
  func forward(_ segment: StepSegment, _ pass: RecurrentPass, into hidden: Matrix, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    let cell = pass.cell.rows(segment.current)
    recurrent.forward(
      pass.recurrentInputs.rows(segment.previous), isZero: pass.followsZero(segment), initial: .result,
      into: gates, record: pass.record(0, segment), shard)
    let previousCell = pass.cell.rows(segment.previous)
    guard let normalization else {
      return shard.kernels.lstmForward(
        gates: gates, previousCell: previousCell, cell: cell, hidden: hidden)
    }
    shard.kernels.lstmCellForward(gates: gates, previousCell: previousCell, cell: cell)
    let output = normalization.forward(cell, segment, pass, shard)
    shard.kernels.lstmOutputForward(gates: gates, state: output, hidden: hidden)
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    let previousCell = pass.cell.rows(segment.previous)
    if let normalization {
      let output = normalization.output(segment, pass)
      shard.kernels.lstmOutputBackward(
        gates: gates, state: output.values, hiddenGradient: hiddenGradient, stateGradient: output.gradient)
      // Overwrites the hidden gradient, which is no longer needed.
      normalization.backward(segment, pass, into: hiddenGradient, shard)
      shard.kernels.add(hiddenGradient, to: cellGradient)
      shard.kernels.lstmCellBackward(gates: gates, previousCell: previousCell, cellGradient: cellGradient)
    } else {
      shard.kernels.lstmBackward(
        gates: gates, previousCell: previousCell, cell: pass.cell.rows(segment.current),
        hiddenGradient: hiddenGradient, cellGradient: cellGradient)
    }
    let record = pass.record(0, segment)
    if pass.endsGradient(segment) { return recurrent.normalizeBackward(gates, record: record, shard) }
    recurrent.backward(gates, initial: .zero, into: recurrentGradient, record: record, shard)
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
    guard let record = pass.records[0] else { return }
    recurrent.accumulateNormalized(
      inputs: pass.recurrentInputs, inputRows: previousStates, gradient: pass.gates, record: record,
      index: pass.layout.lanePositions, shard)
    normalization?.accumulate(pass, shard)
  }
}
