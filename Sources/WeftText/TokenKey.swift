/// A token as the key of a dictionary, which equals those of the same UTF-8 alone: strings compare by canonical equivalence, by
/// which U+00C5 equals U+212B, the ångström sign.
package struct TokenKey: Hashable, Sendable {
  /// The token.
  package let text: Substring

  /// - Parameter text: The token, which keeps all of the text that it is part of in memory.
  package init(_ text: Substring) { self.text = text }

  /// The same key, but without the text that the token is part of.
  package var detached: TokenKey { TokenKey(Substring(String(text))) }

  package static func == (one: TokenKey, other: TokenKey) -> Bool {
    one.text.utf8.elementsEqual(other.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var (word, count) = (UInt64(0), 0)
    for byte in text.utf8 {
      word = word << 8 | UInt64(byte)
      count += 1
      if count.isMultiple(of: 8) { hasher.combine(word) }
    }
    hasher.combine(word)
    hasher.combine(count)
  }
}
