/// The transcripts of recordings by their names, to find those that have two.
struct Transcripts {
  private var found: [String: (hash: UInt64, line: Int)] = [:]

  /// The line where a recording has another transcript than here; nil if it has none.
  ///
  /// - Parameters:
  ///   - text: The transcript here.
  ///   - name: The recording.
  ///   - line: This line.
  mutating func line(ofOther text: String, of name: String, _ line: Int) -> Int? {
    let hash = ContentHash(text.utf8).value
    guard let known = found[name] else {
      found[name] = (hash, line)
      return nil
    }
    return known.hash == hash ? nil : known.line
  }
}
