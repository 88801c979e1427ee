import KernelInterface
import WeftTensor

extension CellType {
  /// LSTM whose hidden state is a projection of its units.
  public static let lstmProjection = CellType(
    name: "lstm-projection", gates: "ifgo", hasCellState: true, hasProjection: true, initialBias: lstmBias,
    foreign: [
      .pytorch: ForeignCell(
        name: "LSTM", gates: "ifgo", isDefault: false,
        parameters: [ForeignCell.Parameter(name: "projection_weights", foreignName: "weight_hr")])
    ],
    make: { builder in
      let lstm = LSTMCell(&builder)
      return LSTMProjectionCell(lstm: lstm, projection: builder.stateProjection("projection_weights"))
    })
}

/// LSTM with a recurrent projection (Sak, Senior and Beaufays 2014): m = o∘tanh(c) of ``LSTMCell``;
/// h = m W. Backward dm = dh Wᵀ and dW = Σ mᵀ dh.
package struct LSTMProjectionCell: RecurrentCell {
  let lstm: LSTMCell
  /// W `[units, output size]`.
  let projection: Projection

  package var recurrentProjections: [Projection] { lstm.recurrentProjections }
  package var otherProjections: [Projection] { [projection] }
  package var hasDirectPath: Bool { false }
  package var readsRoundedSteps: Bool { lstm.readsRoundedSteps }
  /// The matrices of the LSTM; m and dm `[units]`; dh `[output size]`.
  package var kept: [Int] {
    lstm.kept + [projection.inputs, projection.inputs, projection.width]
  }

  /// The saved matrices of a pass.
  private func matrices(_ pass: RecurrentPass) -> (units: Matrix, unitGradient: Matrix, gradient: Matrix) {
    let first = lstm.kept.count
    return (pass.kept[first], pass.kept[first + 1], pass.kept[first + 2])
  }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    lstm.pack(engine, parameters: parameters, worker: worker, workers: workers)
  }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    let units = matrices(pass).units.rows(segment.positions)
    lstm.forward(segment, pass, into: units, shard)
    projection.forward(
      units, initial: .zero, into: pass.newHidden(segment), record: nil, shard)
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    let kept = matrices(pass)
    shard.kernels.copy(hiddenGradient, into: kept.gradient.rows(segment.positions))
    let unitGradient = kept.unitGradient.rows(segment.positions)
    projection.backward(hiddenGradient, initial: .zero, into: unitGradient, record: nil, shard)
    lstm.backward(
      segment, pass, hiddenGradient: unitGradient, cellGradient: cellGradient,
      recurrentGradient: recurrentGradient, shard)
  }

  package func gradientGroups(
    _ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard
  ) -> [GradientGroup] {
    lstm.gradientGroups(pass, previousStates: previousStates, shard)
  }

  package func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    lstm.accumulateNormalized(pass, previousStates: previousStates, shard)
  }

  package func accumulateOther(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    let kept = matrices(pass)
    shard.outerProducts(
      [projection.operand(kept.units, rows: nil, shard)], right: kept.gradient, width: projection.width,
      index: pass.layout.lanePositions)
  }
}
