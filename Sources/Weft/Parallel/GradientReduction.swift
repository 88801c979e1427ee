import KernelInterface

/// All-reduce, clipping and optimizer in one: a reduce-scatter by slices of the parameters.
///
/// Each worker folds its slice of all nodes' gradients in the order of the fixed tree and, once the norm of the
/// whole is known, runs the optimizer on the same slice. Workers share nothing but the read-only nodes.
///
/// Where ranks share the lanes, each has its slices of the parameters and of the optimizer's state. Every rank folds its
/// workers' nodes to its roots, ranks exchange those slice by slice – some of them while the backward pass still
/// runs –, and each folds its own and updates it; then they share the new parameters.
package struct GradientReduction {
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
    let exchanged = data.times.exchange
    let (norm, seconds) = timed { reduceAndUpdate(data, optimizer, learningRate: learningRate) }
    data.times.update += seconds - (data.times.exchange - exchanged)
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
    let (groups, places) = (optimizer.groups, optimizer.places)
    precondition(places == data.ownership.places[data.ranks.rank], "the optimizer's places are the rank's")
    pool.run { worker in
      for (place, start) in places.packed {
        let part = Slices.slice(of: place, sharer: worker, sharers: pool.count)
        for group in groups {
          let range = group.range.clamped(to: part)
          if range.isEmpty { continue }
          let first = start + range.lowerBound - place.lowerBound
          let own = first..<first + range.count
          kernels.update(
            parameters: parameters.columns(range), gradients: gradient.columns(range),
            firstMoments: moments.0?.columns(own), secondMoments: moments.1?.columns(own),
            average: moments.2?.columns(own), step: group.decays ? step.decaying : step.other)
        }
      }
    }
    data.exchanging { data.ranks.share(parameters, places: data.ownership.places) }
    data.parametersChanged()
    return norm
  }

  /// Folds all nodes' gradients into that of node 0 and returns its norm.
  ///
  /// Where ranks share the parameters, node 0 receives this rank's places alone; the norm is that of the whole.
  package func reduce(_ data: LaneParallel) -> Double {
    let layout = data.module.layout
    let (kernels, pool, result) = (data.engine.kernels, data.pool, data.gradients[0].matrix)
    let derived = layout.derivedCount > 0 ? data.module.derivedParameters : []
    let early = data.takeEarlyParts()
    // What was not exchanged early, from the start on, and what follows the gradients of all parameters.
    let stretches: [Range<Int>] = data.ownership.stretches.dropFirst(early.count).reversed()
    if data.exchange != nil {
      let local = data.sum()
      let ranges: [Range<Int>] = stretches + [layout.count..<layout.gradientCount]
      pool.run { worker in
        for range in ranges {
          for block in Slices.blocks(of: range, sharer: worker, sharers: pool.count) {
            for part in block.without(derived) { local.fold(part, kernels) }
          }
        }
      }
    }
    derive(data)
    let seconds = layout.secondGradients.compactMap { parameter in
      layout.secondGradientOffset(of: parameter).map {
        SecondGradient(first: parameter.range, offset: $0 - parameter.offset)
      }
    }
    let ownership = data.ownership
    func latePlaces(rank: Int) -> [Range<Int>] {
      var places: [Range<Int>] = []
      for stretch in stretches { places += ownership.slices(of: stretch)[rank].without(derived) }
      for second in seconds { places += ownership.places[rank].compactMap { second.places(in: $0) } }
      return places
    }
    let late = data.sum(over: (0..<data.ranks.count).map(latePlaces))
    let blocks: [[Range<Int>]] = ownership.places.map { places in
      places.flatMap { Slices.blocks(of: $0, sharer: 0, sharers: 1) }
    }
    let own = blocks[data.ranks.rank]
    let limit = Float(clipValue)
    let sums = Tensor(rows: 1, columns: own.count)
    let squares = sums.matrix
    pool.run { worker in
      for number in share(of: own.count, worker: worker, workers: pool.count) {
        let block = own[number]
        let sum = early.first { $0.stretch.contains(block.lowerBound) }?.sum ?? late
        for part in block.without(derived) { sum.fold(part, kernels) }
        for second in seconds {
          guard let other = second.places(in: block) else { continue }
          late.fold(other, kernels)
          let part = other.lowerBound - second.offset..<other.upperBound - second.offset
          kernels.add(result.columns(other), to: result.columns(part))
        }
        if limit > 0 { kernels.clipByValue(result.columns(block), limit: limit) }
        kernels.blockSquaredSums(
          values: result.columns(block), block: Slices.block, into: squares.columns(number..<number + 1))
      }
    }
    let found = data.exchanging { data.ranks.gather(sums.values, counts: blocks.map(\.count)) }
    return GradientReduction.total(inOrder(found, of: blocks.flatMap(\.self))[...]).squareRoot()
  }

  /// Blocks' sums in the blocks' order in the array.
  private func inOrder(_ sums: [Float], of blocks: [Range<Int>]) -> [Float] {
    var ordered = sums
    for (sum, block) in zip(sums, blocks) { ordered[block.lowerBound / Slices.block] = sum }
    return ordered
  }

  /// Folds what gradients are derived from, on every rank the whole of it, and derives them.
  private func derive(_ data: LaneParallel) {
    let layout = data.module.layout
    if layout.derivedCount == 0 { return }
    let (kernels, pool, result) = (data.engine.kernels, data.pool, data.gradients[0].matrix)
    let slices = Slices.all(of: layout.count..<layout.count + layout.derivedCount, sharers: data.ranks.count)
    let sum = data.sum(over: slices.map { $0.isEmpty ? [] : [$0] })
    let slice = slices[data.ranks.rank]
    pool.run { worker in
      for range in Slices.blocks(of: slice, sharer: worker, sharers: pool.count) { sum.fold(range, kernels) }
    }
    data.exchanging { data.ranks.share(result, places: slices.map { [$0].filter { !$0.isEmpty } }) }
    WorkerPool.flushingDenormals {
      data.module.deriveGradients(data.engine, parameters: data.parameters.matrix, gradient: result)
    }
  }

  /// Where a parameter's second gradient lies.
  private struct SecondGradient: Sendable {
    let first: Range<Int>
    /// From an element's first gradient to its second.
    let offset: Int

    /// The second gradients of the parameter's elements in a range; nil without any.
    func places(in range: Range<Int>) -> Range<Int>? {
      let part = first.clamped(to: range)
      return part.isEmpty ? nil : part.lowerBound + offset..<part.upperBound + offset
    }
  }

  /// The sum by a fixed tree over halves.
  private static func total(_ values: ArraySlice<Float>) -> Double {
    if values.count <= 1 { return Double(values.first ?? 0) }
    let middle = values.startIndex + values.count / 2
    return total(values[..<middle]) + total(values[middle...])
  }
}

extension Range<Int> {
  /// What is left of a range without others, which are in ascending order.
  func without(_ others: [Range<Int>]) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = lowerBound
    for other in others.map({ $0.clamped(to: self) }) where !other.isEmpty {
      if start < other.lowerBound { parts.append(start..<other.lowerBound) }
      start = other.upperBound
    }
    if start < upperBound { parts.append(start..<upperBound) }
    return parts
  }
}
