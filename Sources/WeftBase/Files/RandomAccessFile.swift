import Foundation

/// Reads parts of a file by offset.
package final class RandomAccessFile {
  private let file: RegularFile

  /// Its name in errors.
  package var path: String { file.path }
  /// Size in bytes.
  package var byteCount: Int { file.byteCount }

  /// - Throws: If the file cannot be opened.
  package init(_ path: String) throws(WeftError) { file = try RegularFile(path) }

  /// An anonymous temporary file beside `path`, deleted when it is closed.
  ///
  /// - Parameter write: Fills it through its descriptor.
  package init(
    temporaryBeside path: String, name: String, write: (Int32) throws(WeftError) -> Void
  ) throws(WeftError) {
    let descriptor = try OutputFile.anonymous(beside: path)
    do {
      try write(descriptor)
    } catch {
      close(descriptor)
      throw error
    }
    file = RegularFile(descriptor: descriptor, path: name)
  }

  /// Reads a number of bytes at an offset, or fewer at the end.
  package func read(at offset: Int, count: Int) throws(WeftError) -> [UInt8] {
    guard offset >= 0, count > 0, offset <= byteCount else { return [] }
    return try file.read(at: offset, count: min(count, byteCount - offset))
  }
}
