extension Vocabulary {
  /// The distinct words or characters of a text that have no token, in order of appearance. Subword models
  /// and bytes encode any text.
  package func unknownParts(of text: String) -> [String] {
    let text = isLowercase ? text.lowercased() : text
    let parts: [String] =
      switch unit {
      case .character: text.unicodeScalars.map(String.init)
      case .word: WordSegmenter.words(text).map(String.init)
      case .token: WordSegmenter.tokens(text).map(String.init)
      case .subword, .byte: []
      }
    var unknown: [String] = []
    for part in parts where number(of: part) == nil && !unknown.contains(part) { unknown.append(part) }
    return unknown
  }
}
