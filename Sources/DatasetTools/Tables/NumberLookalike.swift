/// Texts that mean a number to people, such as `2.3 kWh`, `<0.5` or `(1.5)`. As categories they would be numbered in the
/// order of their characters, 10 before 9.
enum NumberLookalike {
  private static let currencies: Set<String> = [
    "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "NZD", "CNY", "RMB", "INR", "SEK", "NOK", "DKK", "BRL",
    "MXN",
    "KRW", "RUB", "ZAR", "PLN", "CZK", "TRY", "US", "A", "C", "R", "Rs", "Rs.", "kr", "kr.", "Fr", "Fr.",
  ]
  /// Characters before a number.
  private static let leading = Set("<>=≤≥~≈±+-−–(\"' \u{A0}$€£¥₹₽".unicodeScalars)
  /// Characters between the digits of a number, in any country.
  private static let inner = Set(".,'’_ \u{A0}\u{202F}".unicodeScalars)

  /// Whether a text without space around it is a number with other characters: a sign, a currency, a unit or a mark.
  /// Numbers after letters (`A12`), ordinals (`3rd`), ranges (`18-25`), dates and codes (`3f2a`) are names.
  static func matches(_ text: String) -> Bool {
    guard text.utf8.count <= 64, text.utf8.contains(where: { (48...57).contains($0) }) else { return false }
    var rest = Substring(text).unicodeScalars
    func isDigit(_ scalar: Unicode.Scalar) -> Bool { (48...57).contains(scalar.value) }
    let letters = rest.prefix { $0.properties.isAlphabetic || $0 == "." }
    if !letters.isEmpty {
      rest = rest.dropFirst(letters.count)
      let isMarked = rest.first.map { leading.contains($0) } ?? false
      // A single letter is one of a currency before its sign.
      guard currencies.contains(String(letters)) || letters.elementsEqual(".".unicodeScalars) else {
        return false
      }
      if letters.count == 1, letters.first != ".", rest.first != "$" { return false }
      if String(letters) == "US", rest.first != "$" { return false }
      if !isMarked, let first = rest.first, !isDigit(first) { return false }
    }
    rest = rest.drop { leading.contains($0) }
    if rest.first == "." { rest = rest.dropFirst() }
    guard let first = rest.first, isDigit(first) else { return false }
    let number = rest.prefix { isDigit($0) || inner.contains($0) }
    rest = rest.dropFirst(number.count)
    // The exponent, with D as in Fortran.
    if let mark = rest.first, ["e", "E", "d", "D"].contains(mark) {
      let power = rest.dropFirst()
      let digits =
        power.first.map { $0 == "+" || $0 == "-" || $0 == "−" } ?? false ? power.dropFirst() : power
      let count = digits.prefix(while: isDigit).count
      if count > 0 { rest = digits.dropFirst(count) }
    }
    if rest.first == ":" { return isClock(hour: number, rest.dropFirst()) }
    return isTail(rest, isWhole: number.allSatisfy(isDigit))
  }

  /// Whether texts before and after a colon are a time of day, of which 9:30 would follow 10:30.
  private static func isClock(hour: Substring.UnicodeScalarView, _ rest: Substring.UnicodeScalarView) -> Bool
  {
    let parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    guard let last = parts.last?.split(separator: ".", maxSplits: 1), let seconds = last.first else {
      return false
    }
    return hour.count <= 2 && parts.count <= 2 && last.dropFirst().allSatisfy { Int(String($0)) != nil }
      && (parts.dropLast() + [seconds]).allSatisfy { $0.count == 2 && Int(String($0)) != nil }
  }

  /// Whether a text after a number is a unit or a mark.
  private static func isTail(_ tail: Substring.UnicodeScalarView, isWhole: Bool) -> Bool {
    guard tail.count <= 12 else { return false }
    // A sign that follows, as in reports.
    if tail.count == 1, tail.first == "-" { return true }
    if isWhole, ["st", "nd", "rd", "th"].contains(String(tail)) { return false }
    var previous: Unicode.Scalar?
    for scalar in tail {
      // Square and cubic meters.
      if (48...57).contains(scalar.value) {
        guard previous == "m" || previous == "^", scalar == "2" || scalar == "3" else { return false }
      }
      // Ranges, dates and times.
      if previous == nil, ["-", "–", ":", "/"].contains(scalar) { return false }
      previous = scalar
    }
    return true
  }
}
