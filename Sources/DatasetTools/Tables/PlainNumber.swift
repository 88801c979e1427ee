/// Numbers as most tables write them, which are read several times as fast as by the standard library.
enum PlainNumber {
  /// Powers of ten, which double precision has as they are.
  private static let powers = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]
  /// Whole numbers of so many digits are in double precision as they are.
  private static var mostDigits: Int { 15 }

  /// The number that digits with a sign and a decimal mark stand for, with blanks around them; nil for all other texts, which
  /// may be numbers as well.
  ///
  /// Digits and a power of ten that are both exact have a quotient that is rounded once (Clinger, "How to read floating point
  /// numbers accurately", 1990).
  static func value(_ text: Span<UInt8>, decimal: UInt8) -> Double? {
    var (index, end) = (0, text.count)
    while index < end, isBlank(text[index]) { index += 1 }
    while index < end, isBlank(text[end - 1]) { end -= 1 }
    guard index < end else { return nil }
    let isNegative = text[index] == UInt8(ascii: "-")
    if isNegative || text[index] == UInt8(ascii: "+") { index += 1 }
    var (digits, fraction) = (0, 0)
    var isFraction = false
    var whole: Int64 = 0
    while index < end {
      let byte = text[index]
      index += 1
      if byte == decimal, !isFraction, digits > 0, index < end {
        isFraction = true
        continue
      }
      guard byte >= 48, byte < 58, digits < mostDigits else { return nil }
      whole = whole &* 10 &+ Int64(byte &- 48)
      digits += 1
      if isFraction { fraction += 1 }
    }
    guard digits > 0 else { return nil }
    let value = Double(whole) / powers[fraction]
    return isNegative ? -value : value
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
}
