/// How the threads of a process divide a minibatch: into workers with rows of their own, of which each is one thread or
/// a team that shares the worker's matrix products.
///
/// Every worker streams all weights at each time step, so it needs enough rows to amortize that, or threads that each
/// read only a part of the weights.
struct ThreadDivision {
  /// Minimum number of rows per worker, before another worker is used.
  var minimumRows: Int
  /// Minimum number of threads per worker, where there are so many.
  let minimumThreads: Int
  /// Rows from which on a worker is one thread; with fewer, it is two where there are so many.
  let singleThreadRows: Int

  /// - Parameters:
  ///   - weightByteCount: Bytes of the weights of one time step, packed.
  ///   - elementByteCount: Bytes of one of them.
  ///   - isMatrixUnit: See `DotKernels`.
  ///   - cacheByteCount: Bytes of a core's L2 cache.
  init(weightByteCount byteCount: Int, elementByteCount: Int, isMatrixUnit: Bool, cacheByteCount: Int) {
    // About half of the weights are recurrent: those should take no more than three quarters of the cache.
    if isMatrixUnit, byteCount > cacheByteCount * 3 / 2 {
      // Weights from beyond the L2 cache halve the speed of a matrix unit, whose tiles have 16 rows. A team is as large
      // as it takes to keep them there.
      let share = cacheByteCount * 5 / 4
      (minimumRows, minimumThreads) = (16, (byteCount + share - 1) / share)
      singleThreadRows = minimumRows
    } else {
      // With fewer than four rows, the CPU waits for the caches; weights that do not fit into the workers' combined
      // caches need more. Products of half the bytes take half the time, so that the number of weights counts.
      let weights = byteCount / elementByteCount
      (minimumRows, minimumThreads) = (weights > 3 << 20 ? 32 : 4, 1)
      // A team has one gradient of the weights, two workers have two to write and add: with few rows that costs more
      // than meeting at each time step.
      singleThreadRows = weights > 1 << 19 ? max(minimumRows, 16) : minimumRows
    }
  }

  /// Number of workers for a minibatch's rows, at most one for each lane.
  func workers(rows: Int, lanes: Int, threads: Int) -> Int {
    let most = min(lanes, max(1, threads / minimumThreads), max(1, rows / minimumRows))
    return min(most, max((threads + 1) / 2, rows / singleThreadRows))
  }
}
