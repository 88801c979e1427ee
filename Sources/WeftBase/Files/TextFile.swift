import Foundation

/// Reads and writes text files, with errors that name the file and the system's reason.
package enum TextFile {
  /// The text of the file at `path`.
  package static func contents(of path: String) throws(WeftError) -> String {
    guard let text = String(validating: try bytes(of: path), as: UTF8.self) else {
      throw .failure("\(path): not UTF-8 text")
    }
    return text
  }

  /// The bytes of the file at `path`.
  package static func bytes(of path: String) throws(WeftError) -> [UInt8] {
    guard let file = fopen(path, "r") else { throw .system("\(path): cannot be read", errno) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer[..<count]
    }
    guard ferror(file) == 0 else { throw .system("\(path): cannot be read", errno) }
    return bytes
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
