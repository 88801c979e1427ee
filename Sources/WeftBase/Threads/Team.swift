import CProcessor
import Foundation
import Synchronization

/// Threads that share the matrix products and cells of one worker, for minibatches of too few rows to give each thread its
/// own.
///
/// The first thread to join leads: it runs the worker's shard and calls `run` for every product. The others spin, since
/// a product may take only a few microseconds. Each part of a product is claimed once: by the member with its number,
/// so that its weights stay in the caches of that CPU, or by the leader if that member has not arrived yet. The result
/// of a part does not depend on the thread that computes it.
package final class Team: Sendable {
  /// Number of threads, including the leader.
  package let count: Int
  private let arrivals = Atomic(0)
  /// Number of the current product; negative after the last one.
  private let product = Atomic(0)
  /// Unfinished parts of the current product.
  private let unfinished = Atomic(0)
  /// For each member, the latest product whose part it, or the leader in its place, has claimed.
  private let claims: [Claim]
  private typealias Body = @Sendable (_ part: Int) -> Void
  /// Written by the leader while no part is running, and read by members that have claimed one. A pointer, so that no
  /// member still refers to a closure that has returned.
  private nonisolated(unsafe) var body: UnsafePointer<Body>?

  /// A counter in a separate cache line.
  private final class Claim: Sendable {
    let product = Atomic(0)
    private let padding = (0, 0, 0, 0, 0, 0, 0, 0)
  }

  package init(count: Int) {
    precondition(count > 0)
    self.count = count
    claims = (0..<count).map { _ in Claim() }
  }

  /// Takes part until the leader finishes; each thread calls this once.
  ///
  /// - Parameter lead: The work of the leader.
  /// - Returns: The result of `lead` for the leader, nil for the others.
  package func join<Result>(_ lead: () -> Result) -> Result? {
    let member = arrivals.wrappingAdd(1, ordering: .relaxed).oldValue
    if member > 0 {
      serve(member)
      return nil
    }
    defer { product.store(-1, ordering: .releasing) }
    return lead()
  }

  /// Calls `body` once for each part, 0 to `count` - 1, and waits for all. Only the leader may call this.
  package func run(_ body: @Sendable (_ part: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { body in
        self.body = body
        unfinished.store(count, ordering: .relaxed)
        let number = product.wrappingAdd(1, ordering: .releasing).newValue
        for part in 0..<count where claim(part, of: number) { finish(part, body) }
        Team.wait { unfinished.load(ordering: .acquiring) == 0 }
        self.body = nil
      }
    }
  }

  private func serve(_ member: Int) {
    var seen = 0
    while true {
      Team.wait { product.load(ordering: .acquiring) != seen }
      seen = product.load(ordering: .acquiring)
      if seen < 0 { return }
      if claim(member, of: seen), let body { finish(member, body) }
    }
  }

  private func claim(_ part: Int, of number: Int) -> Bool {
    claims[part].product.compareExchange(
      expected: number - 1, desired: number, ordering: .acquiring
    ).exchanged
  }

  private func finish(_ part: Int, _ body: UnsafePointer<Body>) {
    Team.call(body, part)
    unfinished.wrappingSubtract(1, ordering: .releasing)
  }

  /// A function of its own, so that its reference to the closure ends with it.
  @inline(never)
  private static func call(_ body: UnsafePointer<Body>, _ part: Int) { body.pointee(part) }

  /// Spins, and yields to other threads after some microseconds.
  private static func wait(until isDone: () -> Bool) {
    var turns = 0
    while !isDone() {
      turns += 1
      if turns < 4000 { weft_pause() } else { sched_yield() }
    }
  }
}
