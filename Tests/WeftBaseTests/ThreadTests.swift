import Foundation
import Testing

@testable import WeftBase

/// Worker threads and queues.
@Suite struct ThreadTests {
  @Test(arguments: [1, 2, 3, 8]) func everyWorkerRunsOnceInEachPhase(_ count: Int) {
    let pool = WorkerPool(count: count)
    for _ in 0..<2000 {
      let calls = Locked([Int](repeating: 0, count: count))
      pool.run { worker in calls.withLock { $0[worker] += 1 } }
      #expect(calls.withLock { $0 } == [Int](repeating: 1, count: count))
    }
    #expect(pool.map { $0 * $0 } == (0..<count).map { $0 * $0 })
  }

  /// A phase inside a phase, and phases of several threads at once, end too.
  @Test func phasesMayMeet() {
    let pool = WorkerPool(count: 3)
    let calls = Locked(0)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for _ in 0..<200 {
        pool.run { worker in
          if worker == 0 { pool.run { _ in calls.withLock { $0 += 1 } } }
        }
      }
    }
    #expect(calls.withLock { $0 } == 4 * 200 * 3)
  }

  @Test func threadsOfAPoolEndWithIt() throws {
    func threads() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }
    guard FileManager.default.fileExists(atPath: "/proc/self/task") else { return }
    for _ in 0..<50 {
      let pool = WorkerPool(count: 9)
      pool.run { _ in }
      let queue = SerialQueue()
      queue.async {}
    }
    // Other tests start threads meanwhile, but not hundreds.
    for _ in 0..<1000 where try threads() > 200 { usleep(10_000) }
    #expect(try threads() <= 200)
  }

  /// A file that a job has used is closed when waiting for the job is over.
  @Test func whatAJobRefersToEndsWithIt() {
    final class Token: Sendable {}
    let queue = SerialQueue()
    for _ in 0..<2000 {
      var token: Token? = Token()
      weak let seen = token
      queue.async { [token] in withExtendedLifetime(token) {} }
      token = nil
      queue.wait()
      #expect(seen == nil)
    }
  }

  @Test func jobsKeepTheirOrder() {
    let queue = SerialQueue()
    let seen = Locked([Int]())
    queue.wait()
    for number in 0..<1000 { queue.async { seen.withLock { $0.append(number) } } }
    queue.wait()
    #expect(seen.withLock { $0 } == Array(0..<1000))
  }
}
