import Foundation

/// Puts finished files in place so that they survive a power cut.
package enum DurableFile {
  /// Renames a finished temporary file to `path`, with its contents and the new name on disk when this returns.
  package static func replace(_ path: String, with temporary: String) throws(WeftError) {
    try synchronize(temporary)
    guard rename(temporary, path) == 0 else { throw .system("\(path): cannot be replaced", errno) }
    let folder = (path as NSString).deletingLastPathComponent
    try synchronize(folder.isEmpty ? "." : folder)
  }

  /// Forces a file or folder to disk.
  package static func synchronize(_ path: String) throws(WeftError) {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw .system("\(path): cannot be written", errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system("\(path): cannot be written", errno) }
  }
}
