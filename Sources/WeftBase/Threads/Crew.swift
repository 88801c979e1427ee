import Synchronization

/// Threads that share the iterations of a loop with the thread that runs it.
///
/// An iteration goes to whichever thread is free first, so that a short loop does not wait for threads to wake up.
final class Crew: Sendable {
  private let state = Monitor(State())
  private let isBusy = Atomic(false)

  private struct State {
    var loop: Loop?
    /// Number of loops so far.
    var number = 0
    var isClosed = false
  }

  /// Starts threads, which wait for loops.
  init(threads: Int) {
    for _ in 0..<threads { SystemThread.start { [state] in Self.serve(state) } }
  }

  deinit { state.change { $0.isClosed = true } }

  /// Calls `body` for 0 to `count` - 1 and waits for all. While another thread runs a loop, the caller is alone.
  func run(_ count: Int, _ body: @Sendable (Int) -> Void) {
    guard count > 1, !isBusy.exchange(true, ordering: .acquiring) else {
      for iteration in 0..<count { body(iteration) }
      return
    }
    defer { isBusy.store(false, ordering: .releasing) }
    withoutActuallyEscaping(body) { body in
      let loop = Loop(count, body)
      state.change {
        $0.loop = loop
        $0.number += 1
      }
      loop.work()
      loop.wait()
    }
  }

  private static func serve(_ state: Monitor<State>) {
    var seen = 0
    while true {
      let loop: Loop? = state.wait { state in
        if state.isClosed { return .some(nil) }
        guard state.number != seen, let loop = state.loop else { return nil }
        seen = state.number
        return .some(loop)
      }
      guard let loop else { return }
      loop.work()
    }
  }
}

/// A loop whose iterations are claimed one by one.
private final class Loop: Sendable {
  private let count: Int
  private let next = Atomic(0)
  private let unfinished: Atomic<Int>
  /// Whether all iterations have ended.
  private let end = Monitor(false)
  /// Read by those who have claimed an iteration, which keeps the loop from ending.
  private nonisolated(unsafe) var body: (@Sendable (Int) -> Void)?

  init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    unfinished = Atomic(count)
    self.body = body
  }

  func work() {
    while true {
      let iteration = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard iteration < count else { return }
      perform(iteration)
      if unfinished.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
        // No thread may hold the closure once the loop has ended.
        body = nil
        end.change { $0 = true }
      }
    }
  }

  /// A function of its own, so that its reference to the closure ends with it.
  @inline(never)
  private func perform(_ iteration: Int) { body?(iteration) }

  func wait() { end.wait { $0 ? () : nil } }
}
