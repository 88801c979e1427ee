import Foundation

/// Reads and writes text files, with errors that name the file and the system's reason.
package enum TextFile {
  /// The byte order mark that some programs put before UTF-8 text.
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The text of the file at `path`, without a byte order mark and with line ends `\n`.
  ///
  /// - Parameter limit: Maximum size in bytes.
  /// - Throws: If it cannot be read, is not a regular file, is larger or is not UTF-8 text.
  package static func contents(of path: String, atMost limit: Int = 1 << 32) throws(WeftError) -> String {
    try text(RegularFile.contents(of: path, atMost: limit), of: path)
  }

  /// Bytes as text, without a byte order mark and with line ends `\n`.
  ///
  /// - Parameter path: Their source, for the error.
  /// - Throws: If they are not UTF-8 text.
  package static func text(_ bytes: [UInt8], of path: String) throws(WeftError) -> String {
    guard var text = String(validating: withoutMark(bytes[...]), as: UTF8.self) else {
      throw .file("\(path): not UTF-8 text; \(OtherEncoding.advice(for: bytes))")
    }
    if text.utf8.contains(UInt8(ascii: "\r")) { text.replace("\r\n", with: "\n") }
    return text
  }

  /// The start of a file without its byte order mark.
  package static func withoutMark(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes
  }

  /// Calls `body` with the bytes of each line, without its end or a byte order mark, of a file of any size.
  ///
  /// - Throws: If it cannot be read or has a line above 16 MiB, and errors of `body`.
  package static func forEachLine(
    of path: String, _ body: (ArraySlice<UInt8>) throws(WeftError) -> Void
  ) throws(WeftError) {
    let file = try RegularFile(path)
    var rest: [UInt8] = []
    var offset = 0
    while true {
      let bytes = try file.read(at: offset, count: 1 << 20)
      offset += bytes.count
      rest += bytes
      if offset == bytes.count { rest = Array(withoutMark(rest[...])) }
      var start = 0
      while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
        let isWindowsEnd = end > start && rest[end - 1] == UInt8(ascii: "\r")
        try body(rest[start..<(isWindowsEnd ? end - 1 : end)])
        start = end + 1
      }
      rest.removeFirst(start)
      if bytes.isEmpty { break }
      guard rest.count <= 16 << 20 else { throw .file("\(path): has a line above 16 MiB") }
    }
    if !rest.isEmpty { try body(rest[...]) }
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
    .file("\(message): \(String(cString: strerror(code)))")
  }
}
