import KernelInterface
import WeftTensor

extension CellType {
  /// Independently recurrent network.
  public static let indRNN = CellType(
    name: "indrnn", gates: "h", hasActivations: true, recurrentWeights: .elementwise, activation: .relu,
    make: { builder in
      let activation = builder.options.activation ?? .relu
      // From a unit that forgets at once to one that sums up its inputs.
      return IndRNNCell(
        activation: activation,
        recurrent: builder.paddedRow("recurrent_weights", gates: 1, .uniform(from: 0, to: 1)))
    })
}

/// Independently recurrent network (Li et al. 2018): h = f(W x + b + u∘h₋₁), f = ReLU unless another is chosen. Backward
/// da = dh∘f′(a); dh₋₁ = u∘da; du = Σ da∘h₋₁.
package struct IndRNNCell: ElementwiseCell {
  let activation: Activation
  /// u.
  let recurrent: PaddedRow
  package var gates: Int { 1 }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    if worker == 0 { recurrent.pack(engine, parameters: parameters) }
  }

  /// u without padding.
  private var weights: Matrix { recurrent.row.columns(0..<recurrent.width) }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let hidden = pass.newHidden(segment)
    let gates = pass.gates.rows(segment.positions).columns(0..<hidden.columns)
    if !pass.followsZero(segment) {
      shard.kernels.addScaled(
        normalized: pass.recurrentInputs.rows(segment.previous), gain: weights, initial: .result, to: gates)
    }
    shard.kernels.activate(activation, gates, into: hidden)
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let gates = pass.gates.rows(segment.positions).columns(0..<hiddenGradient.columns)
    shard.kernels.copy(hiddenGradient, into: gates)
    shard.kernels.activateBackward(activation, gates, values: pass.newHidden(segment))
    if pass.endsGradient(segment) { return }
    shard.kernels.addScaled(normalized: gates, gain: weights, initial: .zero, to: recurrentGradient)
  }

  package func accumulateOther(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    let previous = shard.arena.matrix(rows: pass.layout.positions, columns: recurrent.width)
    shard.kernels.gatherRows(table: pass.recurrentInputs, indices: previousStates, into: previous)
    shard.columnSums(
      values: pass.gates.matrix, factors: previous.padded, width: recurrent.width,
      rows: pass.layout.lanePositions,
      outputs: shard.gradients(of: recurrent.parameter))
  }
}
