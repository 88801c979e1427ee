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
    return hour.count <= 2 && parts.count <= 2 && parts.allSatisfy { $0.count == 2 && Int(String($0)) != nil }
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

extension String {
  /// Whether the text is a number with a decimal comma.
  var hasDecimalComma: Bool { wholeMatch(of: /[+-]?\d+,\d+/) != nil }

  /// Whether the text may be a number with separators of thousands as well as one with a decimal comma.
  var hasThousands: Bool { wholeMatch(of: /[+-]?[1-9]\d{0,2}(,\d{3})+/) != nil }

  /// The option that reads a number with separators of thousands or a mark after it; nil for other texts.
  var numberAdvice: String? {
    if let mark = thousandsMark { return "use --thousands \(mark) for separators of thousands" }
    if wholeMatch(of: /\([$€£¥₹]?\d[\d.,]*\)/) != nil {
      return "write negative numbers with a minus sign rather than in parentheses"
    }
    if let match = wholeMatch(of: /[+-]?([$€£¥₹%])\s?[+-]?\d[\d.,]*/) {
      return "use --flags '\(match.1)' to leave the sign out"
    }
    if let match = wholeMatch(of: /[+-]?\d[\d.,]*\s?([$€£¥₹%])/) {
      return "use --flags '\(match.1)' to leave the sign out"
    }
    guard let match = wholeMatch(of: /[+-]?\d+(?:[.,]\d+)?(?: ([a-z]{1,3})|([*†]))/),
      let flag = match.1 ?? match.2
    else { return nil }
    return "use --flags '\(flag)' if '\(flag)' is a mark of quality rather than a unit"
  }

  /// The option for the character between groups of three digits of a number; nil if there is none such.
  var thousandsMark: String? {
    guard
      let match = wholeMatch(
        of: /[+-]?[1-9]\d{0,2}(?:([.,'’ \u{A0}\u{202F}\u{2009}])\d{3})(?:\1\d{3})*(?:[.,]\d+)?/),
      let mark = match.1.first
    else { return nil }
    return switch mark {
    case ",": ","
    case ".": ". --decimal ,"
    case "'": "\"'\""
    case "’": "’"
    default: "space"
    }
  }

  /// Whether the text is a number with separators of thousands, a decimal comma, a sign of percent or of a currency, or
  /// an infinite one.
  var resemblesNumber: Bool {
    // Names are told by their first byte, without the expression, which is slow.
    if let first = utf8.first, first < 128, !"$+-0123456789".utf8.contains(first) {
      return Double(self) != nil
    }
    return wholeMatch(of: /[$€£¥]?\s?[+-]?\d[\d.,'_ \u{A0}]*\s?[%$€£¥]?/) != nil || Double(self) != nil
  }
}
