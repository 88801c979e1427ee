import CProcessor

/// Runs one phase of a step on all workers.
///
/// Denormal numbers are flushed to zero inside a phase: decaying states and gradients reach them, and they slow x86
/// arithmetic a hundredfold. Every worker sets the same mode, so that results agree, and restores it afterwards.
package final class WorkerPool: Sendable {
  package let count: Int
  private let crew: Crew
  private let processorTimes = Locked(ProcessorTimes())

  /// CPU time inside all phases, which other programs on the machine hardly affect.
  package struct ProcessorTimes: Sendable {
    /// Time of the slowest worker, summed over phases.
    package var longest = 0.0
    /// Time of the thread that started the phases.
    package var caller = 0.0
  }

  /// Starts the threads of all workers but one, which is the thread that calls ``run(_:)``.
  package init(count: Int) {
    precondition(count > 0)
    self.count = count
    crew = Crew(threads: count - 1)
  }

  /// Calls `body` once per worker, in parallel, and waits for all.
  package func run(_ body: @Sendable (Int) -> Void) {
    let callerStart = ProcessUsage.threadSeconds
    let longest = Locked(0.0)
    crew.run(count) { worker in
      let start = ProcessUsage.threadSeconds
      WorkerPool.flushingDenormals { body(worker) }
      let seconds = ProcessUsage.threadSeconds - start
      longest.withLock { $0 = max($0, seconds) }
    }
    processorTimes.withLock { times in
      times.longest += longest.withLock { $0 }
      times.caller += ProcessUsage.threadSeconds - callerStart
    }
  }

  /// CPU time so far.
  package var times: ProcessorTimes { processorTimes.withLock { $0 } }

  /// Calls `body` once per worker and returns the results in worker order.
  package func map<Result: Sendable>(_ body: @Sendable (Int) -> Result) -> [Result] {
    let results = Locked([Result?](repeating: nil, count: count))
    run { worker in
      let result = body(worker)
      results.withLock { $0[worker] = result }
    }
    return results.withLock { $0.map { $0! } }
  }

  /// Calls `body` once per team, on its leading thread, and returns the results in team order.
  package func map<Result: Sendable>(
    _ teams: [Team], _ body: @Sendable (_ number: Int, Team) -> Result
  ) -> [Result] {
    let results = Locked([Result?](repeating: nil, count: teams.count))
    run { thread in
      let number = ((thread + 1) * teams.count - 1) / count
      if let result = teams[number].join({ body(number, teams[number]) }) {
        results.withLock { $0[number] = result }
      }
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
