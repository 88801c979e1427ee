import Foundation
import WeftBase
import WeftParallel

/// Ranks that are threads of one process, for tests of everything but MPI itself.
///
/// Unchecked, because the compiler does not see the lock that protects messages.
package final class ThreadRanks: @unchecked Sendable {
  private let count: Int
  private let condition = NSCondition()
  /// Messages in transit, in sending order.
  private var mail: [Route: [[Float]]] = [:]
  /// By call and rank.
  private var gathered: [Int: [Int: [UInt8]]] = [:]
  private var readers: [Int: Int] = [:]

  private struct Route: Hashable {
    package let from: Int
    package let to: Int
  }

  private init(count: Int) { self.count = count }

  /// Calls `body` on this many ranks concurrently and returns their results in order.
  package static func run<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (any Communicator) throws -> Value
  ) throws -> [Value] {
    if count == 1 { return [try body(SingleRank())] }
    let ranks = ThreadRanks(count: count)
    let results = Locked([Result<Value, any Error>?](repeating: nil, count: count))
    let group = DispatchGroup()
    for rank in 0..<count {
      group.enter()
      let thread = Thread {
        let result = Result { try body(Member(rank: rank, ranks: ranks)) }
        results.withLock { $0[rank] = result }
        group.leave()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    group.wait()
    return try results.withLock { $0 }.map { try $0!.get() }
  }

  /// One rank. Unchecked, because only its own thread makes calls.
  private final class Member: Communicator, @unchecked Sendable {
    package let rank: Int
    private let ranks: ThreadRanks
    private var calls = 0

    package init(rank: Int, ranks: ThreadRanks) {
      self.rank = rank
      self.ranks = ranks
    }

    package var count: Int { ranks.count }

    package func exchange(sending: [RankMessage], receiving: [RankMessage]) {
      for message in sending {
        precondition(message.peer != rank)
        ranks.change {
          $0.mail[Route(from: rank, to: message.peer), default: []].append(message.values.elements)
        }
      }
      for message in receiving {
        let route = Route(from: message.peer, to: rank)
        let values = ranks.wait { ranks in
          ranks.mail[route]?.isEmpty == false ? ranks.mail[route]?.removeFirst() : nil
        }
        message.values.assign(values)
      }
    }

    package func gather(_ bytes: [UInt8], counts: [Int]) -> [UInt8] {
      precondition(bytes.count == counts[rank] && counts.count == count)
      let call = calls
      calls += 1
      ranks.change { $0.gathered[call, default: [:]][rank] = bytes }
      let all = ranks.wait { ranks in
        ranks.gathered[call].flatMap { $0.count == ranks.count ? $0 : nil }
      }
      ranks.change { ranks in
        ranks.readers[call, default: 0] += 1
        if ranks.readers[call] == ranks.count { ranks.gathered[call] = nil }
      }
      precondition((0..<count).allSatisfy { all[$0]?.count == counts[$0] }, "ranks disagree about a call")
      return (0..<count).flatMap { all[$0] ?? [] }
    }

    package func abort(status: Int32) -> Never { fatalError("rank \(rank) gives up") }
    package func finish() {}
  }

  private func change(_ body: (ThreadRanks) -> Void) {
    condition.lock()
    body(self)
    condition.broadcast()
    condition.unlock()
  }

  private func wait<Value>(_ body: (ThreadRanks) -> Value?) -> Value {
    condition.lock()
    defer { condition.unlock() }
    let limit = Date(timeIntervalSinceNow: 120)
    while true {
      if let value = body(self) { return value }
      guard condition.wait(until: limit) else { fatalError("a rank waits for one that makes other calls") }
    }
  }
}
