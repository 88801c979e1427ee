import HDF5
import WeftBase

/// Reads a UTF-8 text file line by line, with LF or CRLF line ends.
final class LineReader {
  private let bytes: ByteReader
  /// Lines read so far; the number of the last one.
  private(set) var number = 0

  /// Maximum length of a line; some corpora are a single one.
  private static let limit = 1 << 30

  /// - Throws: If the file cannot be opened.
  init(_ path: String) throws(WeftError) { bytes = try ByteReader(path) }

  var path: String { bytes.path }
  /// Size of the file in bytes.
  var byteCount: Int { bytes.byteCount }
  /// Bytes read so far.
  var offset: Int { bytes.offset }

  /// The next line without its end; nil after the last one.
  ///
  /// - Throws: If it is not UTF-8 text.
  func next() throws(WeftError) -> String? {
    guard var line = try bytes.line(limit: Self.limit) else { return nil }
    number += 1
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    if number == 1 { line = Array(TextFile.withoutMark(line[...])) }
    guard let text = String(validating: line, as: UTF8.self) else {
      throw notText ?? failure("is not UTF-8 text; \(OtherEncoding.advice(for: line))")
    }
    if line.contains(0), OtherEncoding.isUTF16(line) {
      throw notText ?? failure("is UTF-16 text; \(OtherEncoding.advice(for: line))")
    }
    if line.contains(0) { throw notText ?? failure("contains the character NUL; is it text?") }
    return text
  }

  /// The next line that contains more than white space, of a file whose lines are entries of their own; nil after the last.
  ///
  /// - Throws: If it is not UTF-8 text, or has line ends of CR alone, at which entries would run together.
  func nextEntry() throws(WeftError) -> String? {
    while let line = try next() {
      if line.allSatisfy(\.isWhitespace) { continue }
      try checkLineEnds(line)
      return line
    }
    return nil
  }

  /// - Throws: If the last line has line ends of CR alone within it.
  func checkLineEnds(_ line: String) throws(WeftError) {
    let carriageReturn = UInt8(ascii: "\r")
    guard let first = line.utf8.firstIndex(of: carriageReturn),
      line.utf8[first...].contains(where: { $0 != carriageReturn })
    else { return }
    throw failure(
      "contains a carriage return between others; convert such line ends, for example with tr '\\r' '\\n'")
  }

  /// What the file is, if it is known and no text.
  private var notText: WeftError? {
    ForeignFile.kind(of: path).map { .data("\(path): is not a text file: \($0)") }
  }

  /// A failure at a line, or at the last one that was read.
  func failure(_ message: String, line: Int? = nil) -> WeftError {
    .data("\(path): line \(line ?? number): \(message)")
  }
}
