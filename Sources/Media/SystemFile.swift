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
}
