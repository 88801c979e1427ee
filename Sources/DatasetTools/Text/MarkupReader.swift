import Markup
import WeftBase

/// Reads the parts of a marked-up document one by one; one that is compressed by gzip is decompressed.
final class MarkupReader {
  private let bytes: ByteReader
  private let parser: MarkupParser
  private var events: ArraySlice<MarkupEvent> = []
  private var isAtEnd = false

  /// - Throws: If the document cannot be opened.
  init(_ path: String, form: MarkupParser.Form) throws(WeftError) {
    bytes = try ByteReader(path)
    parser = MarkupParser(path, form: form)
  }

  var path: String { bytes.path }
  /// Size of the document in bytes.
  var byteCount: Int { bytes.byteCount }
  /// Bytes read so far.
  var offset: Int { bytes.offset }

  /// The next part; nil after the last one.
  ///
  /// - Throws: If the document is not well formed.
  func next() throws(WeftError) -> MarkupEvent? {
    while events.isEmpty {
      if isAtEnd { return nil }
      let piece = try bytes.block()
      isAtEnd = piece.isEmpty
      events = try parser.events(of: piece)[...]
    }
    return events.popFirst()
  }

  /// A failure at a line.
  func failure(_ message: String, line: Int) -> WeftError { .data("\(path): line \(line): \(message)") }
}
