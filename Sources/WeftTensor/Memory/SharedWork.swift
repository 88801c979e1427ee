import CProcessor
import Foundation
import Synchronization
import WeftBase

/// Work stealing: workers that have finished their shards take over parts of products of the others.
///
/// CPUs are seldom equally fast: one shares its core with another, or is preempted. So a worker offers the units of a
/// large product, such as columns, and takes them piece by piece, as do all idle workers. The result of a unit does not
/// depend on the worker that computes it, nor on the units computed with it.
package final class SharedWork: Sendable {
  /// Computes some units of a product, with the arena of the worker that took them.
  package typealias Body = @Sendable (_ units: Range<Int>, _ arena: Arena) -> Void

  private let arenas: [Arena]
  private let minimumPiece: Int
  private let offers: [Offer]
  private let begun = Atomic(0)
  private let unfinished: Atomic<Int>

  /// A product offered by a worker.
  fileprivate final class Offer: Sendable {
    /// Number of the product and count of its open units, in one word, so that a worker takes units only of the product
    /// that it saw.
    private let open = Atomic(0)
    private let unfinished = Atomic(0)
    /// Written while no unit is running, and read by workers that have taken units.
    private nonisolated(unsafe) var body: Body?
    private static let unitLimit = 1 << 24

    var openUnits: Int { open.load(ordering: .relaxed) % Offer.unitLimit }
    var isFinished: Bool { unfinished.load(ordering: .acquiring) == 0 }

    func publish(units: Int, _ body: @escaping Body) {
      precondition(units < Offer.unitLimit)
      self.body = body
      unfinished.store(units, ordering: .relaxed)
      let number = open.load(ordering: .relaxed) / Offer.unitLimit + 1
      open.store(number * Offer.unitLimit + units, ordering: .releasing)
    }

    /// Releases a finished product.
    func withdraw() { body = nil }

    /// Runs some of the open units; false if there are none.
    ///
    /// - Parameter size: Number of units to take, given the number of open ones.
    func runSome(_ arena: Arena, size: (_ open: Int) -> Int) -> Bool {
      var seen = open.load(ordering: .relaxed)
      while seen % Offer.unitLimit > 0 {
        let units = seen % Offer.unitLimit
        let count = min(size(units), units)
        let (taken, found) = open.compareExchange(
          expected: seen, desired: seen - count, successOrdering: .acquiring, failureOrdering: .relaxed)
        if taken {
          body!(units - count..<units, arena)
          unfinished.wrappingSubtract(count, ordering: .releasing)
          return true
        }
        seen = found
      }
      return false
    }
  }

  /// - Parameters:
  ///   - arenas: The arena of each worker.
  ///   - minimumPiece: Minimum number of units in a piece.
  package init(arenas: [Arena], minimumPiece: Int) {
    self.arenas = arenas
    self.minimumPiece = minimumPiece
    offers = arenas.map { _ in Offer() }
    unfinished = Atomic(arenas.count)
  }

  /// Called by each worker when it starts its shard.
  package func begin(worker: Int) -> Member {
    begun.wrappingAdd(1, ordering: .relaxed)
    return Member(work: self, arena: arenas[worker], offer: offers[worker])
  }

  private var isAnyoneFree: Bool { unfinished.load(ordering: .relaxed) < offers.count }

  /// One of the workers that share work.
  package struct Member: Sendable {
    fileprivate let work: SharedWork
    fileprivate let arena: Arena
    fileprivate let offer: Offer

    /// Computes all units with `body`, on any idle workers, and waits for them.
    package func run(units: Int, _ body: @escaping Body) {
      let minimum = work.minimumPiece
      if units < 2 * minimum { return body(0..<units, arena) }
      offer.publish(units: units, body)
      // Pieces shrink toward the end, so that late workers find some; while a worker waits, they are minimal.
      func size(open: Int) -> Int {
        let size = max(minimum, work.isAnyoneFree ? 0 : open / 3)
        return open - size < minimum ? open : size
      }
      while offer.runSome(arena, size: size) {}
      var wait = Wait()
      while !offer.isFinished { wait.spin() }
      offer.withdraw()
    }

    /// Takes over pieces until all workers are done; called when the worker has finished its own shard.
    ///
    /// - Returns: The seconds spent on pieces of others.
    package func finish() -> Double {
      work.unfinished.wrappingSubtract(1, ordering: .releasing)
      var seconds = 0.0
      var wait = Wait()
      // A worker that has not started may be waiting for this thread.
      while work.begun.load(ordering: .relaxed) == work.offers.count,
        work.unfinished.load(ordering: .acquiring) > 0
      {
        let fullest = work.offers.max { $0.openUnits < $1.openUnits }!
        let (hasRun, piece) = timed { fullest.runSome(arena) { _ in work.minimumPiece } }
        if hasRun {
          seconds += piece
          wait = Wait()
        } else {
          wait.spin()
        }
      }
      return seconds
    }
  }

  /// Waits for other threads: spins at first, then sleeps briefly, since a worker may be slow because many threads
  /// share few CPUs.
  private struct Wait {
    private var turns = 0

    mutating func spin() {
      turns += 1
      if turns < 1000 { weft_pause() } else { usleep(30) }
    }
  }
}
