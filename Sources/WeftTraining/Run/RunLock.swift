import Foundation
import WeftBase

/// Keeps a run's folder to one process, by a file in it that is locked for as long as the process lives.
///
/// The lock ends with its process, however that ends; a file that nobody locks means nothing. Where a file system
/// has no locks, the folder is not kept.
final class RunLock: Sendable {
  private let path: String
  private let descriptor: Int32

  /// - Throws: If another run holds the folder, or it cannot be written to.
  init(folder: String) throws(WeftError) {
    path = "\(folder)/run.lock"
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw .system("\(path): cannot be written", errno) }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        let holder = RunLock.holder(descriptor)
        close(descriptor)
        throw .failure(
          "\(folder): another run is at work in it\(holder.map { " (\($0))" } ?? "");"
            + " wait for its end, stop it, or name another --output")
      }
      if RunLock.isFile(descriptor, at: path) {
        self.descriptor = descriptor
        break
      }
      // The run that held the file has just removed it: the lock is on a file that nobody will look at again.
      close(descriptor)
    }
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let text =
      "process \(getpid()) on \(String(decoding: host.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self))"
    // The name serves the message above alone; on a full disk it is left out.
    ftruncate(descriptor, 0)
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  deinit {
    // Removed while it is locked, so that nobody else's file can be meant.
    unlink(path)
    // Said aloud: a program that another thread is starting may hold a copy of the descriptor for a moment yet.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Whether a process holds the folder.
  static func isHeld(folder: String) -> Bool {
    let descriptor = open("\(folder)/run.lock", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // Shared, so that two who look do not take each other for the run; let go at once.
    guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
    flock(descriptor, LOCK_UN)
    return false
  }

  /// Who holds the lock, in its own words.
  private static func holder(_ descriptor: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 300)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
    var (own, named) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && stat(path, &named) == 0 && own.st_ino == named.st_ino
      && own.st_dev == named.st_dev
  }
}
