import Foundation

/// Standard input, output and error.
package enum StandardStreams {
  /// Opens those that are closed on `/dev/null`, so that no file that is opened later takes their place.
  package static func openMissing() {
    for descriptor in 0...2 as ClosedRange<Int32> where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number, which is this one.
      _ = open("/dev/null", O_RDWR)
    }
  }

  /// Writes text to standard output, unbuffered.
  ///
  /// - Throws: If it cannot be written, for example on a full disk; not if its reader has gone away.
  /// - Returns: Whether there is a reader.
  @discardableResult
  package static func print(_ text: String) throws(WeftError) -> Bool {
    let code = write(text, to: STDOUT_FILENO)
    if code == EPIPE { return false }
    guard code == 0 else { throw .system("standard output: cannot be written", code) }
    return true
  }

  /// Writes text to standard error, if that is possible.
  package static func report(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { writeCompletely(UnsafeRawBufferPointer($0), to: descriptor) }
  }
}
