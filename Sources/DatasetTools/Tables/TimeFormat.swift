import CTime
import Foundation
import WeftBase

/// A format of times as of `strptime`, with what the C library leaves unsaid: parts that a format lacks are the first ones,
/// dates that no calendar has are refused, seconds may have a fraction, and months their names in other languages.
struct TimeFormat {
  private let text: String
  /// The letters of its fields.
  private let fields: Set<Character>
  /// The format up to its seconds; nil if it has none.
  private let seconds: String?

  init(_ text: String) {
    // Fractions are read after any seconds.
    self.text = text.replacing(/(%[ST])[.,:]%f/) { "\($0.1)" }
    fields = Self.fields(of: self.text)
    seconds = self.text.matches(of: /%[ST]/).last.map { [text = self.text] in
      String(text[..<$0.range.upperBound])
    }
  }

  private static func fields(of text: String) -> Set<Character> {
    var (fields, rest) = (Set<Character>(), text[...])
    while let start = rest.firstIndex(of: "%") {
      rest = rest[rest.index(after: start)...].drop { "EO_-0^#".contains($0) }
      if let field = rest.popFirst() { fields.insert(field) }
    }
    return fields.subtracting(["%"])
  }

  /// - Throws: If a format has no fields, or some that the C library accepts without evaluating them.
  static func check(_ text: String) throws(WeftError) {
    func failure(_ message: String) -> WeftError { .usage("--time-format: \(message)") }
    let fields = fields(of: text)
    if fields.isEmpty { throw failure("'\(text)' has no field such as %Y or %H") }
    if fields.contains("Z") {
      throw failure(
        "%Z reads the name of a time zone without its meaning; use %z for offsets such as +0100, or write the name"
          + " itself, such as UTC, and tell the zone with --time-zone")
    }
    if fields.contains("f"), text.replacing(/%[ST][.,:]%f/, with: "").contains("%f") {
      throw failure("%f is read after %S alone, as in %H:%M:%S.%f")
    }
    if let field = fields.sorted().first(where: { "GgVu".contains($0) }) {
      throw failure(
        "%\(field) counts weeks of ISO 8601, which are not read; use a column with a date, such as %Y-%m-%d")
    }
    if let field = fields.sorted().first(where: { "UW".contains($0) }), fields.isDisjoint(with: "aAw") {
      throw failure("%\(field) alone does not tell a day; use a column with a date, such as %Y-%m-%d")
    }
    // Of other hours, the C library reads AM and PM without regard.
    if !fields.isDisjoint(with: "pP"), fields.isDisjoint(with: "Ilrc") {
      throw failure("%p tells apart hours of %I, not of %H")
    }
    if !fields.isDisjoint(with: "Il"), fields.isDisjoint(with: "pP") {
      throw failure("%I reads hours up to 12, which need %p; use %H for hours up to 23")
    }
    let known = "aAbBhcCdeDfFHIjklmMnpPrRsStTuUwWxXyYz"
    if let field = fields.sorted().first(where: { !known.contains($0) }) {
      throw failure("'%\(field)' is not a field of a time; see strptime")
    }
  }

  /// Whether its times say their offset.
  var isAbsolute: Bool { fields.contains("z") || fields.contains("s") }

  /// A time as the format reads it.
  enum Reading {
    /// Seconds since 1970, as if local times were of UTC, and whether the time says its offset.
    case time(Double, isAbsolute: Bool)
    /// Why a text is not a time; nil if it is just another one.
    case unreadable(String?)
  }

  /// Reads a time, or the beginning of an interval.
  func read(_ trimmed: String) -> Reading {
    let reading = parse(trimmed)
    // The end of a day is the beginning of the next one.
    guard case .unreadable(.none) = reading,
      fields.contains("H") || fields.contains("R") || fields.contains("T"),
      let hour = trimmed.range(of: "24:00", options: .backwards)
        ?? (trimmed.hasSuffix(" 24") ? trimmed.range(of: "24", options: .backwards) : nil)
    else { return reading }
    let rest = trimmed[hour.upperBound...]
    guard hour.lowerBound == trimmed.startIndex || !trimmed[trimmed.index(before: hour.lowerBound)].isNumber,
      rest.allSatisfy({ ":0".contains($0) }) || rest.hasPrefix(" "),
      case .time(let seconds, let isAbsolute) = parse(
        trimmed.replacingCharacters(in: hour, with: "00" + trimmed[hour].dropFirst(2)))
    else { return reading }
    return .time(seconds + 86_400, isAbsolute: isAbsolute)
  }

  private func parse(_ trimmed: String) -> Reading {
    let reading = parseWhole(trimmed)
    guard case .unreadable(nil) = reading else { return reading }
    let isNamed = !fields.isDisjoint(with: "bBh")
    if isNamed, let text = MonthNames.inEnglish(trimmed) { return parse(text) }
    guard let (text, fraction) = withoutFraction(trimmed),
      case .time(let whole, let isAbsolute) = parseWhole(text)
    else { return reading }
    return .time(whole + fraction, isAbsolute: isAbsolute)
  }

  /// A time without the fraction of its seconds, and the fraction, which follows a point or a comma, or has three digits
  /// or more after a colon; nil if it has none.
  private func withoutFraction(_ trimmed: String) -> (text: String, fraction: Double)? {
    guard let seconds else { return nil }
    let end = trimmed.withCString { start -> Int? in
      var parts = tm()
      return strptime(start, seconds, &parts).map { UnsafePointer($0) - start }
    }
    guard let end else { return nil }
    let (start, rest) = (trimmed.utf8.prefix(end), trimmed.utf8.dropFirst(end))
    guard let mark = rest.first, ".,:".utf8.contains(mark) else { return nil }
    let isColon = mark == UInt8(ascii: ":")
    let all = rest.dropFirst().prefix { (48...57).contains($0) }
    let digits = all.prefix(9)
    guard digits.count >= (isColon ? 3 : 1),
      let fraction = Double("0." + String(decoding: digits, as: UTF8.self))
    else { return nil }
    let others = rest[(isColon ? digits : all).endIndex...]
    return (String(decoding: start, as: UTF8.self) + String(decoding: others, as: UTF8.self), fraction)
  }

  private func parseWhole(_ trimmed: String) -> Reading {
    var parts = tm()
    parts.tm_mday = 1
    if !fields.contains("Y") { parts.tm_year = 70 }
    let isWhole = trimmed.withCString { start -> Bool in
      guard let end = strptime(start, text, &parts) else { return false }
      // Of an interval, the beginning counts.
      return end.pointee == 0 || String(cString: end).hasPrefix(" - ")
    }
    guard isWhole else { return .unreadable(nil) }
    if fields.contains("s") { return .time(Double(mktime(&parts)), isAbsolute: true) }
    if fields.contains("Y") || fields.contains("F"), parts.tm_year < 100 - 1900 {
      return .unreadable("is of the year \(parts.tm_year + 1900); use %y for years of two digits")
    }
    var date = tm()
    (date.tm_year, date.tm_mon, date.tm_mday) = (parts.tm_year, parts.tm_mon, parts.tm_mday)
    _ = timegm(&date)
    guard date.tm_mday == parts.tm_mday, date.tm_mon == parts.tm_mon, date.tm_year == parts.tm_year else {
      return .unreadable("is a day that does not exist")
    }
    let offset = fields.contains("z") ? parts.tm_gmtoff : 0
    return .time(Double(timegm(&parts) - offset), isAbsolute: fields.contains("z"))
  }
}
