import Foundation
import WeftBase

/// Reads parts of a file by offset.
final class RandomAccessFile {
  let path: String
  let byteCount: Int
  private let descriptor: Int32
  /// Of a file with a name, which closes the descriptor.
  private let file: RegularFile?

  /// - Throws: If the file cannot be opened.
  init(_ path: String) throws(WeftError) {
    let file = try RegularFile(path)
    self.file = file
    self.path = path
    descriptor = file.descriptor
    byteCount = file.byteCount
  }

  /// An anonymous temporary file beside `path`, deleted when it is closed.
  ///
  /// - Parameter write: Fills it through its descriptor.
  init(temporaryBeside path: String, name: String, write: (Int32) throws(WeftError) -> Void) throws(WeftError)
  {
    let descriptor = try OutputFile.anonymous(beside: path)
    do {
      try write(descriptor)
    } catch {
      close(descriptor)
      throw error
    }
    self.path = name
    self.descriptor = descriptor
    file = nil
    byteCount = max(Int(lseek(descriptor, 0, SEEK_END)), 0)
  }

  deinit { if file == nil { close(descriptor) } }

  /// Reads a number of bytes at an offset, or fewer at the end.
  func read(at offset: Int, count: Int) throws(WeftError) -> [UInt8] {
    guard offset >= 0, count > 0, offset <= byteCount else { return [] }
    let count = min(count, byteCount - offset)
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
}
