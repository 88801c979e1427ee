import KernelInterface
import WeftData
import WeftLayers
import WeftTensor

/// Collects ‖∂L/∂h_t‖² of every row from the workers and sums it over the rows of each time step.
package struct GradientNorms: Sendable {
  /// `[time steps, batch]` for each layer.
  private let squares: [Tensor]

  init(_ model: any TrainableModel, _ batch: Minibatch) {
    squares = model.tracedSteps(of: batch).map { Tensor(rows: $0, columns: batch.rows) }
  }

  /// A row for each of some layers, for the backward pass to fill.
  ///
  /// - Parameter layers: Numbers of traced layers that have the shard's time steps; nil for all.
  package func shardNorms(_ shard: Shard, layers: Range<Int>? = nil) -> [Matrix] {
    squares[layers ?? squares.indices].map { _ in
      shard.arena.matrix(rows: 1, columns: shard.layout.positions)
    }
  }

  /// Copies what the backward pass of a shard has filled, of the layers from a number on.
  package func collect(_ norms: [Matrix], firstLayer: Int = 0, _ shard: Shard) {
    for (layer, values) in zip(firstLayer..., norms) {
      for position in 0..<shard.layout.positions {
        let step = shard.segment.firstStep + Int(shard.layout.stepOfPosition[position])
        let row = Int(shard.globalRows[Int(shard.layout.rowOfPosition[position])])
        squares[layer].matrix[step, row] = values[0, position]
      }
    }
  }

  /// ‖∂L/∂h_t‖ over the whole minibatch, for each layer and time step.
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

  /// The rows of all ranks. Each row is one rank's and zero on the others, so that its sum is exact.
  private static func merged(_ own: Tensor, _ ranks: any Communicator) -> Tensor {
    if ranks.count == 1 { return own }
    // Of sequences to write, each rank knows how long its own are.
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
