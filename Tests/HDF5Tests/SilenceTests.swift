import Foundation
import HDF5
import TestSupport
import Testing

@Suite("The library's own messages stay away")
struct SilenceTests {
  @Test("nothing is printed on any thread")
  func silence() throws {
    let folder = try TemporaryFolder()
    let path = folder.file()
    try File(creating: path).write("x", [1.0])
    let output = try Self.standardError {
      Self.fail(path)
      let done = DispatchSemaphore(value: 0)
      Thread {
        Self.fail(path)
        done.signal()
      }.start()
      done.wait()
    }
    // Other tests may print meanwhile; every report of the library starts with this.
    #expect(!output.contains("HDF5-DIAG"))
  }

  /// Fails in several ways, in calls that open, read and close.
  private static func fail(_ path: String) {
    _ = try? File(opening: path + ".missing")
    guard let file = try? File(opening: path), let dataset = try? file.dataset("x") else {
      Issue.record("the file of the test does not open")
      return
    }
    _ = try? file.dataset("missing/too")
    _ = try? dataset.read(as: String.self)
    _ = try? dataset.write([2.0])
    try? file.close()
    _ = try? dataset.read(as: Double.self)
  }

  /// Everything written to standard error by the process while `body` runs.
  private static func standardError(_ body: () -> Void) throws -> String {
    let pipe = Pipe()
    let saved = dup(STDERR_FILENO)
    dup2(pipe.fileHandleForWriting.fileDescriptor, STDERR_FILENO)
    body()
    dup2(saved, STDERR_FILENO)
    close(saved)
    try pipe.fileHandleForWriting.close()
    return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
  }
}
