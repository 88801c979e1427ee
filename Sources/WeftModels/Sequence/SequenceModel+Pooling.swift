import KernelInterface
import WeftLayers

extension SequenceModel {
  /// The outputs of each lane: one row per position or per sequence.
  func outputIndex(_ layout: SequenceLayout) -> LaneIndex {
    outputSteps == .everyStep ? layout.lanePositions : layout.laneRows
  }

  /// The mean of each sequence's states `[rows, outputSize]`.
  func mean(_ states: Matrix, _ shard: Shard) -> Matrix {
    let result = shard.arena.matrix(rows: shard.layout.rows, columns: states.columns)
    shard.kernels.pool(
      states, weights: nil, starts: shard.layout.starts, lengths: shard.layout.lengths, into: result)
    return result
  }

  /// ∂L/∂states from ∂L/∂(mean).
  func meanGradient(_ gradient: Matrix, _ states: Matrix, _ shard: Shard) -> Matrix {
    let result = shard.arena.matrix(like: states)
    shard.kernels.poolBackward(
      gradient, values: states, weights: nil, starts: shard.layout.starts, lengths: shard.layout.lengths,
      valueGradient: result, scoreGradient: nil)
    return result
  }

  /// The final hidden state of each direction `[rows, outputSize]`.
  func lastStates(_ states: Matrix, _ shard: Shard) -> Matrix {
    let result = shard.arena.matrix(rows: shard.layout.rows, columns: states.columns)
    shard.kernels.fill(result, with: 0)
    forEachLastState(shard) { row, position, column in result[row, column] = states[position, column] }
    return result
  }

  /// The adjoint of `lastStates`, for gradients: zero except at the last step of each direction.
  func spread(_ gradient: Matrix, _ shard: Shard) -> Matrix {
    let result = shard.arena.matrix(rows: shard.layout.positions, columns: gradient.columns)
    shard.kernels.fill(result, with: 0)
    forEachLastState(shard) { row, position, column in result[position, column] = gradient[row, column] }
    return result
  }

  private func forEachLastState(_ shard: Shard, _ body: (_ row: Int, _ position: Int, _ column: Int) -> Void)
  {
    for (offset, layer) in stack.levels[stack.levels.count - 1].enumerated() {
      for (row, position) in shard.layout.finalPositions(layer.direction).enumerated() {
        for unit in 0..<layer.outputSize { body(row, Int(position), offset * layer.outputSize + unit) }
      }
    }
  }
}
