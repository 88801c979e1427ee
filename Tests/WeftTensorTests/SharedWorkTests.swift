import Foundation
import Synchronization
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftTensor

/// Idle workers take over parts of others' products.
@Suite("Shared work") struct SharedWorkTests {
  @Test("Every unit is computed once, in the memory of one worker", arguments: [1, 2, 3, 8], [1, 5, 16])
  func units(workers: Int, minimum: Int) {
    let arenas = (0..<workers).map { _ in Arena() }
    let work = SharedWork(arenas: arenas, minimumPiece: minimum)
    let products = [1, minimum, 2 * minimum, 97, 500]
    let counts = Locked([[Int]](repeating: [Int](repeating: 0, count: 500), count: workers * products.count))
    WorkerPool(count: workers).run { worker in
      let member = work.begin(worker: worker)
      for (number, units) in products.enumerated() {
        // Workers with higher numbers are slower.
        member.run(units: units) { units, arena in
          #expect(arenas.contains { $0 === arena })
          usleep(UInt32(worker * units.count))
          counts.withLock { counts in
            for unit in units { counts[worker * products.count + number][unit] += 1 }
          }
        }
        let done = counts.withLock { $0[worker * products.count + number] }
        #expect(done == (0..<500).map { $0 < units ? 1 : 0 }, "worker \(worker), \(units) units")
      }
      #expect(member.finish() >= 0)
    }
  }

  @Test("An idle worker takes over work from a busy one", .timeLimit(.minutes(1)))
  func help() {
    let arenas = [Arena(), Arena()]
    let work = SharedWork(arenas: arenas, minimumPiece: 4)
    // Both have started before either is done.
    let members = arenas.indices.map { work.begin(worker: $0) }
    let isHelping = Atomic(false)
    let helped = Locked(0.0)
    // Two threads on any number of CPUs: on a single one, a pool would run workers sequentially.
    let threads = arenas.indices.map { worker in
      Thread {
        if worker == 0 {
          members[0].run(units: 64) { _, arena in
            if arena === arenas[1] { isHelping.store(true, ordering: .relaxed) }
            // No piece ends before the other worker has arrived; otherwise the test hangs.
            while !isHelping.load(ordering: .relaxed) { usleep(100) }
          }
        }
        let seconds = members[worker].finish()
        helped.withLock { $0 += seconds }
      }
    }
    for thread in threads { thread.start() }
    while !threads.allSatisfy(\.isFinished) { usleep(1000) }
    #expect(isHelping.load(ordering: .relaxed) && helped.withLock { $0 } > 0)
  }

  @Test("No worker waits for one that has not started")
  func lateWorker() {
    let work = SharedWork(arenas: [Arena(), Arena()], minimumPiece: 1)
    let first = work.begin(worker: 0)
    #expect(first.finish() == 0)
    let second = work.begin(worker: 1)
    let sum = Locked(0)
    second.run(units: 10) { units, _ in sum.withLock { $0 += units.count } }
    #expect(sum.withLock { $0 } == 10 && second.finish() == 0)
  }
}
