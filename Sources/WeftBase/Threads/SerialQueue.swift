/// Runs jobs one after the other, in the order in which they arrive, on a thread of its own.
package final class SerialQueue: Sendable {
  private let state = Monitor(State())

  private struct State {
    var jobs: [@Sendable () -> Void] = []
    /// Jobs that have arrived, and those that have ended.
    var arrived = 0
    var ended = 0
    var hasThread = false
    var isClosed = false
  }

  package init() {}

  deinit { state.change { $0.isClosed = true } }

  /// Adds a job and returns.
  package func async(_ job: @escaping @Sendable () -> Void) {
    let needsThread = state.change { state in
      state.jobs.append(job)
      state.arrived += 1
      defer { state.hasThread = true }
      return !state.hasThread
    }
    if needsThread { SystemThread.start { [state] in Self.run(state) } }
  }

  /// Waits for the jobs that have arrived. Not to be called by one of them.
  package func wait() {
    let target = state.withLock { $0.arrived }
    state.wait { $0.ended >= target ? () : nil }
  }

  private static func run(_ state: Monitor<State>) {
    while true {
      var job: (@Sendable () -> Void)? = state.wait { state in
        if !state.jobs.isEmpty { return .some(state.jobs.removeFirst()) }
        return state.isClosed ? .some(nil) : nil
      }
      guard job != nil else { return }
      job?()
      // What the job refers to is released before it counts as ended: it may be a file that is opened again.
      job = nil
      state.change { $0.ended += 1 }
    }
  }
}
