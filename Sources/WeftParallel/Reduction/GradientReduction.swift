import WeftBase
import WeftTensor

/// The all-reduce of gradients: a reduce-scatter by slices of the parameters.
///
/// Each worker reduces its slice of all nodes' gradients in the order of the fixed tree. Workers share only the
/// read-only nodes.
///
/// With several ranks, each has its slices of the parameters. Every rank reduces its workers' nodes to its roots, ranks
/// exchange those slice by slice (some while the backward pass still runs), and each reduces its own slices.
package struct GradientReduction {
  /// Maximum magnitude of an element; nil for no limit.
  package var clipValue: Double?
  /// The places of parameters that are not trained, whose gradients are zero.
  package var frozen: [Range<Int>]

  package init(clipValue: Double? = nil, frozen: [Range<Int>] = []) {
    self.clipValue = clipValue
    self.frozen = frozen
  }

  /// Reduces all nodes' gradients into that of node 0 and returns its norm.
  ///
  /// With several ranks, node 0 receives only this rank's slices; the norm is that of the whole gradient.
  package func reduce(on executor: Executor) -> Double {
    let layout = executor.module.layout
    let (kernels, pool, result) = (executor.engine.kernels, executor.pool, executor.gradients[0].matrix)
    let derived = executor.module.rangesWithoutNodes
    let early = executor.takeEarlyParts()
    // The sections not exchanged early, from the start on, and the elements after the gradients of all parameters.
    let sections: [Range<Int>] = executor.ownership.sections.dropFirst(early.count).reversed()
    if executor.exchange != nil {
      let local = executor.sum()
      let ranges: [Range<Int>] = sections + [layout.count..<layout.gradientCount]
      pool.run { worker in
        for range in ranges {
          for block in Slices.blocks(of: range, sharer: worker, sharers: pool.count) {
            for part in block.without(derived) { local.fold(part, kernels) }
          }
        }
      }
    }
    derive(on: executor)
    let seconds = layout.secondGradients.compactMap { parameter in
      layout.secondGradientOffset(of: parameter).map {
        SecondGradient(first: parameter.range, offset: $0 - parameter.offset)
      }
    }
    let ownership = executor.ownership
    func latePlaces(rank: Int) -> [Range<Int>] {
      var places: [Range<Int>] = []
      for section in sections { places += ownership.slices(of: section)[rank].without(derived) }
      for second in seconds { places += ownership.places[rank].compactMap { second.places(in: $0) } }
      return places
    }
    let late = executor.sum(over: (0..<executor.ranks.count).map(latePlaces))
    let blocks: [[Range<Int>]] = ownership.places.map { places in
      places.flatMap { Slices.blocks(of: $0, sharer: 0, sharers: 1) }
    }
    let own = blocks[executor.ranks.rank]
    let limit = clipValue.map { Float($0) }
    let sums = Tensor(rows: 1, columns: own.count)
    let dropConnects = executor.dropConnects
    let squares = sums.matrix
    pool.run { worker in
      for number in share(of: own.count, worker: worker, workers: pool.count) {
        let block = own[number]
        let sum = early.first { $0.section.contains(block.lowerBound) }?.sum ?? late
        for part in block.without(derived) { sum.fold(part, kernels) }
        for second in seconds {
          guard let other = second.places(in: block) else { continue }
          late.fold(other, kernels)
          let part = other.lowerBound - second.offset..<other.upperBound - second.offset
          kernels.add(result.columns(other), to: result.columns(part))
        }
        for drop in dropConnects { drop.mask(result, in: block, kernels) }
        for range in frozen where range.overlaps(block) {
          kernels.fill(result.columns(range.clamped(to: block)), with: 0)
        }
        if let limit { kernels.clipByValue(result.columns(block), limit: limit) }
        kernels.blockSquaredSums(
          values: result.columns(block), block: Slices.block, into: squares.columns(number..<number + 1))
      }
    }
    let found = executor.exchanging { executor.ranks.gather(sums.values, counts: blocks.map(\.count)) }
    return GradientReduction.total(inOrder(found, of: blocks.flatMap(\.self))[...]).squareRoot()
  }

  /// Sums of blocks in the order of the blocks in the array.
  private func inOrder(_ sums: [Float], of blocks: [Range<Int>]) -> [Float] {
    var ordered = sums
    for (sum, block) in zip(sums, blocks) { ordered[block.lowerBound / Slices.block] = sum }
    return ordered
  }

  /// Reduces the elements from which gradients are derived, completely on every rank, and derives them.
  private func derive(on executor: Executor) {
    let layout = executor.module.layout
    if layout.derivedCount == 0 { return }
    let (kernels, pool, result) = (executor.engine.kernels, executor.pool, executor.gradients[0].matrix)
    let slices = Slices.all(
      of: layout.count..<layout.count + layout.derivedCount, sharers: executor.ranks.count)
    let sum = executor.sum(over: slices.map { $0.isEmpty ? [] : [$0] })
    let slice = slices[executor.ranks.rank]
    pool.run { worker in
      for range in Slices.blocks(of: slice, sharer: worker, sharers: pool.count) { sum.fold(range, kernels) }
    }
    executor.exchanging { executor.ranks.share(result, places: slices.map { [$0].filter { !$0.isEmpty } }) }
    WorkerPool.flushingDenormals {
      executor.module.deriveGradients(
        executor.engine, parameters: executor.parameters.matrix, gradient: result)
      for normalization in executor.module.batchNormalizations { normalization.clearGradients(in: result) }
    }
  }

  /// Position of a parameter's second gradient.
  private struct SecondGradient: Sendable {
    let first: Range<Int>
    /// Distance from an element's first gradient to its second.
    let offset: Int

    /// Range of the second gradients of the parameter's elements in a range; nil if there are none.
    func places(in range: Range<Int>) -> Range<Int>? {
      let part = first.clamped(to: range)
      return part.isEmpty ? nil : part.lowerBound + offset..<part.upperBound + offset
    }
  }

  /// Sums values by a fixed tree over halves.
  private static func total(_ values: ArraySlice<Float>) -> Double {
    if values.count <= 1 { return Double(values.first ?? 0) }
    let middle = values.startIndex + values.count / 2
    return total(values[..<middle]) + total(values[middle...])
  }
}
