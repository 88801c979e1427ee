import Foundation
import WeftBase

/// Times in tables: numbers, or ISO 8601 dates with or without a time of day.
enum Timestamp {
  /// Seconds since 1970 in UTC, or the number as it is; nil for anything else.
  static func value(_ text: String) -> Double? {
    let text = MissingValues.trimmed(text)
    if let seconds = plainTime(text.utf8.span) { return seconds }
    if let number = Double(text) { return number.isFinite ? number : nil }
    // Quarters as people write them, Q3 2026.
    if text.utf8.count == 7, text.utf8.first == UInt8(ascii: "Q"), text.dropFirst(2).first == " " {
      return date(Array((text.suffix(4) + text.prefix(2)).utf8))
    }
    return date(Array(text.utf8))
  }

  /// Seconds of `YYYY-MM-DD`, `YYYY-MM-DD hh:mm` or `YYYY-MM-DD hh:mm:ss`, as most tables write times; nil for all others.
  private static func plainTime(_ text: Span<UInt8>) -> Double? {
    let count = text.count
    guard count == 10 || count == 16 || count == 19, text[4] == UInt8(ascii: "-"),
      text[7] == UInt8(ascii: "-")
    else { return nil }
    /// Two digits; a number out of all bounds for others.
    func pair(_ index: Int) -> Int {
      let (tens, ones) = (Int(text[index]) - 48, Int(text[index + 1]) - 48)
      return (0...9).contains(tens) && (0...9).contains(ones) ? tens * 10 + ones : 10_000
    }
    let year = pair(0) * 100 + pair(2)
    guard year < 10_000, let day = day(year: year, month: pair(5), day: pair(8)) else { return nil }
    let seconds = Double(day) * 86_400
    if count == 10 { return seconds }
    guard text[10] == UInt8(ascii: " ") || text[10] == UInt8(ascii: "T"), text[13] == UInt8(ascii: ":"),
      count == 16 || text[16] == UInt8(ascii: ":")
    else { return nil }
    let (hour, minute, second) = (pair(11), pair(14), count == 16 ? 0 : pair(17))
    guard hour < 24, minute < 60, second < 60 else { return nil }
    return seconds + Double(hour * 3600 + minute * 60 + second)
  }

  /// `YYYY-MM-DD`, then after a `T` or space `hh:mm`, `:ss`, a fraction, and `Z`, ` UTC` or an offset `±hh:mm`; also with `/`
  /// between the parts of the date, or as `YYYYMMDDThhmmss`. Of months, `YYYY-MM` or
  /// `YYYYMmm`, quarters, `YYYYQn`, half-years, `YYYYHn` or `YYYY-Sn`, and weeks, `YYYY-Www`, the first day.
  private static func date(_ text: [UInt8]) -> Double? {
    var rest = text[...]
    func digits(_ count: Int) -> Int? {
      guard rest.count >= count, rest.prefix(count).allSatisfy({ (48...57).contains($0) }) else { return nil }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count).reduce(0) { $0 * 10 + Int($1) - 48 }
    }
    func mark(_ marks: String) -> Bool {
      guard let first = rest.first, marks.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = digits(4) else { return nil }
    let isBasic = rest.dropFirst(4).first == UInt8(ascii: "T")
    if mark("M") {
      guard let month = digits(2), rest.isEmpty else { return nil }
      return day(year: year, month: month, day: 1).map { Double($0) * 86400 }
    }
    guard isBasic || mark("-/ ") || rest.first.map({ "QWHS".utf8.contains($0) }) ?? false else { return nil }
    if mark("W") {
      guard let week = digits(2), rest.isEmpty else { return nil }
      return monday(ofWeek: week, year: year).map { Double($0) * 86400 }
    }
    if mark("Q") {
      guard let quarter = digits(1), rest.isEmpty, (1...4).contains(quarter) else { return nil }
      return day(year: year, month: 3 * quarter - 2, day: 1).map { Double($0) * 86400 }
    }
    if mark("HS") {
      guard let half = digits(1), rest.isEmpty, (1...2).contains(half) else { return nil }
      return day(year: year, month: 6 * half - 5, day: 1).map { Double($0) * 86400 }
    }
    guard text.count < 5 || text[4] != UInt8(ascii: " "), let month = digits(2) else { return nil }
    if rest.isEmpty { return day(year: year, month: month, day: 1).map { Double($0) * 86400 } }
    guard isBasic || mark("-/"), let dayOfMonth = digits(2),
      let day = day(year: year, month: month, day: dayOfMonth)
    else { return nil }
    var seconds = Double(day) * 86400
    if rest.isEmpty { return seconds }
    guard mark("T "), let hour = digits(2), isBasic || mark(":"), let minute = digits(2),
      hour * 60 + minute <= 1440, minute < 60
    else {
      return nil
    }
    seconds += Double(hour * 3600 + minute * 60)
    if mark(":") || isBasic && rest.first.map({ (48...57).contains($0) }) ?? false {
      guard let second = digits(2), second < 61 else { return nil }
      seconds += Double(second)
      if mark(".,") {
        let fraction = rest.prefix { (48...57).contains($0) }
        rest = rest.dropFirst(fraction.count)
        seconds += Double("0." + String(decoding: fraction, as: UTF8.self)) ?? 0
      }
    }
    // As databases write it.
    if rest.elementsEqual(" UTC".utf8) { return seconds }
    if mark("Z") || rest.isEmpty { return rest.isEmpty ? seconds : nil }
    let isNegative = rest.first == UInt8(ascii: "-")
    guard mark("+-"), let hours = digits(2) else { return nil }
    _ = mark(":")
    guard let minutes = rest.isEmpty ? 0 : digits(2), rest.isEmpty else { return nil }
    let offset = Double(hours * 3600 + minutes * 60)
    return isNegative ? seconds + offset : seconds - offset
  }

  /// Whether a text begins with a date that no calendar has, such as 2026-02-30.
  static func hasImpossibleDate(_ text: String) -> Bool {
    let text = MissingValues.trimmed(text).prefix(10)
    guard text.wholeMatch(of: /\d{4}[-\/]\d{2}[-\/]\d{2}/) != nil else { return false }
    return value(String(text)) == nil
  }

  /// The first day of a week of ISO 8601, of which the first has the fourth of January; nil if there is no such week.
  private static func monday(ofWeek week: Int, year: Int) -> Int? {
    guard week >= 1, let fourth = day(year: year, month: 1, day: 4) else { return nil }
    // 1970-01-01 was a Thursday, the fourth day of its week.
    let monday = fourth - ((fourth + 3) % 7 + 7) % 7 + 7 * (week - 1)
    return CivilDay(number: monday + 3).year == year ? monday : nil
  }

  /// Days since 1970-01-01; nil if there is no such day.
  static func day(year: Int, month: Int, day: Int) -> Int? {
    CivilDay(year: year, month: month, day: day)?.number
  }
}
