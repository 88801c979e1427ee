extension String {
  /// Whether the text is a number with a decimal comma.
  var hasDecimalComma: Bool { wholeMatch(of: /[+-]?\d+,\d+([eE][+-]?\d+)?/) != nil }

  /// Whether the text is a number with a sign and zeros before it, a comma and a digit, as in the hourly data of the NOAA, which
  /// is its quality.
  var hasQualityAfterComma: Bool { wholeMatch(of: /[+-]0\d{3,4},\d/) != nil }

  /// Whether the text may be a number with separators of thousands as well as one with a decimal comma.
  var hasThousands: Bool { wholeMatch(of: /[+-]?[1-9]\d{0,2}(,\d{3})+/) != nil }

  /// The option that reads a number with separators of thousands or a mark after it; nil for other texts.
  var numberAdvice: String? {
    if let mark = thousandsMark { return "use --thousands \(mark) for separators of thousands" }
    if wholeMatch(of: /[+-]?[1-9]\d?(,\d\d)+,\d{3}(\.\d+)?/) != nil {
      return "use --thousands , for separators of thousands"
    }
    if wholeMatch(of: /[+-]?\d[\d.,]*\s?[kKMB]/) != nil {
      return "write it with an exponent, as \(Self.magnitudeCommand) does"
    }
    if wholeMatch(of: /\([$€£¥₹]?\d[\d.,]*\)/) != nil {
      return
        "write negative numbers with a minus sign rather than in parentheses, as sed -E 's/\\(([0-9.,$€£¥]+)\\)/-\\1/g' does"
    }
    if let match = wholeMatch(of: /([<>≤≥~≈±])\s?([+-]?\d[\d.,]*)/) {
      return
        "use --flags '\(match.1)' to read it as \(match.2), or --missing-mark '\(self)' to take it as missing"
    }
    if hasUnusualDigits { return "write digits as 0 to 9" }
    if isNoFiniteNumber { return "use --missing-mark '\(self)' if it stands for a missing value" }
    if wholeMatch(of: /[+-]?[\d.]+[dD][+-]?\d+/) != nil {
      return "write exponents of Fortran with an E, as sed -E 's/([0-9.])[dD]([-+0-9])/\\1E\\2/g' does"
    }
    if wholeMatch(of: /(\d+ days? )?\d{1,3}:\d\d(:\d\d(\.\d+)?)?/) != nil {
      return "write times of day and durations as numbers, such as seconds"
    }
    if areIndexedNumbers {
      return
        "numbers with their index are LIBSVM's, which scikit-learn makes a table of: X, y ="
        + " load_svmlight_file(file); pandas.DataFrame(X.toarray()).assign(y=y).to_csv('table.csv', index=False)"
    }
    if areSeveralNumbers { return "use --separator space if blanks separate numbers" }
    if let match = wholeMatch(of: /[+-]?([$€£¥₹%])\s?[+-]?\d[\d.,]*/) {
      return "use --flags '\(match.1)' to leave the sign out"
    }
    if let match = wholeMatch(of: /[+-]?\d[\d.,]*\s?([$€£¥₹%])/) {
      return "use --flags '\(match.1)' to leave the sign out"
    }
    if let match = wholeMatch(of: /([A-Z]{1,2}[$]|[A-Z]{3}|[Kk]r\.?|Fr\.?|Rs\.?)\s?[+-]?\d[\d.,]*/),
      NumberLookalike.matches(self)
    {
      return "use --flags '\(match.1)' to leave the sign out"
    }
    guard let match = wholeMatch(of: /[+-]?\d+(?:[.,]\d+)?(?: ([a-z]{1,3})|([*†]|[a-zA-Z]))/),
      let flag = match.1 ?? match.2
    else { return nil }
    return "use --flags '\(flag)' if '\(flag)' is a mark of quality rather than a unit"
  }

  /// The command that writes thousands, millions and billions as exponents.
  static var magnitudeCommand: String {
    "sed -E 's/([0-9]) ?[kK]/\\1e3/g; s/([0-9]) ?M/\\1e6/g; s/([0-9]) ?B/\\1e9/g'"
  }

  /// The option for the character between groups of three digits of a number; nil if there is none such.
  var thousandsMark: String? {
    guard
      let match = wholeMatch(
        of: /[+-]?[1-9]\d{0,2}(?:([.,'’_ \u{A0}\u{202F}\u{2009}])\d{3})(?:\1\d{3})*(?:([.,])\d+)?/),
      let mark = match.1.first
    else { return nil }
    let decimal = match.2 == "," ? " --decimal ," : ""
    return switch mark {
    case ",": ","
    case ".": ". --decimal ,"
    case "'": "\"'\"" + decimal
    case "’", "_": "\(mark)" + decimal
    default: "space" + decimal
    }
  }

  /// Whether the text is a number with separators of thousands, a decimal comma, a sign of percent or of a currency, or
  /// an infinite one.
  var resemblesNumber: Bool {
    // Every text of a column of names is asked, for which regular expressions are too slow.
    if let first = utf8.first, first < 128, !"$+-0123456789".utf8.contains(first) {
      return Double(self) != nil
    }
    if areIndexedNumbers || areSeveralNumbers || isNoFiniteNumber || hasUnusualDigits { return true }
    return isMarkedNumber || Double(self) != nil
  }

  /// Whether the text consists of digits with separators between them, and perhaps a sign and that of a currency or of
  /// percent.
  private var isMarkedNumber: Bool {
    var rest = unicodeScalars[...]
    func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
    func skip(_ isMeant: (Unicode.Scalar) -> Bool) {
      if let first = rest.first, isMeant(first) { rest.removeFirst() }
    }
    skip { "$€£¥".unicodeScalars.contains($0) }
    skip { $0.properties.isWhitespace }
    skip { $0 == "+" || $0 == "-" }
    guard let first = rest.first, isDigit(first) else { return false }
    rest = rest.drop { isDigit($0) || ".,'_ \u{A0}".unicodeScalars.contains($0) }
    skip { $0.properties.isWhitespace }
    skip { "%$€£¥".unicodeScalars.contains($0) }
    return rest.isEmpty
  }

  /// Whether the text is one that programs write for what is no finite number, or one beyond all bounds.
  private var isNoFiniteNumber: Bool {
    if let value = Double(self) { return !value.isFinite }
    guard utf8.contains(where: { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "(") }) else { return false }
    return wholeMatch(of: /[+-]?(1\.#(INF|IND|QNAN|SNAN|NAN)\d*|nan\(\w*\))/.ignoresCase()) != nil
  }

  /// Whether the text has digits of other scripts than Latin, such as Arabic ones.
  private var hasUnusualDigits: Bool {
    !isEmpty && allSatisfy { $0.isNumber || ".,٫٬+-eE".contains($0) }
      && contains { $0.isNumber && !$0.isASCII }
  }

  /// Whether the text consists of several numbers with blanks between them.
  var areSeveralNumbers: Bool {
    guard utf8.contains(where: { $0 == 32 || $0 == 9 }) else { return false }
    let parts = split(maxSplits: 8, whereSeparator: \.isWhitespace)
    return parts.count > 1 && parts.prefix(8).allSatisfy { Double($0) != nil }
  }

  /// Whether the text consists of numbers with their index, such as `1:15.2`, and perhaps a first number without.
  var areIndexedNumbers: Bool {
    guard utf8.contains(UInt8(ascii: ":")) else { return false }
    let parts = split(maxSplits: 8, whereSeparator: \.isWhitespace).prefix(8)
    let isOne = parts.count == 1
    return parts.enumerated().allSatisfy { place, part in
      if place == 0, !isOne, Double(part) != nil { return true }
      let pair = part.split(separator: ":", maxSplits: 1)
      // A single pair of whole numbers may be a ratio.
      return pair.count == 2 && Int(pair[0]) != nil && Double(pair[1]) != nil
        && (!isOne || pair[1].contains(".") || pair[1].hasPrefix("-"))
    } && (!isOne || !hasClock)
  }

  private var hasClock: Bool { wholeMatch(of: /\d{1,2}:\d\d\.\d+/) != nil }
}
