import CProcessor
import Dispatch
import Synchronization

/// Runs one phase of a step on all workers.
///
/// Denormal numbers are flushed to zero inside a phase: decaying states and gradients run into them, and they slow
/// x86 arithmetic a hundredfold. The mode is set in every worker alike, so that bits agree, and put back after.
package struct WorkerPool: Sendable {
  package let count: Int

  package init(count: Int) {
    precondition(count > 0)
    self.count = count
  }

  /// Calls `body` once for each worker, at the same time, and returns when all have.
  package func run(_ body: @Sendable (Int) -> Void) {
    if count == 1 { return WorkerPool.flushingDenormals { body(0) } }
    DispatchQueue.concurrentPerform(iterations: count) { worker in
      WorkerPool.flushingDenormals { body(worker) }
    }
  }

  /// Calls `body` once for each worker and returns the results in the workers' order.
  package func map<Result: Sendable>(_ body: @Sendable (Int) -> Result) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count))
    run { worker in
      let result = body(worker)
      results.withLock { $0[worker] = result }
    }
    return results.withLock { $0.map { $0! } }
  }

  /// Runs `body` with denormals flushed to zero on the calling thread.
  package static func flushingDenormals<Result>(_ body: () -> Result) -> Result {
    let control = weft_floating_point_control()
    weft_set_floating_point_control(control | UInt64(WEFT_FLUSH_DENORMALS))
    defer { weft_set_floating_point_control(control) }
    return body()
  }
}
