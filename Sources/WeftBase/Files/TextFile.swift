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
    let file = try OutputFile(path)
    var text = text
    let result = text.withUTF8 { bytes in
      Result { () throws(WeftError) in try file.write(UnsafeRawBufferPointer(bytes)) }
    }
    try result.get()
    try file.publish()
  }

  /// Bytes as text, with those that are not valid UTF-8 as `\xFF`.
  package static func escaped(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let length = (1...4).first { String(validating: rest.prefix($0), as: UTF8.self) != nil }
      if let length {
        text += String(decoding: rest.prefix(length), as: UTF8.self)
        rest = rest.dropFirst(length)
      } else {
        let digits = String(rest.removeFirst(), radix: 16, uppercase: true)
        text += "\\x\(digits)"
      }
    }
    return text
  }
}

extension WeftError {
  /// A failed system call, with the reason for the `errno` value `code`.
  package static func system(_ message: String, _ code: Int32) -> WeftError {
    .failure("\(message): \(String(cString: strerror(code)))")
  }
}
