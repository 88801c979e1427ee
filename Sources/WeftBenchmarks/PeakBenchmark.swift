import WeftBase
import WeftTensor

/// The peak rate of multiply-adds of the CPU: of the unit that an engine multiplies matrices with.
package enum PeakBenchmark {
  /// Floating-point operations per second of `threads` threads together: the best of several short runs.
  package static func flopsPerSecond(_ engine: Engine, threads: Int) -> Double {
    let pool = WorkerPool(count: threads)
    let kernels = engine.kernels
    let elements = kernels.chainElements
    let memory = (0..<threads).map { _ in Tensor(rows: 1, columns: elements) }
    for tensor in memory { tensor.values = (0..<elements).map { 1 + Float($0) / 512 } }
    var best = 0.0
    for _ in 0..<7 {
      let start = ContinuousClock.now
      let operations = pool.map { worker in
        let inTiles = engine.dot.multiplyAddTiles(repetitions: 400_000)
        return 2
          * (inTiles > 0
            ? inTiles : kernels.multiplyAddChains(memory[worker].matrix, repetitions: 400_000))
      }
      best = max(best, Double(operations.reduce(0, +)) / (ContinuousClock.now - start).seconds)
    }
    return best
  }
}
