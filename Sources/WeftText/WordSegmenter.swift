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
    let scalars = ScalarPlaces(text)
    var words: [Substring] = []
    var start = 0
    while start < scalars.end {
      let first = scalars[start]
      var end = scalars.place(after: start)
      if isWordPart(first) {
        end = endOfWord(in: scalars, from: start)
      } else if first == "<", let special = special(in: scalars, at: start) {
        end = special
      } else if first == "\r", end < scalars.end, scalars[end] == "\n" {
        start = end
        continue
      } else if first != "\n" {
        if isSpace(first) {
          start = end
          continue
        }
        while end < scalars.end, scalars[end] == first { end = scalars.place(after: end) }
      }
      words.append(scalars.text(start..<end))
      start = end
    }
    return words
  }

  /// The parts of a text between spaces, and its line breaks, which are tokens.
  package static func tokens(_ text: String) -> [Substring] {
    let scalars = ScalarPlaces(text)
    var tokens: [Substring] = []
    var (start, place) = (0, 0)
    while place < scalars.end {
      let (scalar, next) = (scalars[place], scalars.place(after: place))
      if isSpace(scalar) {
        if start < place { tokens.append(scalars.text(start..<place)) }
        start = next
        if scalar == "\n" { tokens.append(scalars.text(place..<next)) }
      }
      place = next
    }
    if start < scalars.end { tokens.append(scalars.text(start..<scalars.end)) }
    return tokens
  }

  /// The end of the special token at a place; nil if there is none.
  private static func special(in scalars: ScalarPlaces, at place: Int) -> Int? {
    Vocabulary.specialTokens.first { scalars.has($0, at: place) }.map { place + $0.utf8.count }
  }

  private static func endOfWord(in scalars: ScalarPlaces, from start: Int) -> Int {
    var end = start
    var last = scalars[start]
    while end < scalars.end {
      let scalar = scalars[end]
      if !isWordPart(scalar) {
        let following = scalars.place(after: end)
        guard following < scalars.end, isWordPart(scalars[following]) else { return end }
        switch scalar {
        case "'", "’", "-": break
        case ".", ",", ":":
          guard isDigit(last), isDigit(scalars[following]) else { return end }
        default: return end
        }
      }
      last = scalar
      end = scalars.place(after: end)
    }
    return end
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII ? scalar == " " || ("\t"..."\r").contains(scalar) : scalar.properties.isWhitespace
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isASCII
      ? ("0"..."9").contains(scalar) : scalar.properties.generalCategory == .decimalNumber
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
