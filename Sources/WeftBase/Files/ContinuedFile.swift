import Foundation

/// A regular file that the program has written and goes on writing, in place.
///
/// A symbolic link is not followed: whatever it leads to is not the program's own.
package final class ContinuedFile: Sendable {
  private let file: RegularFile

  /// - Throws: If the file is missing, is a symbolic link or no regular file, or cannot be written.
  package init(_ path: String) throws(WeftError) {
    let descriptor = open(path, O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ELOOP { throw .file("\(path): is a symbolic link; remove it") }
      throw .system("\(path): cannot be written", errno)
    }
    file = RegularFile(descriptor: descriptor, path: path)
    guard let status, status.st_mode & S_IFMT == S_IFREG else {
      throw .file("\(path): is not a regular file; remove it")
    }
  }

  private var status: stat? {
    var status = stat()
    return fstat(file.descriptor, &status) == 0 ? status : nil
  }

  /// Whether it is also the file of another name (a hard link), such as that of a backup, which must not change.
  package var hasOtherName: Bool { status.map { $0.st_nlink > 1 } ?? false }

  /// All bytes.
  ///
  /// - Throws: If they cannot be read, or are more than `limit`.
  package func contents(atMost limit: Int) throws(WeftError) -> [UInt8] { try file.contents(atMost: limit) }

  /// Appends text, all of it in one call where the system permits.
  ///
  /// - Throws: If it cannot be written, for example on a full disk.
  package func append(_ text: String) throws(WeftError) {
    var text = text
    let code = text.withUTF8 { writeCompletely(UnsafeRawBufferPointer($0), to: file.descriptor) }
    guard code == 0 else { throw .system("\(file.path): cannot be written", code) }
  }

  /// Removes the bytes from an offset.
  package func truncate(to size: Int) throws(WeftError) {
    guard ftruncate(file.descriptor, off_t(size)) == 0 else {
      throw .system("\(file.path): cannot be truncated", errno)
    }
  }

  /// Syncs the file to disk.
  package func synchronize() throws(WeftError) {
    guard fsync(file.descriptor) == 0 else { throw .system("\(file.path): cannot be written", errno) }
  }
}
