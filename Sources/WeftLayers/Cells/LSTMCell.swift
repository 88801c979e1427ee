import KernelInterface
import WeftTensor

extension CellType {
  /// Long short-term memory.
  public static let lstm = CellType(
    name: "lstm", gates: "ifgo", hasCellState: true, hasActivations: true, initialBias: lstmBias,
    foreign: [
      .keras: ForeignCell(name: "LSTM", gates: "ifgo"), .pytorch: ForeignCell(name: "LSTM", gates: "ifgo"),
      .onnx: ForeignCell(name: "LSTM", gates: "iofg"),
    ],
    make: { builder in LSTMCell(&builder) })

  /// The forget bias, or with a memory span, forget- and input-gate biases that keep each unit's state for 1 to
  /// `memorySpan` steps, where the input gate starts as 1 − forget gate.
  static let lstmBias: @Sendable (RecurrentLayerOptions) -> InitialValues = { options in
    options.memorySpan.map { .timescales(signs: [-1, 1, 0, 0], longest: $0) }
      ?? .gates([0, options.forgetBias, 0, 0])
  }
}

/// Long short-term memory: i, f, o = σ(W x + b + U h₋₁); g = tanh(…); c = f∘c₋₁ + i∘g; h = o∘tanh(c); with layer
/// normalization h = o∘tanh(LN(c)).
package struct LSTMCell: SingleProjectionCell {
  package let recurrent: Projection
  package let normalization: CellStateNormalization?
  /// Other activations than tanh and σ; nil with layer normalization.
  private let activations: CellActivations?

  package var readsRoundedSteps: Bool { normalization == nil }

  init(_ builder: inout CellBuilder) {
    recurrent = builder.recurrentProjections(0..<4)[0]
    activations = builder.options.layerNormalization ? nil : builder.options.activations
    normalization = CellStateNormalization(&builder)
  }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    forward(segment, pass, into: pass.newHidden(segment), shard)
  }

  /// One step forward that writes h of the segment's rows to `hidden`, `[rows, units]`.
  func forward(_ segment: StepSegment, _ pass: RecurrentPass, into hidden: Matrix, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    let cell = pass.newCell(segment)
    addRecurrentProduct(to: gates, segment, pass, shard)
    let (previousCell, kernels, activations) = (pass.cell.rows(segment.previous), shard.kernels, activations)
    guard let normalization else {
      return shard.divide(rows: gates.rows) { rows in
        let (gates, previousCell) = (gates.rows(rows), previousCell.rows(rows))
        if let activations {
          kernels.lstmForward(
            activations, gates: gates, previousCell: previousCell, cell: cell.rows(rows),
            hidden: hidden.rows(rows))
        } else {
          kernels.lstmForward(
            gates: gates, previousCell: previousCell, cell: cell.rows(rows), hidden: hidden.rows(rows))
        }
      }
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
    let (previousCell, kernels, activations) = (pass.cell.rows(segment.previous), shard.kernels, activations)
    if let normalization {
      let output = normalization.output(segment, pass)
      shard.kernels.lstmOutputBackward(
        gates: gates, state: output.values, hiddenGradient: hiddenGradient, stateGradient: output.gradient)
      // Overwrites the hidden gradient, which is no longer needed.
      normalization.backward(segment, pass, into: hiddenGradient, shard)
      shard.kernels.add(hiddenGradient, to: cellGradient)
      shard.kernels.lstmCellBackward(gates: gates, previousCell: previousCell, cellGradient: cellGradient)
    } else {
      let cell = pass.newCell(segment)
      shard.divide(rows: gates.rows) { rows in
        let (gates, previousCell, cell) = (gates.rows(rows), previousCell.rows(rows), cell.rows(rows))
        if let activations {
          kernels.lstmBackward(
            activations, gates: gates, previousCell: previousCell, cell: cell,
            hiddenGradient: hiddenGradient.rows(rows), cellGradient: cellGradient.rows(rows))
        } else {
          kernels.lstmBackward(
            gates: gates, previousCell: previousCell, cell: cell,
            hiddenGradient: hiddenGradient.rows(rows), cellGradient: cellGradient.rows(rows))
        }
      }
    }
    backwardRecurrentProduct(gates, segment, pass, into: recurrentGradient, shard)
  }
}
