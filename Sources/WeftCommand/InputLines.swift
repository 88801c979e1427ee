import Foundation
import WeftBase

/// The lines of standard input, as they arrive.
enum InputLines {
  private static let maximumLine = 1 << 20

  /// Calls `body` with the lines that have arrived, without their ends or a byte order mark, at most a given number at a time, until the input ends.
  ///
  /// - Throws: If a line is not UTF-8 text, or an error of `body`.
  static func forEachBatch(of count: Int, _ body: ([String]) throws -> Void) throws {
    var pending = Data()
    var number = 0
    func take(_ bytes: Data) throws -> String {
      number += 1
      let line = number == 1 ? TextFile.withoutMark(Array(bytes)[...]) : Array(bytes)[...]
      guard let line = String(validating: line, as: UTF8.self) else {
        throw WeftError.failure(
          "line \(number) of the input is not UTF-8 text; \(OtherEncoding.advice(for: bytes))")
      }
      return line.hasSuffix("\r") ? String(line.dropLast()) : line
    }
    while true {
      let arrived = try available()
      pending += arrived
      // A device has no lines.
      guard pending.count <= maximumLine || pending.contains(UInt8(ascii: "\n")) else {
        throw WeftError.failure(
          "line \(number + 1) of the input exceeds \(maximumLine >> 20) MiB; is it text?")
      }
      var lines: [String] = []
      while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        lines.append(try take(pending[..<end]))
        pending = Data(pending[(end + 1)...])
        if lines.count == count {
          try body(lines)
          lines = []
        }
      }
      if arrived.isEmpty, !pending.isEmpty { lines.append(try take(pending)) }
      if !lines.isEmpty { try body(lines) }
      if arrived.isEmpty { return }
    }
  }

  /// The bytes that have arrived, after waiting for at least one; none at the end.
  private static func available() throws(WeftError) -> Data {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(STDIN_FILENO, &bytes, bytes.count)
      if count >= 0 { return Data(bytes[..<count]) }
      guard errno == EINTR else { throw .system("standard input: cannot be read", errno) }
    }
  }
}
