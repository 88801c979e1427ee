extension String {
  /// The text without white space of any kind before and after it, such as a no-break space, by which a class would be another
  /// one.
  var withoutOuterSpace: String {
    guard first?.isWhitespace == true || last?.isWhitespace == true else { return self }
    return String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }

  /// The text with line ends `\n`.
  var withPlainLineEnds: String {
    utf8.contains(UInt8(ascii: "\r")) ? replacing("\r\n", with: "\n") : self
  }
}
