import Foundation

/// Identity and state of a file when it was opened, to detect changes while it is read.
package struct FileIdentity: Sendable {
  package let path: String
  private let state: State

  private struct State: Equatable {
    let device: UInt
    let inode: UInt
    let size: Int
    let seconds: Int
    let nanoseconds: Int

    /// Nil, with the reason in `errno`, if the file does not exist.
    init?(_ path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = UInt(status.st_dev)
      inode = UInt(status.st_ino)
      size = Int(status.st_size)
      #if canImport(Darwin)
        let modified = status.st_mtimespec
      #else
        let modified = status.st_mtim
      #endif
      seconds = modified.tv_sec
      nanoseconds = modified.tv_nsec
    }
  }

  /// Records the current state of the file. Nil if it does not exist; opening it reports the error.
  package init?(_ path: String) {
    guard let state = State(path) else { return nil }
    self.path = path
    self.state = state
  }

  /// Whether two paths lead to one file, also through links; equal paths do even if there is none.
  package static func areSame(_ path: String, _ other: String) -> Bool {
    if path == other { return true }
    guard let first = State(path), let second = State(other) else { return false }
    return first.device == second.device && first.inode == second.inode
  }

  /// Checks that the path still refers to the same unchanged file, with one system call.
  ///
  /// - Throws: If the file was removed, replaced or written to.
  package func check() throws(WeftError) {
    guard let now = State(path) else {
      throw .system("\(path): disappeared while it was read; restore it and continue with --resume", errno)
    }
    guard now != state else { return }
    let what =
      now.inode == state.inode && now.device == state.device ? "changed" : "was replaced by another file"
    throw .file(
      "\(path): \(what) while it was read; restore the original and continue with --resume")
  }
}
