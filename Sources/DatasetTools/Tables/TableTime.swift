import Foundation
import WeftBase

/// How the times of a table are written, and how far apart its rows are.
public struct TableTime: Sendable {
  /// Format as of `strptime`, such as `%d.%m.%Y %H:%M`, of a time or the beginning of an interval; nil for numbers and ISO 8601.
  public var format: String? { didSet { parsed = format.map(TimeFormat.init) } }
  private var parsed: TimeFormat?
  /// What numbers mean, if there is no format; nil to tell it by their size.
  public var unit: TimeUnit?
  /// The time zone of times without an offset; nil for UTC.
  public var zone: TimeZone?
  /// The distance of rows: doubled times are left out and gaps filled; nil to take rows as they are.
  public var step: RowDistance?

  /// Numbers, or ISO 8601 in UTC, of rows as they are.
  public init() {}

  /// What a text means.
  enum Moment: Equatable {
    /// Seconds since 1970 in UTC, or the number as it is.
    case at(Double)
    /// A local time that clocks skip in spring.
    case skipped
    /// The reason, unless the text is just another one.
    case unreadable(String?)
  }

  /// What to say of a time that clocks skip in spring.
  static let skippedAdvice =
    "does not exist in the time zone, because clocks skip it; are times in another --time-zone?"

  /// The wanted form of times, for messages.
  ///
  /// - Parameters:
  ///   - text: A text that is none.
  ///   - column: The name of its column, or those of several.
  func wanted(_ text: String, of column: String = "") -> String {
    if format == nil, column.lowercased().contains("week"),
      MissingValues.trimmed(text).wholeMatch(of: /\d{4}\D+\d{1,2}/) != nil
    {
      return
        "; weeks are read in one column, such as 2026-W05; leave --time out of rows that are in order, one a week"
    }
    let formats = TimeFormat.suggestions(for: MissingValues.trimmed(text)).filter { $0 != format }
    let shown = formats.map { "'\($0)'" }.joined(separator: " or ")
    if let format {
      return " of the format '\(format)'" + (formats.isEmpty ? "" : ", but may be of \(shown)")
    }
    if let unit, unit != .digits { return " in \(unit.rawValue)" }
    return formats.isEmpty
      ? "; use numbers, ISO 8601 such as 2026-01-31T12:00, or --time-format" : "; use --time-format \(shown)"
  }

  /// - Parameter previous: The previous time: of a local time that comes twice in autumn, the second follows the first.
  func moment(_ text: String, after previous: Double?) -> Moment {
    let trimmed = MissingValues.trimmed(text)
    guard let parsed else {
      if let unit {
        guard let value = unit.seconds(trimmed) else { return .unreadable(nil) }
        return unit.isLocal ? local(value, after: previous) : .at(value)
      }
      guard let value = Timestamp.value(trimmed) else {
        return .unreadable(Timestamp.hasImpossibleDate(trimmed) ? "is a day that does not exist" : nil)
      }
      // Numbers and times with an offset need no zone.
      guard zone != nil, Double(trimmed) == nil, !Timestamp.hasOffset(trimmed) else { return .at(value) }
      return local(value, after: previous)
    }
    return switch parsed.read(trimmed) {
    case .unreadable(let reason): .unreadable(reason)
    case .time(let seconds, let isAbsolute): isAbsolute ? .at(seconds) : local(seconds, after: previous)
    }
  }

  /// - Parameter seconds: A local time, as if it were of UTC.
  private func local(_ seconds: Double, after previous: Double?) -> Moment {
    guard let zone else { return .at(seconds) }
    func offset(_ moment: Double) -> Double {
      Double(zone.secondsFromGMT(for: Date(timeIntervalSince1970: moment)))
    }
    let day = 86_400.0
    let candidates = Set([offset(seconds - day), offset(seconds + day)])
      .map { seconds - $0 }.filter { $0 + offset($0) == seconds }.sorted()
    guard let first = candidates.first, let last = candidates.last else { return .skipped }
    guard let previous, previous >= first else { return .at(first) }
    return .at(last)
  }

  /// Sets the format, of which `s`, `ms`, `us` and `ns` are units of numbers.
  ///
  /// - Throws: If it has fields that are not evaluated.
  public mutating func setFormat(_ text: String) throws(WeftError) {
    if let unit = TimeUnit(rawValue: text), unit != .digits, unit != .mixed {
      self.unit = unit
    } else {
      try TimeFormat.check(text)
      format = text
    }
  }

  /// What the times of a table are.
  ///
  /// - Parameter times: What the first pass found.
  func scale(_ times: NumericTimes) -> TimeScale {
    if format == nil, unit == .elapsed { return .numbers }
    if format == nil, unit == nil || unit == .seconds, times.areNumbers, !times.areMoments { return .numbers }
    let isAbsolute = parsed?.isAbsolute ?? unit.map { !$0.isLocal } ?? (times.areNumbers || times.haveOffsets)
    if let zone { return .zone(zone) }
    return isAbsolute ? .absolute : .local
  }
}

extension Timestamp {
  /// Whether a time ends with `Z`, `UTC` or an offset.
  static func hasOffset(_ text: String) -> Bool {
    let bytes = MissingValues.trimmed(text).utf8
    if bytes.last == UInt8(ascii: "Z") || bytes.suffix(4).elementsEqual(" UTC".utf8) { return true }
    return bytes.dropFirst(10).contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
  }
}
