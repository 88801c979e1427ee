import Foundation
import HDF5
import Synchronization
import TestSupport
import Testing

/// Locks exclude writers from readers, and nothing else.
@Suite struct LockTests {
  /// A starting program has copies of all open files for a moment, and with them their locks.
  @Test func programsStartedMeanwhileHoldNoFile() throws {
    let folder = try TemporaryFolder()
    let isDone = Atomic(false)
    let path = folder.file("a.h5")
    DispatchQueue.concurrentPerform(iterations: 2) { worker in
      if worker == 0 {
        defer { isDone.store(true, ordering: .relaxed) }
        #expect(throws: Never.self) {
          for round in 0..<500 {
            let file = try File(creating: path, overwrite: true)
            try file.write("values", [round])
            try file.close()
            let copy = try File(opening: path)
            #expect(try copy.dataset("values").read(as: Int.self) == [round])
            try copy.close()
          }
        }
      } else {
        while !isDone.load(ordering: .relaxed) {
          let process = Process()
          process.executableURL = URL(filePath: "/bin/true")
          try? process.run()
          process.waitUntilExit()
        }
      }
    }
  }
}
