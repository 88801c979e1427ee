import Foundation

/// A regular file, open for reading.
///
/// Pipes, devices and folders are refused: they could block, never end, or be empty when read again.
package final class RegularFile: Sendable {
  /// The path, as it was given.
  package let path: String
  /// Size in bytes when it was opened; 0 for files of the system such as those in `/proc`.
  package let byteCount: Int
  /// The open descriptor, which closes with this object.
  package let descriptor: Int32

  /// - Throws: If the file cannot be opened, or is not a regular file.
  package init(_ path: String) throws(WeftError) {
    // Opening a pipe would otherwise wait for a writer.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("\(path): cannot be read", errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .file("\(path): is not a regular file")
    }
    self.path = path
    self.descriptor = descriptor
    byteCount = max(Int(status.st_size), 0)
  }

  /// An open file, such as one without a name.
  ///
  /// - Parameters:
  ///   - descriptor: The file, which this object closes.
  ///   - path: Its name in errors.
  package init(descriptor: Int32, path: String) {
    self.path = path
    self.descriptor = descriptor
    byteCount = max(Int(lseek(descriptor, 0, SEEK_END)), 0)
  }

  deinit { close(descriptor) }

  /// The bytes from an offset, up to a number of them or the end.
  ///
  /// - Throws: If the file cannot be read.
  package func read(at offset: Int, count: Int) throws(WeftError) -> [UInt8] {
    // No file reaches beyond the greatest offset.
    guard offset >= 0, count > 0, !offset.addingReportingOverflow(count).overflow else { return [] }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count {
        let taken = pread(
          descriptor, buffer.baseAddress.map { $0 + initialized }, count - initialized,
          off_t(offset + initialized))
        if taken < 0, errno == EINTR { continue }
        if taken < 0 { code = errno }
        if taken <= 0 { break }
        initialized += taken
      }
    }
    guard code == 0 else { throw .system("\(path): cannot be read", code) }
    return bytes
  }

  /// All bytes of a file.
  ///
  /// - Parameter limit: Maximum number of bytes.
  /// - Throws: If the file cannot be read, is not a regular file, or is larger.
  package static func contents(of path: String, atMost limit: Int) throws(WeftError) -> [UInt8] {
    try RegularFile(path).contents(atMost: limit)
  }

  /// All bytes.
  ///
  /// - Parameter limit: Maximum number of bytes.
  /// - Throws: If they cannot be read or are more.
  package func contents(atMost limit: Int) throws(WeftError) -> [UInt8] {
    func tooLarge() -> WeftError { .file("\(path): exceeds \(limit >> 20) MiB; is it the right file?") }
    guard byteCount <= limit else { throw tooLarge() }
    var bytes: [UInt8] = []
    // It may be growing, and files of the system do not state their size.
    while true {
      let part = try read(at: bytes.count, count: max(byteCount - bytes.count, 1 << 16))
      if part.isEmpty { return bytes }
      bytes += part
      guard bytes.count <= limit else { throw tooLarge() }
    }
  }
}
