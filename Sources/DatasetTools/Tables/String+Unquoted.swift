extension String {
  /// The text without blanks and quotes around it.
  var unquoted: String {
    let text = MissingValues.trimmed(self)
    let isQuoted = text.count >= 2 && text.first == text.last && ["'", "\""].contains(text.first)
    return isQuoted ? String(text.dropFirst().dropLast()) : text
  }

  /// How often a character stands outside quotation marks.
  func unquotedCount(of mark: String) -> Int {
    split(separator: "\"", omittingEmptySubsequences: false).enumerated()
      .reduce(0) {
        $0
          + ($1.offset.isMultiple(of: 2)
            ? $1.element.split(separator: mark, omittingEmptySubsequences: false).count - 1 : 0)
      }
  }
}
