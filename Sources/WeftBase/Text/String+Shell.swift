extension String {
  /// The text as one word of a shell.
  package var shellQuoted: String {
    if !isEmpty, wholeMatch(of: /[A-Za-z0-9_.,\/=:+-]+/) != nil { return self }
    return "'\(replacing("'", with: "'\\''"))'"
  }
}
