import KernelInterface
import WeftLayers

/// Layers that repeat one vector of each sequence at every step.
extension BlockChain {
  /// Repeats what the pooling of final states gives at every step instead: the blocks after it read it at each of them.
  ///
  /// A `gru` whose update gate is open at the first step that it reads alone, and whose candidate is its input, keeps
  /// that input; it reads from the step at which the final state is.
  /// - Returns: Whether the only pooling is of final states.
  mutating func repeatFinals() -> Bool {
    guard let pool = blocks.lastIndex(of: .pool(.last)), pool > 0,
      case .recurrent(var level) = blocks[pool - 1],
      let first = level.layers.first, level.layers.count == 1 || level.merge != .product,
      first.hidden <= Self.maximumIdentity
    else { return false }
    let (units, count, merge) = (first.hidden, level.layers.count, level.merge)
    level.merge = .concatenate
    // The final state of the layer that reads forward is at the last step, where the layer that reads backward begins.
    let sources = count == 2 ? [units, 0] : [0]
    var keeper = RecurrentLevel(
      sources.map { .keeper(of: $0..<$0 + units, inputs: count * units) })
    keeper.isBackward = count == 1 && !level.isBackward
    let selection = Self.selection(units, sources: sources, merge: merge)
    replace(pool - 1...pool, by: [.recurrent(level), .recurrent(keeper), .dense(selection, .linear)])
    return true
  }

  /// Features of all directions, or of what they merge to, from those of keepers of `units + 1` each.
  private static func selection(_ units: Int, sources: [Int], merge: DirectionMerge) -> DenseWeights {
    let columns = merge == .concatenate ? sources.count * units : units
    var weights = WeightMatrix(
      rows: sources.count * (units + 1), columns: columns,
      values: [Float](repeating: 0, count: sources.count * (units + 1) * columns))
    for (keeper, source) in sources.enumerated() {
      for unit in 0..<units {
        let column = merge == .concatenate ? source + unit : unit
        weights.values[(keeper * (units + 1) + unit) * columns + column] = merge == .mean ? 0.5 : 1
      }
    }
    return DenseWeights(weights: weights, bias: [Float](repeating: 0, count: columns))
  }

  /// Lets the last dense layer, at every step, end in one vector of the first steps' outputs side by side.
  ///
  /// - Parameters:
  ///   - count: The number of first steps.
  ///   - steps: Steps of all sequences.
  /// - Returns: Whether the blocks end in such a layer, of few enough features.
  mutating func joinFirstOutputs(_ count: Int, of steps: Int) -> Bool {
    guard case .dense(let dense, .linear) = blocks.last, scaling == nil else { return false }
    let (rows, columns) = (dense.weights.rows, dense.weights.columns)
    guard let size = [steps, rows, count, columns].boundedProduct, size <= 1 << 26 else { return false }
    var weights = WeightMatrix(
      rows: steps * rows, columns: count * columns, values: [Float](repeating: 0, count: size))
    for step in 0..<count {
      for row in 0..<rows {
        let start = (step * rows + row) * count * columns + step * columns
        weights.values.replaceSubrange(start..<start + columns, with: dense.weights.row(row))
      }
    }
    removeLast()
    return appendFlat(
      DenseWeights(weights: weights, bias: (0..<count).flatMap { _ in dense.bias }), steps: steps)
  }
}

extension RecurrentWeights {
  /// A layer that keeps some features of the first step that it reads, with one more unit, which is 1 after that step.
  fileprivate static func keeper(of features: Range<Int>, inputs: Int) -> RecurrentWeights {
    let units = features.count + 1
    let flag = features.count
    // σ(100) is 1, and σ(−100) is 0.
    let open: Float = 100
    func zeros(_ rows: Int) -> WeightMatrix {
      WeightMatrix(rows: rows, columns: 3 * units, values: [Float](repeating: 0, count: rows * 3 * units))
    }
    var (input, recurrent) = (zeros(inputs), zeros(units))
    var bias = [Float](repeating: 0, count: 3 * units)
    for (unit, feature) in features.enumerated() {
      input.values[feature * 3 * units + 2 * units + unit] = 1
      bias[unit] = open
      recurrent.values[flag * 3 * units + unit] = -2 * open
    }
    (bias[flag], bias[2 * units + flag]) = (open, 1)
    var result = RecurrentWeights(cell: .gru, input: input, recurrent: recurrent, bias: bias)
    result.activation = .linear
    return result
  }
}
