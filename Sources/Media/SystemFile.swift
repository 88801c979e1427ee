import Foundation

/// An open file of the C library, closed with its owner.
final class SystemFile {
  let stream: UnsafeMutablePointer<FILE>
  /// Size in bytes.
  let size: Int

  /// - Throws: If the file cannot be opened, or is not a regular file.
  init(_ path: String) throws(MediaError) {
    // Opening a pipe for reading would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw MediaError(path, "cannot be read: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      let stream = fdopen(descriptor, "rb")
    else {
      close(descriptor)
      throw MediaError(path, "is not a file")
    }
    self.stream = stream
    size = Int(status.st_size)
  }

  deinit {
    fclose(stream)
  }

  /// The bytes from an offset, up to a number of them or the end; none if they cannot be read.
  func read(_ count: Int, at offset: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = max(pread(fileno(stream), buffer.baseAddress, count, off_t(offset)), 0)
    }
  }
}
