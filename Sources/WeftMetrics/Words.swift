/// The words of a text, separated by white space, as UTF-8: Swift strings compare by canonical equivalence, which metrics
/// do not.
func words(of text: String) -> [[UInt8]] {
  text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map { Array(String($0).utf8) }
}
