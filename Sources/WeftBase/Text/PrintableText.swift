/// Text from files, made safe to show.
///
/// Control characters can move a terminal's cursor, change its colors and title or type into it; overrides of the
/// writing direction show a text in another order than it has. They are shown as escapes, as Swift writes them:
/// `\u{1B}`.
extension Unicode.Scalar {
  /// Whether the scalar controls how text is shown, rather than being shown.
  package var isControl: Bool {
    switch value {
    // C0, DEL and C1; line and paragraph separators, embeddings and overrides of direction; isolates; what XML forbids.
    case 0...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069, 0xFFFE...0xFFFF: true
    default: false
    }
  }

  /// The scalar as an escape.
  fileprivate var escape: String {
    switch self {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    case "\0": "\\0"
    default: "\\u{\(String(value, radix: 16, uppercase: true))}"
    }
  }
}

extension String {
  /// The text with control characters as escapes.
  ///
  /// - Parameter keepsLines: Whether line breaks and tabs stay as they are; `\r\n` becomes a line break.
  package func printable(keepsLines: Bool = false) -> String {
    if !unicodeScalars.contains(where: \.isControl) { return self }
    var result = String.UnicodeScalarView()
    var afterReturn = false
    for scalar in unicodeScalars {
      defer { afterReturn = scalar == "\r" }
      if !scalar.isControl {
        result.append(scalar)
      } else if keepsLines, scalar == "\n" || scalar == "\r" || scalar == "\t" {
        if scalar == "\n", afterReturn { continue }
        result.append(scalar == "\r" ? "\n" : scalar)
      } else {
        result.append(contentsOf: scalar.escape.unicodeScalars)
      }
    }
    return String(result)
  }

  /// The text in at most a number of bytes of UTF-8, and a few more: what is too much is left out in the middle, since a
  /// message names its file first and the fix last.
  package func shortened(to limit: Int) -> String {
    guard utf8.count > limit else { return self }
    let (head, tail) = (2 * limit / 3, limit / 3)
    // Decoding replaces a scalar that is cut.
    return String(decoding: utf8.prefix(head), as: UTF8.self)
      + " … (\(utf8.count - head - tail) bytes left out) … "
      + String(decoding: utf8.suffix(tail), as: UTF8.self)
  }

  /// A message for one line of a terminal: printable, and not longer than anyone reads.
  package var asMessage: String { printable().shortened(to: 4000) }

  /// The text as content or a double-quoted attribute of XML and HTML.
  ///
  /// - Parameter keepsLines: As of ``printable(keepsLines:)``.
  package func escapedMarkup(keepsLines: Bool = false) -> String {
    var result = ""
    for character in printable(keepsLines: keepsLines).unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  /// The text as a code block of Markdown, each line indented.
  package var asMarkdownCode: String {
    printable(keepsLines: true).split(separator: "\n", omittingEmptySubsequences: false)
      .map { "    \($0)" }.joined(separator: "\n")
  }

  /// A JSON document with the control characters that JSON allows in texts as its escapes.
  package var escapingControlsInJSON: String {
    func isAllowed(_ scalar: Unicode.Scalar) -> Bool { !scalar.isControl || scalar == "\n" }
    if unicodeScalars.allSatisfy(isAllowed) { return self }
    var result = ""
    for scalar in unicodeScalars {
      if isAllowed(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return result
  }
}
