import Foundation
import WeftBase

/// Reserves a run's folder for one process, with a file that is locked for the lifetime of the process.
///
/// The lock is released with its process, however that ends; an unlocked file has no meaning. On file systems without
/// locks, the folder is not protected.
package final class RunLock: Sendable {
  private let path: String
  private let descriptor: Int32

  /// What the error says of a folder that another process has reserved.
  static let inUse = "in use by another run"

  /// - Throws: If the folder is in use by another run or not writable.
  init(folder: String) throws(WeftError) {
    path = "\(folder)/run.lock"
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        if errno == ELOOP { throw .file("\(path): is a symbolic link; remove it") }
        throw .system("\(path): cannot be written", errno)
      }
      // Its contents are overwritten.
      guard RunLock.isPlainFile(descriptor) else {
        close(descriptor)
        throw .file("\(path): is not a file that a run has written; remove it")
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        let holder = RunLock.holder(descriptor)
        close(descriptor)
        throw .file(
          "\(folder): \(RunLock.inUse)\(holder.map { " (\($0))" } ?? "");"
            + " wait until it ends, stop it, or name another --output")
      }
      if RunLock.isFile(descriptor, at: path) {
        self.descriptor = descriptor
        break
      }
      // The previous run has just removed the file, so this lock is on an unlinked file.
      close(descriptor)
    }
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, host.count - 1)
    let text =
      "process \(getpid()) on \(String(decoding: host.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self))"
    // The name is used only in the message above; it is omitted on a full disk.
    ftruncate(descriptor, 0)
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  deinit {
    // Removed while locked, so that no other run's file is removed.
    unlink(path)
    // Unlock explicitly: a child process that another thread is starting may still have a copy of the descriptor.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }

  /// Whether a process has locked the folder.
  static func isHeld(folder: String) -> Bool {
    let descriptor = open("\(folder)/run.lock", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // A shared lock, so that concurrent checks do not see each other as the run; released immediately.
    guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
    flock(descriptor, LOCK_UN)
    return false
  }

  /// Description of the lock's owner.
  private static func holder(_ descriptor: Int32) -> String? {
    var bytes = [UInt8](repeating: 0, count: 300)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  /// Whether it is a regular file without a second name.
  private static func isPlainFile(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_nlink <= 1
  }

  private static func isFile(_ descriptor: Int32, at path: String) -> Bool {
    var (own, named) = (stat(), stat())
    return fstat(descriptor, &own) == 0 && lstat(path, &named) == 0 && own.st_ino == named.st_ino
      && own.st_dev == named.st_dev
  }
}
