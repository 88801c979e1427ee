import KernelInterface
import WeftTensor

/// A cell with one recurrent projection U, whose product all gates sum, and no other path from h₋₁ to h: a = W x + b +
/// U h₋₁.
package protocol SingleProjectionCell: RecurrentCell {
  /// U, of all gates.
  var recurrent: Projection { get }
  /// Layer normalization of the cell state; nil without layer normalization or cell state.
  var normalization: CellStateNormalization? { get }
}

extension SingleProjectionCell {
  package var normalization: CellStateNormalization? { nil }
  package var recurrentProjections: [Projection] { [recurrent] }
  package var hasDirectPath: Bool { false }
  package var kept: [Int] { normalization?.kept ?? [] }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    if worker == 0 { normalization?.pack(engine, parameters: parameters) }
  }

  /// Adds U h₋₁ to the gates of a segment.
  func addRecurrentProduct(to gates: Matrix, _ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    recurrent.forward(
      pass.recurrentInputs.rows(segment.previous), isZero: pass.followsZero(segment), initial: .result,
      into: gates, record: pass.record(0, segment), shard)
  }

  /// ∂L/∂h₋₁ = da Uᵀ of a segment, from the gradients of its gates.
  func backwardRecurrentProduct(
    _ gates: Matrix, _ segment: StepSegment, _ pass: RecurrentPass, into recurrentGradient: Matrix,
    _ shard: Shard
  ) {
    let record = pass.record(0, segment)
    if pass.endsGradient(segment) { return recurrent.normalizeBackward(gates, record: record, shard) }
    recurrent.backward(gates, initial: .zero, into: recurrentGradient, record: record, shard)
  }

  package func gradientGroups(
    _ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard
  ) -> [GradientGroup] {
    [
      GradientGroup(
        right: pass.gates.stored, inputGates: 0..<recurrent.gates,
        operands: [recurrent.operand(pass.recurrentInputs, rows: previousStates, shard)])
    ]
  }

  package func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {
    guard let record = pass.records[0] else { return }
    recurrent.accumulateNormalized(
      inputs: pass.recurrentInputs, inputRows: previousStates, gradient: pass.gates.matrix, record: record,
      index: pass.layout.lanePositions, shard)
    normalization?.accumulate(pass, shard)
  }
}
