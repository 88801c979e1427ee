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
    let count = layout.count
    let blocks = (count + GradientReduction.block - 1) / GradientReduction.block
    let nodes = data.gradients.map(\.matrix)
    let additions = data.plan.additions
    let seconds = layout.secondGradients.compactMap { parameter in
      layout.secondGradientOffset(of: parameter).map {
        (first: parameter.offset..<parameter.offset + PackedMatrix.padded(parameter.count), second: $0)
      }
    }
    let (kernels, pool, limit) = (data.engine.kernels, data.pool, Float(clipValue))
    let sums = Tensor(rows: 1, columns: blocks)
    let squares = sums.matrix
    pool.run { worker in
      func fold(_ range: Range<Int>) {
        for addition in additions {
          kernels.add(nodes[addition.source].columns(range), to: nodes[addition.target].columns(range))
        }
      }
      let blockRange = share(of: blocks, worker: worker, workers: pool.count)
      for block in blockRange {
        let range = block * GradientReduction.block..<min((block + 1) * GradientReduction.block, count)
        fold(range)
        for (first, second) in seconds {
          let part = first.clamped(to: range)
          if part.isEmpty { continue }
          let offset = second - first.lowerBound
          let other = part.lowerBound + offset..<part.upperBound + offset
          fold(other)
          kernels.add(nodes[0].columns(other), to: nodes[0].columns(part))
        }
        if limit > 0 { kernels.clipByValue(nodes[0].columns(range), limit: limit) }
        kernels.blockSquaredSums(
          values: nodes[0].columns(range), block: GradientReduction.block,
          into: squares.columns(block..<block + 1))
      }
    }
    return GradientReduction.total(sums.values[...]).squareRoot()
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
