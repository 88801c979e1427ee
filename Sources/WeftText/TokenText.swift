/// Decodes tokens into text incrementally.
///
/// Characters are concatenated. Tokens are joined by spaces. Words are, too, except around punctuation, which is attached to the
/// preceding or following word as in English typography. In subwords, `▁` is a space, which is omitted at the start of
/// a line; bytes become text once they complete a character. `<pad>`, `<bos>` and `<eos>` have no text.
package struct TokenText {
  private let vocabulary: Vocabulary
  private var isAtLineStart = true
  /// Whether the previous token attaches to the next one.
  private var joinsNext = false
  private var isInQuotes = false
  private var bytes: [UInt8] = []

  package init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  /// The text that a token adds.
  package mutating func append(_ number: Int32) -> String {
    let token = vocabulary.tokens[Int(number)]
    if vocabulary.isSilent(number) { return "" }
    switch vocabulary.unit {
    case .character: return token
    case .byte: return append(byte: UInt8(truncatingIfNeeded: number))
    case .word: return appendWord(token)
    case .token:
      defer { isAtLineStart = token == "\n" }
      return token == "\n" || isAtLineStart ? token : " " + token
    case .subword: return appendPiece(token, byte: vocabulary.subwords?.byteValues[Int(number)])
    }
  }

  private mutating func appendWord(_ token: String) -> String {
    defer { isAtLineStart = token == "\n" }
    if token == "\n" {
      (joinsNext, isInQuotes) = (false, false)
      return token
    }
    var joinsThis = isAtLineStart || joinsNext
    joinsNext = false
    switch token.unicodeScalars.first {
    case "\"":
      // Straight quotation marks alternately open and close.
      joinsThis = joinsThis || isInQuotes
      isInQuotes.toggle()
      joinsNext = isInQuotes
    case ".", ",", ";", ":", "!", "?", ")", "]", "}", "%", "…", "”", "’", "»": joinsThis = true
    case "(", "[", "{", "“", "‘", "«", "$", "#", "¿", "¡": joinsNext = true
    case "/", "_", "@": (joinsThis, joinsNext) = (true, true)
    default: break
    }
    return (joinsThis ? "" : " ") + token
  }

  private mutating func appendPiece(_ piece: String, byte: UInt8?) -> String {
    if let byte {
      let text = append(byte: byte)
      if !text.isEmpty { isAtLineStart = false }
      return text
    }
    let before = takeBytes()
    if piece == "\n" {
      isAtLineStart = true
      return before + piece
    }
    var text = piece.replacing("▁", with: " ")
    if isAtLineStart, before.isEmpty, text.hasPrefix(" ") { text.removeFirst() }
    isAtLineStart = false
    return before + text
  }

  /// The text that a byte completes.
  private mutating func append(byte: UInt8) -> String {
    bytes.append(byte)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      // UTF-8 characters have at most four bytes, so these are invalid.
      return bytes.count < 4 ? "" : takeBytes()
    }
    bytes = []
    return text
  }

  /// The pending bytes as text, with U+FFFD for invalid ones.
  private mutating func takeBytes() -> String {
    defer { bytes = [] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
