/// Makes text of tokens, one after the other as they are chosen.
///
/// Characters follow each other. Words are joined by spaces, but for punctuation, which sits against the word before
/// or after it as in English print. Of pieces, `▁` is a space, which is left out at the beginning of a line; bytes
/// become text when they make up a character. `<pad>`, `<bos>` and `<eos>` have no text.
package struct TokenText {
  private let vocabulary: Vocabulary
  private var isAtLineStart = true
  /// Whether the word before wants no space after it.
  private var joinsNext = false
  private var isInQuotes = false
  private var bytes: [UInt8] = []

  package init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  /// The text by which a token goes on with what came before.
  package mutating func append(_ number: Int32) -> String {
    let token = vocabulary.tokens[Int(number)]
    if vocabulary.isSilent(number) { return "" }
    switch vocabulary.unit {
    case .character: return token
    case .word: return appendWord(token)
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
      // Straight quotation marks open and close by turns.
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
      bytes.append(byte)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        // No character has more than four bytes: these will never be one.
        if bytes.count < 4 { return "" }
        return takeBytes()
      }
      bytes = []
      isAtLineStart = false
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

  /// What bytes are left that make no character, with U+FFFD for them.
  private mutating func takeBytes() -> String {
    defer { bytes = [] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
