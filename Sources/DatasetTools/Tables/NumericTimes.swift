import Foundation
import WeftBase

/// What the numbers of a time column mean.
public enum TimeUnit: String, Sendable, CaseIterable {
  /// Seconds since 1970, or the number as it is.
  case seconds = "s"
  /// Milliseconds since 1970.
  case milliseconds = "ms"
  /// Microseconds since 1970.
  case microseconds = "us"
  /// Nanoseconds since 1970.
  case nanoseconds = "ns"
  /// Days since 1899-12-30, as spreadsheets count them, with a fraction for the time of day.
  case excel
  /// Seconds, milliseconds, microseconds or nanoseconds since 1970, each number by its size.
  case mixed
  /// Hours and minutes since a beginning, such as 47:35, of which there may be more than 24, and perhaps seconds.
  case elapsed = "elapsed"
  /// Digits of a year, month, day, hour, minute and second, such as 20260131 or 2026.
  case digits

  /// Whether the times are those of a local clock.
  var isLocal: Bool { self == .digits || self == .excel }

  /// Seconds of a number; nil if it is none.
  func seconds(_ text: String) -> Double? {
    let perSecond: Int
    switch self {
    case .seconds: return Double(text).flatMap { $0.isFinite ? $0 : nil }
    case .milliseconds: perSecond = 1000
    case .microseconds: perSecond = 1_000_000
    case .nanoseconds: perSecond = 1_000_000_000
    case .excel: return Spreadsheet.seconds(text)
    case .digits: return NumericTimes.date(text)
    case .elapsed: return NumericTimes.elapsed(text)
    case .mixed:
      guard let value = Double(text), let unit = NumericTimes.unitOfMoment(value) else { return nil }
      return unit.seconds(text)
    }
    // Nanoseconds have more digits than a number in double precision.
    if let whole = Int(text) {
      return Double(whole / perSecond) + Double(whole % perSecond) / Double(perSecond)
    }
    return Double(text).flatMap { $0.isFinite ? $0 / Double(perSecond) : nil }
  }
}

/// Dates as spreadsheets count them.
enum Spreadsheet {
  /// 1970-01-01 and the days from 1950 to 2100, which are seldom other numbers.
  private static let (epoch, usual) = (25_569.0, 18_264.0..<73_051)

  /// The beginning of 2100, in seconds since 1970, after which tables have no times.
  static let end = (usual.upperBound - epoch) * 86_400

  /// Whether a number may be such a date.
  static func isUsual(_ value: Double) -> Bool { usual.contains(value) }

  /// Whether the fraction of a day may be a whole number of milliseconds, or of seconds where it has six digits. Others have
  /// too few to tell, or are those of milliseconds whatever they are.
  static func isTick(_ text: String, _ value: Double) -> Bool {
    let digits = text.split(separator: ".").dropFirst().first?.count ?? 0
    guard digits == 6 || digits > 7 else { return true }
    let perDay = digits == 6 ? 86_400.0 : 86_400_000
    let ticks = value * perDay
    return abs(ticks - ticks.rounded()) <= 0.5 * pow(10, Double(-digits)) * perDay + 2e-3
  }

  /// Seconds since 1970; nil for what is no number. Fractions of few digits are meant as whole minutes or seconds.
  static func seconds(_ text: String) -> Double? {
    guard let value = Double(text), abs(value) < 1e7 else { return nil }
    let seconds = (value - epoch) * 86_400
    let digits =
      text.lowercased().contains("e") ? 9 : text.split(separator: ".").dropFirst().first?.count ?? 0
    switch digits {
    case 4: return (seconds / 60).rounded() * 60
    case ..<7: return seconds.rounded()
    default: return (seconds * 1000).rounded() / 1000
    }
  }
}

/// The first pass over a column of times: what its numbers mean, by their size, and whether others say their offset.
struct NumericTimes {
  private var count = 0
  private(set) var areNumbers = true
  /// Whether one of the times ends with an offset or `Z`.
  private(set) var haveOffsets = false
  /// Whether another does not.
  private var lackOffsets = false
  private var (areSpreadsheetDates, areClockTicks) = (true, true)
  private var areDates = true
  private var (areElapsed, areSized) = (true, true)
  private var haveFractions = false
  private var digits: Int?
  private var (least, greatest) = (Double.infinity, -Double.infinity)
  private var (firstText, lastText) = ("", "")

  mutating func add(_ field: String) {
    guard areNumbers || areElapsed || !haveOffsets || !lackOffsets else { return }
    let text = MissingValues.trimmed(field)
    if text.isEmpty { return }
    if areElapsed {
      areElapsed = Self.elapsed(text) != nil
      if count == 0, areElapsed { firstText = text }
      if areElapsed {
        (areNumbers, lastText) = (false, text)
        count += 1
        return
      }
    }
    guard areNumbers, let value = Double(text), value.isFinite else {
      areNumbers = false
      if Timestamp.hasOffset(text) { haveOffsets = true } else { lackOffsets = true }
      return
    }
    if count == 0 { firstText = text }
    lastText = text
    count += 1
    (least, greatest) = (min(least, value), max(greatest, value))
    areSized = areSized && Self.unitOfMoment(value) != nil
    haveFractions = haveFractions || value != value.rounded()
    areSpreadsheetDates = areSpreadsheetDates && Spreadsheet.isUsual(value)
    if areSpreadsheetDates { areClockTicks = areClockTicks && Spreadsheet.isTick(text, value) }
    if areDates {
      let whole = Self.whole(text)
      areDates = whole.count == (digits ?? whole.count) && Self.date(text) != nil
      digits = whole.count
    }
  }

  /// The meaning of all numbers together; nil if they are seconds, or steps.
  var unit: TimeUnit? {
    if areElapsed, count > 0 { return .elapsed }
    guard areNumbers, count > 0 else { return nil }
    // Steps may have six digits as well.
    if areDates, count > 1 || digits == 8 { return .digits }
    if areSpreadsheetDates, areClockTicks { return .excel }
    if let unit = Self.unit(of: least), unit == Self.unit(of: greatest) { return unit }
    return areSized && Self.unit(of: greatest) != nil ? .mixed : nil
  }

  /// The unit of a moment from 1973 to 2100 where others are in other units; nil for other numbers.
  static func unitOfMoment(_ value: Double) -> TimeUnit? {
    (1e8..<4.2e9).contains(value) ? .seconds : unit(of: value)
  }

  /// The unit of a moment from 1973 to 2100; nil for seconds and other numbers.
  static func unit(of value: Double) -> TimeUnit? {
    switch value {
    case 1e11..<4.2e12: .milliseconds
    case 1e14..<4.2e15: .microseconds
    case 1e17..<4.2e18: .nanoseconds
    default: nil
    }
  }

  /// A note on times of which some have an offset and others do not.
  var mixedNote: String? {
    haveOffsets && lackOffsets
      ? "some times have an offset from UTC and others do not, which are read as those of --time-zone, or UTC"
      : nil
  }

  /// Whether numbers without a unit are seconds since 1970, of the years 1973 to 2286, rather than steps.
  var areMoments: Bool { areNumbers && least >= 1e8 && greatest < 1e10 }

  /// How numbers were understood; nil for seconds.
  var note: String? {
    if unit == nil, areNumbers, count > 1, least >= 1500, greatest < 2200, haveFractions {
      return
        "read the times \(firstText) to \(lastText) as numbers, not as years; columns of a date, such as --time"
        + " year,month, tell the days"
    }
    if unit == nil, areNumbers, count > 0, areSpreadsheetDates {
      return
        "read the times \(firstText) to \(lastText) as numbers, such as seconds of a day, not as days of a spreadsheet, whose"
        + " fractions would be whole seconds; --time-format excel reads them as days"
    }
    guard let unit else { return nil }
    let meaning =
      switch unit {
      case .elapsed: "hours and minutes since the beginning"
      case .excel: "dates of a spreadsheet"
      case .milliseconds: "milliseconds since 1970"
      case .microseconds: "microseconds since 1970"
      case .mixed where least < 1e11: "seconds, milliseconds and so on since 1970, each by its size"
      case .mixed: "milliseconds, microseconds or nanoseconds since 1970, each by its size"
      case .nanoseconds: "nanoseconds since 1970"
      case .digits where digits == 4: "years"
      case .digits where digits == 6: "years and months"
      case .digits where digits == 7: "years and days of the year"
      default: "dates"
      }
    let advice =
      unit == .elapsed ? "--time-format %H:%M reads times of day" : "--time-format s reads them as seconds"
    return "read the times \(firstText) to \(lastText) as \(meaning); \(advice)"
  }

  /// The digits of a whole number; pandas writes years as 2026.0 where some are missing.
  private static func whole(_ text: String) -> Substring {
    text.hasSuffix(".0") ? text.dropLast(2) : text[...]
  }

  /// Seconds of `h:mm`, `h:mm:ss` or `h:mm:ss.f`, with up to 999 hours; nil for other texts.
  static func elapsed(_ text: String) -> Double? {
    guard let first = text.utf8.first, (48...57).contains(first) else { return nil }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, parts[0].utf8.count <= 3 else { return nil }
    for part in parts.dropFirst() {
      guard part.utf8.count == 2 || part.utf8.count > 3 && part.utf8.dropFirst(2).first == UInt8(ascii: "."),
        let first = part.utf8.first, (48..<54).contains(first)
      else { return nil }
    }
    guard parts.joined().utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }),
      let hours = Int(parts[0]), let minutes = Int(parts[1]),
      let seconds = parts.count == 3 ? Double(parts[2]) : 0
    else { return nil }
    return Double(hours * 3600 + minutes * 60) + seconds
  }

  /// Seconds since 1970 of a year, month and so on in digits; nil if there is no such time.
  static func date(_ text: String) -> Double? {
    let digits = whole(text).utf8.map { Int($0) - 48 }
    if digits.count == 7, digits.allSatisfy({ (0...9).contains($0) }) {
      let (year, number) = Int(digits.reduce(0) { $0 * 10 + $1 }).quotientAndRemainder(dividingBy: 1000)
      guard (1900...2100).contains(year), number >= 1, let day = Timestamp.day(year: year, month: 1, day: 1),
        let next = Timestamp.day(year: year + 1, month: 1, day: 1), day + number <= next
      else { return nil }
      return Double(day + number - 1) * 86_400
    }
    guard [4, 6, 8, 10, 12, 14].contains(digits.count), digits.allSatisfy({ (0...9).contains($0) }) else {
      return nil
    }
    let year = digits.prefix(4).reduce(0) { $0 * 10 + $1 }
    let parts = stride(from: 4, to: digits.count, by: 2).map { digits[$0] * 10 + digits[$0 + 1] }
    func part(_ index: Int, _ first: Int) -> Int { index < parts.count ? parts[index] : first }
    // Of times of day, only recent years, as there are other numbers of so many digits.
    guard (digits.count > 8 ? 1900...2100 : 1600...2200).contains(year),
      part(2, 0) < 24, part(3, 0) < 60, part(4, 0) < 60,
      let day = Timestamp.day(year: year, month: part(0, 1), day: part(1, 1))
    else { return nil }
    return Double(day) * 86_400 + Double(part(2, 0) * 3600 + part(3, 0) * 60 + part(4, 0))
  }
}
