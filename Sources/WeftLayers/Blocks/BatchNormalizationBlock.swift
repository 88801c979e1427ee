import KernelInterface
import WeftBase
import WeftTensor

/// Batch normalization: y = gain ∘ (x − mean) / √(variance + ε) + bias for each feature (Ioffe and Szegedy 2015).
///
/// In training, mean and variance are those of all positions of a lane, so that they do not depend on the number of
/// threads: "ghost batches" (Hoffer, Hubara and Soudry 2017, algorithm 1). Otherwise they are the moving averages of
/// these, which each step of the optimizer updates:
///
///     average ← momentum · average + (1 − momentum) · Σ_lanes rows of the lane / rows · statistic of the lane
package struct BatchNormalizationBlock: Block {
  package let outputSize: Int
  private let epsilon: Float
  private let momentum: Float
  private let gain: PaddedRow
  private let bias: PaddedRow
  /// Moving averages, which have no gradient.
  private let mean: Parameter
  private let variance: Parameter
  /// Where a gradient holds the statistics, from its elements for derivation on: means, and after them variances.
  private let statistics: Int

  /// - Parameters:
  ///   - path: Prefix of the parameter names `gain`, `bias`, `mean` and `variance`.
  ///   - epsilon: ε, added to the variance.
  ///   - momentum: What a step keeps of the moving averages.
  init(path: String, inputSize: Int, epsilon: Float, momentum: Float, layout: inout ParameterLayout) {
    func add(_ name: String, _ value: Float) -> Parameter {
      layout.add(
        "\(path)/\(name)", rows: 1, columns: inputSize, initialization: .constant(value), isWeight: false)
    }
    outputSize = inputSize
    self.epsilon = epsilon
    self.momentum = momentum
    gain = PaddedRow(add("gain", 1), width: inputSize)
    bias = PaddedRow(add("bias", 0), width: inputSize)
    mean = add("mean", 0)
    variance = add("variance", 1)
    statistics = layout.reserveDerivedGradient(count: 2 * VectorWidth.padded(inputSize))
  }

  package var firstParameter: Int? { gain.parameter.offset }
  package var batchNormalizations: [BatchNormalizationBlock] { [self] }
  package var canOverwriteGradient: Bool { false }
  package var canBeSegmented: Bool { false }

  package var activationBytes: Int { 6 * VectorWidth.padded(outputSize) * MemoryLayout<Float>.stride }

  /// The ranges of the moving averages in the flat parameters.
  package var averages: [Range<Int>] { [mean.range, variance.range] }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    guard worker == 0 else { return }
    gain.pack(engine, parameters: parameters)
    bias.pack(engine, parameters: parameters)
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    guard case .features(let values) = input else { preconditionFailure("normalization needs features") }
    let output = shard.arena.matrix(like: values)
    guard shard.wantsGradients else {
      normalize(values, into: output, shard)
      return BlockPass(input: input, output: output, shard: shard)
    }
    let lanes = Lanes(shard)
    let means = lanes.means(of: values, shard)
    // x − mean, and then (x − mean) / √(variance + ε).
    let normalized = lanes.rows(means, shard)
    shard.kernels.scale(normalized, by: -1)
    shard.kernels.add(values, to: normalized)
    let variances = lanes.means(of: normalized, times: normalized, shard)
    let inverse = shard.arena.matrix(like: variances)
    for lane in 0..<inverse.rows {
      for feature in 0..<inverse.columns {
        inverse[lane, feature] = 1 / (variances[lane, feature] + epsilon).squareRoot()
      }
    }
    shard.kernels.multiply(normalized, lanes.rows(inverse, shard), into: normalized)
    shard.kernels.addScaled(
      normalized: normalized.padded, gain: gain.row, initial: .row(bias.row), to: output.padded)
    return BlockPass(
      input: input, output: output, shard: shard, kept: [normalized, inverse, means, variances])
  }

  /// y with the moving averages.
  private func normalize(_ values: Matrix, into output: Matrix, _ shard: Shard) {
    let (mean, variance) = (mean.matrix(in: shard.parameters), variance.matrix(in: shard.parameters))
    let factors = shard.arena.matrix(rows: 1, columns: outputSize)
    let shifts = shard.arena.matrix(rows: 1, columns: outputSize)
    for row in [factors, shifts] { shard.kernels.fill(row.padded, with: 0) }
    for feature in 0..<outputSize {
      factors[0, feature] = gain.row[0, feature] / (variance[0, feature] + epsilon).squareRoot()
      shifts[0, feature] = bias.row[0, feature] - mean[0, feature] * factors[0, feature]
    }
    shard.kernels.addScaled(
      normalized: values.padded, gain: factors.padded, initial: .row(shifts.padded), to: output.padded)
  }

  /// dx = gain / √(variance + ε) ∘ (dy − mean of dy − x̂ ∘ mean of dy ∘ x̂), with means over the lane.
  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    guard shard.wantsGradients else { preconditionFailure("a lane's statistics are those of training") }
    let (normalized, inverse) = (pass.kept[0], pass.kept[1])
    let positions = shard.layout.lanePositions
    shard.columnSums(
      values: gradient, factors: normalized, width: outputSize, rows: positions,
      outputs: shard.gradients(of: gain.parameter))
    shard.columnSums(
      values: gradient, factors: nil, width: outputSize, rows: positions,
      outputs: shard.gradients(of: bias.parameter))
    let lanes = Lanes(shard)
    storeStatistics(pass.kept[2], pass.kept[3], lanes, shard)
    guard let inputGradient else { return }
    let kernels = shard.kernels
    let gain = gain.row
    let correction = lanes.rows(lanes.means(of: gradient, times: normalized, shard), shard)
    kernels.multiply(correction, normalized, into: correction)
    kernels.add(lanes.rows(lanes.means(of: gradient, shard), shard), to: correction)
    kernels.scale(correction, by: -1)
    kernels.add(gradient, to: correction)
    let factors = shard.arena.matrix(like: inverse)
    for lane in 0..<factors.rows {
      for feature in 0..<factors.columns {
        factors[lane, feature] = inverse[lane, feature] * gain[0, feature]
      }
    }
    kernels.multiply(correction, lanes.rows(factors, shard), into: inputGradient)
  }

  /// Adds the weighted statistics of this shard's lanes to its gradients.
  private func storeStatistics(_ means: Matrix, _ variances: Matrix, _ lanes: Lanes, _ shard: Shard) {
    for (index, values) in [means, variances].enumerated() {
      let weighted = shard.arena.matrix(like: values)
      shard.kernels.fill(weighted.padded, with: 0)
      for lane in 0..<weighted.rows {
        let weight = Float(lanes.rowCounts[lane]) / Float(shard.segment.batch)
        for feature in 0..<weighted.columns { weighted[lane, feature] = weight * values[lane, feature] }
      }
      let start = shard.parameters.columns + statistics + index * VectorWidth.padded(outputSize)
      shard.kernels.columnSums(
        values: weighted, factors: nil, width: outputSize, rows: lanes.ofLanes, nodes: shard.nodes,
        outputs: shard.gradients.map { $0.columns(start..<start + outputSize) })
    }
  }

  /// Clears the gradients of the moving averages.
  package func clearGradients(in gradient: Matrix) {
    for range in averages {
      for place in range { gradient[0, place] = 0 }
    }
  }

  /// Updates the moving averages from the statistics of a step, which the gradient has for the whole minibatch.
  package func updateAverages(parameters: Matrix, gradient: Matrix) {
    for (index, average) in [mean, variance].enumerated() {
      let start = parameters.columns + statistics + index * VectorWidth.padded(outputSize)
      for feature in 0..<outputSize {
        let place = average.offset + feature
        parameters[0, place] = momentum * parameters[0, place] + (1 - momentum) * gradient[0, start + feature]
      }
    }
  }
}

/// Means over the positions of each of a shard's lanes.
private struct Lanes {
  /// The lane of each position.
  let ofPosition: [Int32]
  let positionCounts: [Int]
  let rowCounts: [Int]
  private let positions: LaneIndex

  init(_ shard: Shard) {
    let layout = shard.layout
    ofPosition = layout.rowOfPosition.map { Int32(layout.laneOfRow[Int($0)]) }
    positions = layout.lanePositions
    positionCounts = zip(positions.starts.dropFirst(), positions.starts).map { $0 - $1 }
    var rowCounts = [Int](repeating: 0, count: layout.lanes)
    for lane in layout.laneOfRow { rowCounts[lane] += 1 }
    self.rowCounts = rowCounts
  }

  /// One row for each lane.
  var ofLanes: LaneIndex {
    LaneIndex(starts: Array(0...rowCounts.count), rows: (0..<rowCounts.count).map(Int32.init))
  }

  /// The means of values, or of values ∘ factors, `[lanes, features]`; 0 for lanes without positions.
  func means(of values: Matrix, times factors: Matrix? = nil, _ shard: Shard) -> Matrix {
    let result = shard.arena.matrix(rows: positionCounts.count, columns: values.columns)
    shard.kernels.fill(result.padded, with: 0)
    shard.kernels.columnSums(
      values: values, factors: factors, width: values.columns, rows: positions,
      nodes: positionCounts.indices.map { $0..<$0 + 1 },
      outputs: positionCounts.indices.map { result.rows($0..<$0 + 1) })
    for (lane, count) in positionCounts.enumerated() where count > 0 {
      for feature in 0..<result.columns { result[lane, feature] /= Float(count) }
    }
    return result
  }

  /// The row of each position's lane.
  func rows(_ lanes: Matrix, _ shard: Shard) -> Matrix {
    let result = shard.arena.matrix(rows: ofPosition.count, columns: lanes.columns)
    shard.kernels.gatherRows(table: lanes, indices: ofPosition, into: result.padded)
    return result
  }
}
