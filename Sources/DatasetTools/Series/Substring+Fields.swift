extension Substring {
  /// The texts between separators of ASCII. Splitting by characters would look for accents that combine, several times as
  /// slowly.
  func fields(between separator: UInt8) -> [Substring] {
    utf8.split(separator: separator, omittingEmptySubsequences: false).map { Substring($0) }
  }
}
