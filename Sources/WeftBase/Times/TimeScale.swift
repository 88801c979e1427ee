import Foundation

/// What the times of a series are: numbers as they are, or moments, and how people write them.
package enum TimeScale: Sendable, Equatable {
  /// Plain numbers, such as steps.
  case numbers
  /// Seconds since 1970 of local times that say no zone.
  case local
  /// Seconds since 1970 in UTC, written in a time zone.
  case zone(TimeZone)

  /// Units of moments, by the CF conventions.
  package static let units = "seconds since 1970-01-01 00:00:00"
  /// The attribute that names the zone.
  package static let zoneAttribute = "time_zone"
  private static let utc = "UTC"
  /// Moments further from 1970 have no date here: a million years.
  static let limit = 3.2e13

  /// A scale by the attributes of a dataset.
  ///
  /// - Parameters:
  ///   - units: The attribute `units`; nil for none.
  ///   - zone: The attribute `time_zone`; nil for none.
  package init(units: String?, zone: String?) {
    guard units == Self.units else {
      self = .numbers
      return
    }
    self =
      zone == Self.utc ? .absolute : zone.flatMap { TimeZone(identifier: $0) }.map(TimeScale.zone) ?? .local
  }

  /// Moments that say their offset.
  package static var absolute: TimeScale { .zone(.gmt) }

  /// The attributes of a dataset of such times.
  package var attributes: [String: String] {
    switch self {
    case .numbers: [:]
    case .local: ["units": Self.units]
    case .zone(let zone): ["units": Self.units, Self.zoneAttribute: Self.name(of: zone)]
    }
  }

  private static func name(of zone: TimeZone) -> String { zone == .gmt ? utc : zone.identifier }

  /// Seconds of the local clock, as if it were one of UTC.
  package func clock(_ time: Double) -> Double {
    guard case .zone(let zone) = self else { return time }
    return time + Double(zone.secondsFromGMT(for: Date(timeIntervalSince1970: time)))
  }

  /// The moment of a local clock; of one that clocks skip in spring, that an hour later.
  package func moment(clock: Double) -> Double {
    guard case .zone(let zone) = self else { return clock }
    func offset(_ moment: Double) -> Double {
      Double(zone.secondsFromGMT(for: Date(timeIntervalSince1970: moment)))
    }
    let day = 86_400.0
    let (before, after) = (offset(clock - day), offset(clock + day))
    let early = clock - max(before, after)
    return early + offset(early) == clock ? early : clock - min(before, after)
  }

  /// A time as ISO 8601: with the offset of its zone, `Z` for UTC, and none for local times. Numbers are written as they
  /// are; empty for NaN.
  ///
  /// - Parameter isDate: Whether the time of day is left out.
  package func text(_ time: Double, isDate: Bool = false) -> String {
    guard time.isFinite else { return "" }
    guard self != .numbers, abs(time) < Self.limit else {
      return time == time.rounded() && abs(time) < 1e15 ? "\(Int(time))" : "\(time)"
    }
    // Doubles tell microseconds of these times.
    let micros = Int((clock(time) * 1e6).rounded())
    let (seconds, fraction) = micros.quotientAndRemainder(byFloor: 1_000_000)
    let (dayNumber, second) = seconds.quotientAndRemainder(byFloor: 86_400)
    let day = CivilDay(number: dayNumber)
    let date = String(format: "%04d-%02d-%02d", day.year, day.month, day.day)
    if isDate { return date }
    var text = date + String(format: "T%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60)
    if fraction > 0 {
      var digits = String(format: "%06d", fraction)
      while digits.hasSuffix("0") { digits.removeLast() }
      text += ".\(digits)"
    }
    guard case .zone(let zone) = self else { return text }
    if zone == .gmt || Self.name(of: zone) == Self.utc { return text + "Z" }
    let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: time))
    let minutes = abs(offset) / 60
    return text + (offset < 0 ? "-" : "+") + String(format: "%02d:%02d", minutes / 60, minutes % 60)
  }
}

/// How the times of a dataset are written.
package struct TimeStyle: Sendable, Equatable {
  package let scale: TimeScale
  /// Whether all are at midnight, so that days are enough.
  package let areDates: Bool

  package init(scale: TimeScale, areDates: Bool) { (self.scale, self.areDates) = (scale, areDates) }

  /// A time as people write it; empty for NaN.
  package func text(_ time: Double) -> String { scale.text(time, isDate: areDates) }
}

extension Int {
  /// Quotient and remainder of a division whose remainder is not negative.
  fileprivate func quotientAndRemainder(byFloor divisor: Int) -> (Int, Int) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
