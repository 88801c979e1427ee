import Foundation

/// Which file a path meant, and in what state, so that a change behind the reader's back is noticed.
package struct FileIdentity: Sendable {
  package let path: String
  private let state: State

  private struct State: Equatable {
    let device: UInt
    let inode: UInt
    let size: Int
    let seconds: Int
    let nanoseconds: Int

    /// Nil, with the reason in `errno`, when there is no such file.
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

  /// Looks at the file as it is now. Nil when there is none, which whoever opens it will tell.
  package init?(_ path: String) {
    guard let state = State(path) else { return nil }
    self.path = path
    self.state = state
  }

  /// Checks that the path still means the same file, unchanged. Costs a system call.
  ///
  /// - Throws: If the file was removed, replaced or written to.
  package func check() throws(WeftError) {
    guard let now = State(path) else {
      throw .system("\(path): vanished while it was being read; put it back and go on with --resume", errno)
    }
    guard now != state else { return }
    let what =
      now.inode == state.inode && now.device == state.device ? "changed" : "was replaced by another file"
    throw .failure(
      "\(path): \(what) while it was being read; put back what it was and go on with --resume")
  }
}
