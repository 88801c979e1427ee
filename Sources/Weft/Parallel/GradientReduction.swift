import Foundation
import KernelInterface

/// All-reduce, clipping and optimizer in one: a reduce-scatter by slices of the parameters.
///
/// Each worker folds its slice of all nodes' gradients in the order of the fixed tree and, once the norm of the
/// whole is known, runs the optimizer on the same slice. Workers share nothing but the read-only nodes.
package struct GradientReduction {
  /// Elements whose squares are summed on their own; the norm is a fixed tree over these blocks.
  static let block = 4096

  package var clipNorm: Double
  package var clipValue: Double

  package init(clipNorm: Double = 0, clipValue: Double = 0) {
    self.clipNorm = clipNorm
    self.clipValue = clipValue
  }

  /// Folds the gradients of the last `backpropagate` and updates the parameters, unless the norm is not finite.
  ///
  /// - Returns: The norm of the whole gradient after clipping by value and before clipping by norm.
  package func update(_ data: LaneParallel, _ optimizer: Optimizer, learningRate: Double) -> Double {
    let (norm, seconds) = timed { reduceAndUpdate(data, optimizer, learningRate: learningRate) }
    data.times.update += seconds
    return norm
  }

  private func reduceAndUpdate(_ data: LaneParallel, _ optimizer: Optimizer, learningRate: Double) -> Double {
    let norm = reduce(data)
    guard norm.isFinite else { return norm }
    // PyTorch's rule, with its 1e-6 in the denominator.
    let scale = clipNorm > 0 ? min(1, clipNorm / (norm + 1e-6)) : 1
    let step = optimizer.nextStep(learningRate: learningRate, gradientScale: Float(scale))
    let (gradient, parameters, pool) = (data.gradients[0].matrix, data.parameters.matrix, data.pool)
    let kernels = data.engine.kernels
    let moments = (optimizer.firstMoments?.matrix, optimizer.secondMoments?.matrix, optimizer.average?.matrix)
    let groups = optimizer.groups
    let count = data.module.layout.count
    pool.run { worker in
      let slice = GradientReduction.slice(worker: worker, workers: pool.count, count: count)
      for group in groups {
        let range = group.range.clamped(to: slice)
        if range.isEmpty { continue }
        kernels.update(
          parameters: parameters.columns(range), gradients: gradient.columns(range),
          firstMoments: moments.0?.columns(range), secondMoments: moments.1?.columns(range),
          average: moments.2?.columns(range), step: group.decays ? step.decaying : step.other)
      }
    }
    data.parametersChanged()
    return norm
  }

  /// Folds all nodes' gradients into that of node 0 and returns its norm.
  package func reduce(_ data: LaneParallel) -> Double {
    let layout = data.module.layout
    let nodes = data.gradients.map(\.matrix)
    let (kernels, pool, additions) = (data.engine.kernels, data.pool, data.plan.additions)
    let derives = layout.derivedCount > 0
    if derives {
      // What others are derived from must be whole first.
      let derived = layout.count..<layout.count + layout.derivedCount
      pool.run { worker in
        for range in GradientReduction.blocks(of: derived, worker: worker, workers: pool.count) {
          GradientReduction.fold(range, nodes, additions, kernels)
        }
      }
      WorkerPool.flushingDenormals {
        data.module.deriveGradients(data.engine, parameters: data.parameters.matrix, gradient: nodes[0])
      }
    }
    let derivedParameters = derives ? data.module.derivedParameters : []
    let seconds = layout.secondGradients.compactMap { parameter in
      layout.secondGradientOffset(of: parameter).map { (first: parameter.range, second: $0) }
    }
    let count = layout.count
    let blockCount = (count + GradientReduction.block - 1) / GradientReduction.block
    let limit = Float(clipValue)
    let sums = Tensor(rows: 1, columns: blockCount)
    let squares = sums.matrix
    pool.run { worker in
      for range in GradientReduction.blocks(of: 0..<count, worker: worker, workers: pool.count) {
        for part in GradientReduction.parts(of: range, without: derivedParameters) {
          GradientReduction.fold(part, nodes, additions, kernels)
        }
        for (first, second) in seconds {
          let part = first.clamped(to: range)
          if part.isEmpty { continue }
          let offset = second - first.lowerBound
          let other = part.lowerBound + offset..<part.upperBound + offset
          GradientReduction.fold(other, nodes, additions, kernels)
          kernels.add(nodes[0].columns(other), to: nodes[0].columns(part))
        }
        if limit > 0 { kernels.clipByValue(nodes[0].columns(range), limit: limit) }
        let block = range.lowerBound / GradientReduction.block
        kernels.blockSquaredSums(
          values: nodes[0].columns(range), block: GradientReduction.block,
          into: squares.columns(block..<block + 1))
      }
    }
    return GradientReduction.total(sums.values[...]).squareRoot()
  }

  /// Adds the nodes' elements in `range` in the tree's order; the sum ends up in node 0.
  private static func fold(
    _ range: Range<Int>, _ nodes: [Matrix], _ additions: [LanePlan.Addition], _ kernels: any KernelSet.Type
  ) {
    for addition in additions {
      kernels.add(nodes[addition.source].columns(range), to: nodes[addition.target].columns(range))
    }
  }

  /// A worker's share of a range, block by block; blocks count from the start of the range.
  private static func blocks(of range: Range<Int>, worker: Int, workers: Int) -> [Range<Int>] {
    let count = (range.count + block - 1) / block
    return share(of: count, worker: worker, workers: workers).map {
      let start = range.lowerBound + $0 * block
      return start..<min(start + block, range.upperBound)
    }
  }

  /// What is left of a range without others, which are in ascending order.
  private static func parts(of range: Range<Int>, without others: [Range<Int>]) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = range.lowerBound
    for other in others.map({ $0.clamped(to: range) }) where !other.isEmpty {
      if start < other.lowerBound { parts.append(start..<other.lowerBound) }
      start = other.upperBound
    }
    if start < range.upperBound { parts.append(start..<range.upperBound) }
    return parts
  }

  private static func slice(worker: Int, workers: Int, count: Int) -> Range<Int> {
    let blocks = share(of: (count + block - 1) / block, worker: worker, workers: workers)
    return min(blocks.lowerBound * block, count)..<min(blocks.upperBound * block, count)
  }

  /// The sum by a fixed tree over halves.
  private static func total(_ values: ArraySlice<Float>) -> Double {
    if values.count <= 1 { return Double(values.first ?? 0) }
    let middle = values.startIndex + values.count / 2
    return total(values[..<middle]) + total(values[middle...])
  }
}
