import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftTraining

/// One run per folder, also within a process.
@Suite struct RunLockTests {
  @Test func aFolderHasOneHolder() throws {
    let folder = try TemporaryFolder()
    var lock: RunLock? = try RunLock(folder: folder.path)
    let error = #expect(throws: WeftError.self) { try RunLock(folder: folder.path) }
    #expect(
      error?.message.hasPrefix("\(folder.path): in use by another run (process \(getpid()) on ")
        == true)
    withExtendedLifetime(lock) {}
    lock = nil
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    _ = try RunLock(folder: folder.path)
  }

  @Test func aFileThatNobodyLocksMeansNothing() throws {
    let folder = try TemporaryFolder()
    try Data("process 1 on a machine with a long name that was switched off".utf8).write(
      to: URL(filePath: folder.file("run.lock")))
    let lock = try RunLock(folder: folder.path)
    let text = try String(contentsOfFile: folder.file("run.lock"), encoding: .utf8)
    #expect(text.hasPrefix("process \(getpid()) on "))
    withExtendedLifetime(lock) {}
  }

  /// Writing the name of the holder must not change another file.
  @Test func linksAreNotFollowed() throws {
    let folder = try TemporaryFolder()
    let victim = folder.file("victim")
    try Data("precious".utf8).write(to: URL(filePath: victim))
    symlink("victim", folder.file("run.lock"))
    #expect(throws: WeftError.file("\(folder.path)/run.lock: is a symbolic link; remove it")) {
      try RunLock(folder: folder.path)
    }
    #expect(!RunLock.isHeld(folder: folder.path))
    unlink(folder.file("run.lock"))
    link(victim, folder.file("run.lock"))
    #expect(throws: WeftError.self) { try RunLock(folder: folder.path) }
    unlink(folder.file("run.lock"))
    mkfifo(folder.file("run.lock"), 0o600)
    #expect(throws: WeftError.self) { try RunLock(folder: folder.path) }
    #expect(try String(contentsOfFile: victim, encoding: .utf8) == "precious")
  }

  /// A file opened just before its owner removed it must not be taken for the folder's lock.
  @Test func manyTakersNeverHoldItTogether() throws {
    let folder = try TemporaryFolder()
    let holders = Locked(0)
    let taken = Locked(0)
    let path = folder.path
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for _ in 0..<500 {
        guard let lock = try? RunLock(folder: path) else { continue }
        #expect(
          holders.withLock {
            $0 += 1; return $0
          } == 1)
        taken.withLock { $0 += 1 }
        holders.withLock { $0 -= 1 }
        withExtendedLifetime(lock) {}
      }
    }
    #expect(taken.withLock { $0 } > 0)
  }
}
