import KernelInterface
import WeftTensor

extension CellType {
  /// LSTM with peephole connections.
  public static let lstmPeephole = CellType(
    name: "lstm-peephole", gates: "ifgo", hasCellState: true, initialBias: lstmBias,
    foreign: [
      .onnx: ForeignCell(
        name: "LSTM", gates: "iofg", isDefault: false,
        parameters: [
          ForeignCell.Parameter(name: "peephole_weights", foreignName: "P", gates: "iof", ownGates: "ifo")
        ])
    ],
    make: { builder in
      let recurrent = builder.recurrentProjections(0..<4)[0]
      let peepholes = builder.row("peephole_weights", gates: 3, .zero)
      return LSTMPeepholeCell(
        recurrent: recurrent, peepholes: peepholes, normalization: CellStateNormalization(&builder),
        units: builder.units)
    })
}

/// LSTM with peephole connections from the cell state to the gates (Gers, Schraudolph and Schmidhuber 2002): with
/// a = W x + b + U h₋₁, i, f = σ(a + p∘c₋₁); g = tanh(a); c = f∘c₋₁ + i∘g; o = σ(a + p∘c); h = o∘tanh(c); with layer
/// normalization h = o∘tanh(LN(c)).
///
/// Backward dc gains p_o∘da_o, and dc₋₁ gains p_i∘da_i + p_f∘da_f; dp = Σ da∘c₋₁ of i and f, Σ da∘c of o.
package struct LSTMPeepholeCell: SingleProjectionCell {
  package let recurrent: Projection
  /// Peephole weights p of the gates i, f and o.
  private let input: PaddedRow
  private let forget: PaddedRow
  private let output: PaddedRow
  package let normalization: CellStateNormalization?

  /// Indices of the gates in the gate matrix.
  private enum Gate {
    static let (input, forget, output) = (0, 1, 3)
  }

  init(recurrent: Projection, peepholes: Parameter, normalization: CellStateNormalization?, units: Int) {
    self.recurrent = recurrent
    self.normalization = normalization
    func row(_ gate: Int) -> PaddedRow {
      PaddedRow(peepholes, width: units, columns: gate * units..<(gate + 1) * units)
    }
    (input, forget, output) = (row(0), row(1), row(2))
  }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    guard worker == 0 else { return }
    for row in [input, forget, output] { row.pack(engine, parameters: parameters) }
    normalization?.pack(engine, parameters: parameters)
  }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let gates = pass.gates.rows(segment.positions)
    let (previousCell, cell) = (pass.cell.rows(segment.previous), pass.newCell(segment))
    addRecurrentProduct(to: gates, segment, pass, shard)
    propagate(previousCell, through: input, gate(Gate.input, of: gates), shard)
    propagate(previousCell, through: forget, gate(Gate.forget, of: gates), shard)
    shard.kernels.lstmCellForward(gates: gates, previousCell: previousCell, cell: cell)
    propagate(cell, through: output, gate(Gate.output, of: gates), shard)
    let state = normalization?.forward(cell, segment, pass, shard) ?? cell
    shard.kernels.lstmOutputForward(gates: gates, state: state, hidden: pass.newHidden(segment))
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions)
    if let normalization {
      let state = normalization.output(segment, pass)
      shard.kernels.lstmOutputBackward(
        gates: gates, state: state.values, hiddenGradient: hiddenGradient, stateGradient: state.gradient)
      normalization.backward(segment, pass, into: hiddenGradient, shard)
    } else {
      shard.kernels.lstmOutputBackward(
        gates: gates, state: pass.newCell(segment), hiddenGradient: hiddenGradient,
        stateGradient: hiddenGradient)
    }
    // hiddenGradient now contains ∂L/∂c through the output.
    shard.kernels.add(hiddenGradient, to: cellGradient)
    propagate(gate(Gate.output, of: gates), through: output, cellGradient, shard)
    shard.kernels.lstmCellBackward(
      gates: gates, previousCell: pass.cell.rows(segment.previous), cellGradient: cellGradient)
    propagate(gate(Gate.input, of: gates), through: input, cellGradient, shard)
    propagate(gate(Gate.forget, of: gates), through: forget, cellGradient, shard)
    backwardRecurrentProduct(gates, segment, pass, into: recurrentGradient, shard)
  }

  /// target += p ∘ values.
  private func propagate(_ values: Matrix, through peephole: PaddedRow, _ target: Matrix, _ shard: Shard) {
    shard.kernels.addScaled(
      normalized: values, gain: peephole.row.columns(0..<values.columns), initial: .result, to: target)
  }

  /// Columns of one gate, without padding.
  private func gate(_ number: Int, of gates: Matrix) -> Matrix {
    let first = number * VectorWidth.padded(input.width)
    return gates.columns(first..<first + input.width)
  }

  package func accumulateOther(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    let previousCell = shard.arena.matrix(rows: pass.layout.positions, columns: input.width)
    shard.kernels.gatherRows(table: pass.cell.matrix, indices: previousStates, into: previousCell)
    let cell = pass.newCells
    let peepholes = [
      (input, Gate.input, previousCell), (forget, Gate.forget, previousCell), (output, Gate.output, cell),
    ]
    for (peephole, number, state) in peepholes {
      shard.columnSums(
        values: gate(number, of: pass.gates.matrix).padded, factors: state.padded, width: peephole.width,
        rows: pass.layout.lanePositions, outputs: shard.gradients.map { peephole.view(in: $0) })
    }
  }
}
