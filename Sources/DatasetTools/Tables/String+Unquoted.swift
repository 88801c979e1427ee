extension String {
  /// The text without blanks and quotes around it.
  var unquoted: String {
    let text = MissingValues.trimmed(self)
    let isQuoted = text.count >= 2 && text.first == text.last && ["'", "\""].contains(text.first)
    return isQuoted ? String(text.dropFirst().dropLast()) : text
  }
}
