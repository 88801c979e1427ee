import WeftBase

/// Reads a text file line by line: UTF-8, with line ends of either kind.
final class LineReader {
  private let bytes: ByteReader
  /// Lines taken so far; the number of the last one.
  private(set) var number = 0

  /// Longer lines are no lines of text.
  private static let limit = 64 << 20

  /// - Throws: If the file cannot be opened.
  init(_ path: String) throws(WeftError) { bytes = try ByteReader(path) }

  var path: String { bytes.path }
  /// Bytes of the file.
  var byteCount: Int { bytes.byteCount }
  /// Bytes taken so far.
  var offset: Int { bytes.offset }

  /// The next line without its end; nil after the last one.
  ///
  /// - Throws: If it is no UTF-8 text.
  func next() throws(WeftError) -> String? {
    guard var line = try bytes.line(limit: Self.limit) else { return nil }
    number += 1
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    if number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    guard let text = String(validating: line, as: UTF8.self) else {
      throw failure("is not UTF-8 text; convert it, for example with iconv -t UTF-8")
    }
    if line.contains(0) { throw failure("contains the character NUL; is it text?") }
    return text
  }

  /// A failure at the last line taken.
  func failure(_ message: String) -> WeftError { .failure("\(path): line \(number): \(message)") }
}
