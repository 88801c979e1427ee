import Foundation

/// Synchronizes files to disk, so that they survive a power failure.
package enum DurableFile {
  /// Synchronizes a file or folder to disk.
  package static func synchronize(_ path: String) throws(WeftError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("\(path): cannot be written", errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system("\(path): cannot be written", errno) }
  }
}
