import Foundation

/// A private file with a name, for libraries that open files by name. It is removed with this object, and when a signal
/// ends the process; a name that `kill -9` leaves is removed by the next file of the same kind.
package final class TemporaryFile {
  /// The file's path.
  package var path: String { name.path }
  private let name: UnfinishedFiles.Name

  /// - Parameters:
  ///   - kind: The start of its name.
  ///   - purpose: The file that it is made for, for errors.
  ///   - write: Fills it through its descriptor.
  /// - Throws: If there is no room for it, or an error of `write`.
  package init(
    _ kind: String, purpose: String, write: (Int32) throws(WeftError) -> Void
  ) throws(WeftError) {
    let stem = FileManager.default.temporaryDirectory.appending(path: kind).path
    TemporaryName.removeAbandoned(for: stem)
    name = UnfinishedFiles.Name(TemporaryName.make(for: stem))
    let descriptor = open(name.path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .system("\(purpose): cannot be unpacked to \(name.path)", errno)
    }
    defer { close(descriptor) }
    try write(descriptor)
  }

  deinit {
    unlink(name.path)
    name.forget()
  }
}
