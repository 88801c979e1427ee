import Synchronization
import WeftBase

/// Sums up the features of a dataset, with all threads.
///
/// Values are summed in order within *segments* of about a million values, and the segments' sums in their order. What
/// belongs to a segment depends on the data alone, so the result has the same bits for any number of threads.
struct FeatureScan {
  let blocks: StepBlocks
  let store: ChunkStore
  let width: Int
  /// The values of a block, row-major `[steps, width]`.
  let numbers: @Sendable (StepBlockPlace) throws(WeftError) -> [Double]
  /// Calls back with each chunk that a block reads.
  let visit: (StepBlockPlace, (ChunkStore.Key) -> Void) -> Void

  /// Values of a segment.
  private static let segmentValues = 1 << 20

  /// The sums of all steps.
  ///
  /// - Parameter onProgress: Called with numbers of values as they are read.
  /// - Throws: If the data cannot be read.
  func sums(_ kind: ScalingKind, onProgress: (Int) -> Void = { _ in }) throws(WeftError) -> FeatureSums {
    let origin = try firstValues()
    if origin.isEmpty { return FeatureSums(kind) }
    let values = max(1, blocks.stepCount * width)
    let segment = max(
      1, Int((Double(blocks.count) * Double(Self.segmentValues) / Double(values)).rounded(.down)))
    func start(_ number: Int) -> FeatureSums {
      let first = blocks.start(of: number * segment)
      return FeatureSums(
        kind, about: origin,
        sample: kind == .robust ? StepSample(of: blocks.stepCount, from: first) : nil)
    }
    let segments = (blocks.count + segment - 1) / segment
    let pool = segments > 1 && store.threads > 1 ? WorkerPool(count: store.threads) : nil
    var total = start(0)
    /// The sums of the segment that continues in the next window.
    var open: FeatureSums?
    try ReadAhead(store: store, visit: { visit(blocks[$0], $1) }).forEachWindow(of: blocks.count) {
      (window, isPlanned) throws(WeftError) in
      let numbers = window.lowerBound / segment...(window.upperBound - 1) / segment
      let parts = numbers.map { number in
        let own = (number * segment..<(number + 1) * segment).clamped(to: window)
        return (blocks: own, sums: number == numbers.lowerBound ? open ?? start(number) : start(number))
      }
      // What is not planned is read chunk by chunk, which threads would take from each other.
      let results = added(parts, on: isPlanned ? pool : nil, isLarge: segments > 1)
      for (number, result) in zip(numbers, results) {
        let sums = try result.get()
        let isComplete = min((number + 1) * segment, blocks.count) <= window.upperBound
        open = isComplete ? nil : sums
        guard isComplete else { continue }
        if number == 0 { total = sums } else { total.add(sums) }
      }
      let end = window.upperBound
      let steps =
        (end < blocks.count ? blocks.start(of: end) : blocks.stepCount) - blocks.start(of: window.lowerBound)
      onProgress(steps * width)
    }
    return total
  }

  /// Adds the values of blocks to sums, in parallel for each of several parts.
  ///
  /// - Parameter isLarge: Whether there are several segments, which all threads add with denormals flushed to zero.
  private func added(
    _ parts: [(blocks: Range<Int>, sums: FeatureSums)], on pool: WorkerPool?, isLarge: Bool
  ) -> [Result<FeatureSums, WeftError>] {
    let (blocks, numbers, width) = (blocks, numbers, width)
    @Sendable func add(_ range: Range<Int>, to sums: FeatureSums) -> Result<FeatureSums, WeftError> {
      Result { () throws(WeftError) in
        var sums = sums
        for number in range {
          let block = blocks[number]
          if block.count.contains(0) { continue }
          sums.add(try numbers(block), width: width)
        }
        return sums
      }
    }
    guard let pool, parts.count > 1 else {
      return parts.map { part in
        isLarge
          ? WorkerPool.flushingDenormals { add(part.blocks, to: part.sums) } : add(part.blocks, to: part.sums)
      }
    }
    let next = Atomic(0)
    let results = Locked([Result<FeatureSums, WeftError>?](repeating: nil, count: parts.count))
    pool.run { _ in
      while case let index = next.wrappingAdd(1, ordering: .relaxed).oldValue, index < parts.count {
        let result = add(parts[index].blocks, to: parts[index].sums)
        results.withLock { $0[index] = result }
      }
    }
    return results.withLock { $0.compactMap(\.self) }
  }

  /// The values of the first step.
  private func firstValues() throws(WeftError) -> [Double] {
    for number in 0..<blocks.count where !blocks[number].count.contains(0) {
      let block = blocks[number]
      let first = try numbers(block).prefix(width)
      if !first.isEmpty { return Array(first) }
    }
    return []
  }
}
