import WeftBase
import WeftLayers

/// The update of the parameters from the gradients of the latest backward pass: all-reduce, clipping, optimizer.
///
/// Each worker runs the optimizer on a slice of the parameters. With several ranks, each has its slices of the
/// parameters and of the optimizer state, and shares the new parameters with the others.
package struct ParameterUpdate {
  /// Maximum norm of the whole gradient; nil for no limit.
  package var clipNorm: Double?
  /// Maximum magnitude of a gradient element; nil for no limit.
  package var clipValue: Double?
  /// The places of parameters that are not trained, whose gradients are zero.
  package var frozen: [Range<Int>]

  package init(clipNorm: Double? = nil, clipValue: Double? = nil, frozen: [Range<Int>] = []) {
    self.clipNorm = clipNorm
    self.clipValue = clipValue
    self.frozen = frozen
  }

  /// The reduction of the gradients alone.
  package var reduction: GradientReduction { GradientReduction(clipValue: clipValue, frozen: frozen) }

  /// Reduces the gradients of the last backward pass and updates the parameters, unless the norm is non-finite.
  ///
  /// - Returns: The norm of the whole gradient after clipping by value and before clipping by norm.
  package func apply(_ optimizer: Optimizer, learningRate: Double, on executor: Executor) -> Double {
    let exchanged = executor.times.exchange
    let (norm, seconds) = timed {
      let norm = reduction.reduce(on: executor)
      if norm.isFinite { update(optimizer, learningRate: learningRate, norm: norm, on: executor) }
      return norm
    }
    executor.times.update += seconds - (executor.times.exchange - exchanged)
    return norm
  }

  private func update(_ optimizer: Optimizer, learningRate: Double, norm: Double, on executor: Executor) {
    // As in PyTorch, with 1e-6 in the denominator.
    let scale = clipNorm.map { min(1, $0 / (norm + 1e-6)) } ?? 1
    let steps = optimizer.nextStep(learningRate: learningRate, gradientScale: Float(scale))
    let (gradient, parameters) = (executor.gradients[0].matrix, executor.parameters.matrix)
    let (pool, kernels) = (executor.pool, executor.engine.kernels)
    let moments = (optimizer.firstMoments?.matrix, optimizer.secondMoments?.matrix, optimizer.average?.matrix)
    let (groups, places) = (optimizer.groups, optimizer.places)
    let ownership = executor.ownership
    precondition(
      places == ownership.places[executor.ranks.rank], "the optimizer's slices are those of the rank")
    pool.run { worker in
      for (place, start) in places.packed {
        let part = Slices.slice(of: place, sharer: worker, sharers: pool.count)
        for (group, step) in zip(groups, steps) {
          let range = group.range.clamped(to: part)
          if range.isEmpty { continue }
          let first = start + range.lowerBound - place.lowerBound
          let own = first..<first + range.count
          kernels.update(
            parameters: parameters.columns(range), gradients: gradient.columns(range),
            firstMoments: moments.0?.columns(own), secondMoments: moments.1?.columns(own),
            average: moments.2?.columns(own), step: step)
        }
      }
    }
    WorkerPool.flushingDenormals {
      for normalization in executor.module.batchNormalizations {
        normalization.updateAverages(parameters: parameters, gradient: gradient)
      }
    }
    executor.exchanging { executor.ranks.share(parameters, places: ownership.places) }
    executor.parametersChanged()
  }
}
