import Foundation

/// Reads and writes text files, with errors that name the file and the system's reason.
package enum TextFile {
  /// The text of the file at `path`.
  ///
  /// - Parameter limit: Maximum size in bytes.
  /// - Throws: If it cannot be read, is not a regular file, is larger or is not UTF-8 text.
  package static func contents(of path: String, atMost limit: Int = 1 << 32) throws(WeftError) -> String {
    guard let text = String(validating: try RegularFile.contents(of: path, atMost: limit), as: UTF8.self)
    else {
      throw .failure("\(path): not UTF-8 text")
    }
    return text
  }

  /// Replaces the file atomically: after a crash it contains either the old text or the new.
  package static func replace(_ path: String, with text: String) throws(WeftError) {
    let temporary = "\(path).partial"
    guard let file = fopen(temporary, "w") else { throw .system("\(temporary): cannot be written", errno) }
    let isWritten = fputs(text, file) >= 0 && fflush(file) == 0
    let code = errno
    fclose(file)
    do throws(WeftError) {
      guard isWritten else { throw .system("\(temporary): cannot be written", code) }
      try DurableFile.replace(path, with: temporary)
    } catch {
      unlink(temporary)
      throw error
    }
  }
}

extension WeftError {
  /// A failed system call, with the reason for the `errno` value `code`.
  package static func system(_ message: String, _ code: Int32) -> WeftError {
    .failure("\(message): \(String(cString: strerror(code)))")
  }
}
