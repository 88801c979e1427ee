/// Text of other encodings than UTF-8, as far as bytes tell.
package enum OtherEncoding {
  /// The advice to convert bytes that are not UTF-8 text, or contain NUL, with the encoding that they suggest.
  package static func advice(for bytes: some Collection<UInt8>) -> String {
    if let candidates = candidates(for: bytes) {
      return
        "convert it with iconv -f ENCODING -t UTF-8, where ENCODING is that of its language, such as \(candidates)"
    }
    return "convert it, for example with iconv -f \(name(of: bytes)) -t UTF-8"
  }

  /// Whether bytes are text of other letters than Latin ones, in an encoding of its language.
  package static func hasOtherLetters(_ bytes: some Collection<UInt8>) -> Bool {
    candidates(for: bytes) != nil
  }

  /// Encodings of languages of other letters than Latin ones, whose bytes above 0x7F stand in runs: of East Asia in pairs.
  /// Nil where they stand alone, as accented letters do.
  private static func candidates(for bytes: some Collection<UInt8>) -> String? {
    let start = bytes.prefix(1 << 12)
    if start.contains(0) { return nil }
    // UTF-8 with some damage remains mostly what it is.
    let letters = String(decoding: start, as: UTF8.self).unicodeScalars.filter { !$0.isASCII }
    guard letters.count(where: { $0 == "\u{FFFD}" }) * 4 > letters.count else { return nil }
    let runs = start.split { $0 < 0x80 }.map(\.count)
    let count = runs.reduce(0, +)
    guard count >= 8, runs.reduce(0, { $0 + ($1 > 1 ? $1 : 0) }) * 10 > count * 8 else { return nil }
    let inPairs = runs.reduce(0) { $0 + ($1.isMultiple(of: 2) ? $1 : 0) }
    return inPairs * 10 > count * 8
      ? "GB18030, BIG5, SHIFT_JIS or EUC-KR" : "WINDOWS-1251, KOI8-R or ISO-8859-7"
  }

  /// Whether bytes are those of UTF-16 with its mark, or without it where every other byte is mostly NUL.
  package static func isUTF16(_ bytes: some Collection<UInt8>) -> Bool { name(of: bytes).hasPrefix("UTF-16") }

  /// The encoding as `iconv` names it: UTF-16 by its mark or its NULs; Windows-1252 where there are bytes that are control
  /// characters in Latin-1; otherwise Latin-1.
  private static func name(of bytes: some Collection<UInt8>) -> String {
    let start = Array(bytes.prefix(1 << 16))
    if start.starts(with: [0xFF, 0xFE]) || start.starts(with: [0xFE, 0xFF]) { return "UTF-16" }
    // The characters below U+0100 of Western text have a NUL each.
    let nuls = start.indices.filter { start[$0] == 0 }
    if nuls.count * 4 > start.count {
      return nuls.count { $0 % 2 == 1 } * 2 > nuls.count ? "UTF-16LE" : "UTF-16BE"
    }
    return bytes.contains { (0x80...0x9F).contains($0) } ? "WINDOWS-1252" : "latin1"
  }
}
