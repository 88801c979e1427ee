/// Segments text into words by a simple rule:
///
/// - spaces separate tokens and are dropped; a line break is a token;
/// - a word is a run of letters, marks and digits; `'`, `’` and `-` between two of them belong to the word, and so do
///   `.`, `,` and `:` between two digits;
/// - `<unk>`, `<pad>`, `<bos>` and `<eos>` are tokens;
/// - any other run of the same character is a token: `,`, `"`, `...`, `--`.
///
/// A simplification of Unicode word boundaries (UAX #29). Scripts without spaces are not segmented.
package enum WordSegmenter {
  /// The words of a text.
  package static func words(_ text: String) -> [Substring] {
    var words: [Substring] = []
    let scalars = text.unicodeScalars
    var start = scalars.startIndex
    while start < scalars.endIndex {
      let first = scalars[start]
      var end = scalars.index(after: start)
      if isWordPart(first) {
        end = endOfWord(in: scalars, from: start)
      } else if first == "<", let special = special(in: scalars[start...]) {
        end = special
      } else if first == "\r", end < scalars.endIndex, scalars[end] == "\n" {
        start = end
        continue
      } else if first != "\n" {
        if first.properties.isWhitespace {
          start = end
          continue
        }
        while end < scalars.endIndex, scalars[end] == first { end = scalars.index(after: end) }
      }
      words.append(text[start..<end])
      start = end
    }
    return words
  }

  /// The parts of a text between spaces, and its line breaks, which are tokens.
  package static func tokens(_ text: String) -> [Substring] {
    var tokens: [Substring] = []
    let scalars = text.unicodeScalars
    var start = scalars.startIndex
    for place in scalars.indices where scalars[place].properties.isWhitespace {
      if start < place { tokens.append(text[start..<place]) }
      start = scalars.index(after: place)
      if scalars[place] == "\n" { tokens.append(text[place..<start]) }
    }
    if start < scalars.endIndex { tokens.append(text[start...]) }
    return tokens
  }

  /// The end of the special token that a text begins with; nil if it begins with none.
  private static func special(in scalars: Substring.UnicodeScalarView) -> String.Index? {
    for token in Vocabulary.specialTokens where scalars.starts(with: token.unicodeScalars) {
      return scalars.index(scalars.startIndex, offsetBy: token.unicodeScalars.count)
    }
    return nil
  }

  private static func endOfWord(in scalars: String.UnicodeScalarView, from start: String.Index)
    -> String.Index
  {
    var end = start
    var last = scalars[start]
    while end < scalars.endIndex {
      let scalar = scalars[end]
      if !isWordPart(scalar) {
        let following = scalars.index(after: end)
        guard following < scalars.endIndex, isWordPart(scalars[following]) else { return end }
        switch scalar {
        case "'", "’", "-": break
        case ".", ",", ":":
          guard isDigit(last), isDigit(scalars[following]) else { return end }
        default: return end
        }
      }
      last = scalar
      end = scalars.index(after: end)
    }
    return end
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.generalCategory == .decimalNumber
  }

  private static func isWordPart(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9": return true
      default: return false
      }
    }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .enclosingMark, .decimalNumber, .letterNumber, .otherNumber:
      return true
    default: return false
    }
  }
}
