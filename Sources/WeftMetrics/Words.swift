/// What white space separates, as UTF-8: Swift holds texts to be equal that Unicode calls equivalent, metrics do not.
func words(of text: String) -> [[UInt8]] {
  text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map { Array(String($0).utf8) }
}
