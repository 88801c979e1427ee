import Foundation

/// Replaces files atomically and durably: the result survives a power failure.
package enum DurableFile {
  /// Renames a finished temporary file to `path`. Contents and name are on disk when this returns.
  package static func replace(_ path: String, with temporary: String) throws(WeftError) {
    try synchronize(temporary)
    guard rename(temporary, path) == 0 else { throw .system("\(path): cannot replace the file", errno) }
    let folder = (path as NSString).deletingLastPathComponent
    try synchronize(folder.isEmpty ? "." : folder)
  }

  /// Synchronizes a file or folder to disk.
  package static func synchronize(_ path: String) throws(WeftError) {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw .system("\(path): cannot be written", errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system("\(path): cannot be written", errno) }
  }
}
