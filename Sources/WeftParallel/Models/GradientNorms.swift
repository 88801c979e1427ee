import KernelInterface
import WeftData
import WeftLayers
import WeftTensor

/// Collects ‖∂L/∂h_t‖² of every row from the workers and sums them over the rows of each time step.
package struct GradientNorms: Sendable {
  /// `[time steps, batch]` per layer.
  private let squares: [Tensor]

  init(_ model: any TrainableModel, _ batch: Minibatch) {
    squares = model.tracedSteps(of: batch).map { Tensor(rows: $0, columns: batch.rows) }
  }

  /// Allocates one row per layer, for the backward pass to fill.
  ///
  /// - Parameter layers: Indices of the traced layers that have the shard's time steps; nil for all.
  package func shardNorms(_ shard: Shard, layers: Range<Int>? = nil) -> [Matrix] {
    squares[layers ?? squares.indices].map { _ in
      shard.arena.matrix(rows: 1, columns: shard.layout.positions)
    }
  }

  /// Stores the norms of a shard's backward pass, for layers from `firstLayer` on.
  package func collect(_ norms: [Matrix], firstLayer: Int = 0, _ shard: Shard) {
    for (layer, values) in zip(firstLayer..., norms) {
      for position in 0..<shard.layout.positions {
        let step = shard.segment.firstStep + Int(shard.layout.stepOfPosition[position])
        let row = Int(shard.globalRows[Int(shard.layout.rowOfPosition[position])])
        squares[layer].matrix[step, row] = values[0, position]
      }
    }
  }

  /// ‖∂L/∂h_t‖ over the whole minibatch, per layer and time step.
  func values(_ ranks: any Communicator) -> [[Float]] {
    squares.map { squares in
      let merged = GradientNorms.merged(squares, ranks)
      let matrix = merged.matrix
      defer { withExtendedLifetime(merged) {} }
      return (0..<matrix.rows).map { step in
        var sum = 0.0
        for row in 0..<matrix.columns { sum += Double(matrix[step, row]) }
        return Float(sum.squareRoot())
      }
    }
  }

  /// The rows of all ranks. Each row is nonzero on one rank only, so that the sum is exact.
  private static func merged(_ own: Tensor, _ ranks: any Communicator) -> Tensor {
    if ranks.count == 1 { return own }
    // Each rank knows only the lengths of its own target sequences.
    let columns = own.matrix.columns
    let counts = ranks.gather(own.matrix.rows * columns)
    var rest = ranks.gather(own.values, counts: counts)[...]
    let result = Tensor(rows: (counts.max() ?? 0) / columns, columns: columns)
    for count in counts {
      for (place, value) in rest.prefix(count).enumerated() {
        result.matrix[place / columns, place % columns] += value
      }
      rest = rest.dropFirst(count)
    }
    return result
  }
}
