import CProcessor
import Foundation
import Synchronization
import WeftBase

/// Parts of products that workers who are done with their shards take over from those who are not.
///
/// Processors are seldom equally fast: one shares its core with another, or is lent out for a moment. So a worker offers
/// the units of a large product, such as columns, and takes them piece by piece, as do all who are free. What a unit
/// computes does not depend on who computes it, nor with which others.
package final class SharedWork: Sendable {
  /// Computes some units of a product in the memory of the worker that took them.
  package typealias Body = @Sendable (_ units: Range<Int>, _ arena: Arena) -> Void

  private let arenas: [Arena]
  private let least: Int
  private let offers: [Offer]
  private let begun = Atomic(0)
  private let unfinished: Atomic<Int>

  /// A product that a worker offers.
  fileprivate final class Offer: Sendable {
    /// The product's number and how many of its units nobody has taken: one number, so that whoever takes some knows
    /// the product to be the one that he saw.
    private let open = Atomic(0)
    private let unfinished = Atomic(0)
    /// Written while no unit is at work, and read by those who have taken some.
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

    /// Lets go of a product that is finished.
    func withdraw() { body = nil }

    /// Runs some of the units that nobody has taken; false if there are none.
    ///
    /// - Parameter size: How many to take of those that are open.
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
  ///   - arenas: The memory of each worker.
  ///   - least: Units that are worth a piece of their own.
  package init(arenas: [Arena], least: Int) {
    self.arenas = arenas
    self.least = least
    offers = arenas.map { _ in Offer() }
    unfinished = Atomic(arenas.count)
  }

  /// To be called by each worker when it begins its shard.
  package func begin(worker: Int) -> Member {
    begun.wrappingAdd(1, ordering: .relaxed)
    return Member(work: self, arena: arenas[worker], offer: offers[worker])
  }

  private var isAnyoneFree: Bool { unfinished.load(ordering: .relaxed) < offers.count }

  /// One worker of those who share.
  package struct Member: Sendable {
    fileprivate let work: SharedWork
    fileprivate let arena: Arena
    fileprivate let offer: Offer

    /// Has `body` compute all units, on any workers that are free, and returns when it has.
    package func run(units: Int, _ body: @escaping Body) {
      let least = work.least
      if units < 2 * least { return body(0..<units, arena) }
      offer.publish(units: units, body)
      // Pieces shrink towards the end, so that a worker that comes late finds some; while one waits, they are small.
      func size(open: Int) -> Int {
        let size = max(least, work.isAnyoneFree ? 0 : open / 3)
        return open - size < least ? open : size
      }
      while offer.runSome(arena, size: size) {}
      var wait = Wait()
      while !offer.isFinished { wait.turn() }
      offer.withdraw()
    }

    /// Takes over pieces until all workers are done; to be called when the worker's own shard is.
    ///
    /// - Returns: The seconds spent on them.
    package func finish() -> Double {
      work.unfinished.wrappingSubtract(1, ordering: .releasing)
      var seconds = 0.0
      var wait = Wait()
      // A worker that has not begun may be waiting for this one's thread.
      while work.begun.load(ordering: .relaxed) == work.offers.count,
        work.unfinished.load(ordering: .acquiring) > 0
      {
        let fullest = work.offers.max { $0.openUnits < $1.openUnits }!
        let (hasRun, piece) = timed { fullest.runSome(arena) { _ in work.least } }
        if hasRun {
          seconds += piece
          wait = Wait()
        } else {
          wait.turn()
        }
      }
      return seconds
    }
  }

  /// Waiting for other threads: on the spot at first, then asleep for moments, as a worker may be slow because many
  /// threads share few processors.
  private struct Wait {
    private var turns = 0

    mutating func turn() {
      turns += 1
      if turns < 1000 { weft_pause() } else { usleep(30) }
    }
  }
}
