import WeftBase

/// Forms of marked-up text in which sentences with translations are published.
enum MarkedText {
  /// Units of translation memories, TMX: each with the same text in several languages.
  case memory
  /// Units of texts to be translated, XLIFF 1.2 and 2.
  case localization
  /// Documents with sources and references in one file, as the test sets of WMT are since 2021.
  case references
  /// Documents with segments in one language, `<seg id="1">`, as the test sets of WMT and IWSLT were before.
  case segments
  /// Lines of sentences between lines of tags, as the training texts of IWSLT.
  case taggedLines

  /// Whether a file of the form has the sentences of both languages.
  var hasBothLanguages: Bool {
    switch self {
    case .memory, .localization, .references: true
    case .segments, .taggedLines: false
    }
  }

  /// The form of a file, by its first tags; nil for any other.
  ///
  /// - Throws: If it cannot be read.
  static func form(of path: String) throws(WeftError) -> MarkedText? {
    let start = text(of: try ByteReader.start(of: path))
    guard start.first == "<" else { return nil }
    func has(_ tag: String) -> Bool {
      start.ranges(of: "<\(tag)").contains { range in
        guard range.upperBound < start.endIndex else { return false }
        let next = start[range.upperBound]
        return next == ">" || next == "/" || next.isWhitespace
      }
    }
    if has("tmx") { return .memory }
    if has("xliff") { return .localization }
    if ["srcset", "refset", "tstset", "mteval"].contains(where: has) { return .segments }
    if has("dataset"), has("doc") || has("collection") { return .references }
    if has("doc"), has("seg") { return .segments }
    if has("url") || has("talkid") { return .taggedLines }
    return nil
  }

  /// Lower case, of UTF-16 as well.
  private static func text(of start: ArraySlice<UInt8>) -> String {
    let marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]
    // What matters is ASCII.
    let bytes = marks.contains { start.starts(with: $0) } ? start.dropFirst(2).filter { $0 != 0 }[...] : start
    return String(decoding: bytes, as: UTF8.self).lowercased()
  }
}
