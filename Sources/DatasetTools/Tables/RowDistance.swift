import WeftBase

/// The distance of rows in time.
public enum RowDistance: Sendable, Equatable {
  /// Seconds, or the difference of numbers.
  case seconds(Double)
  /// Days of the local calendar, also where clocks change.
  case days(Int)
  /// Months, on the same day of the month, or on the last one where there is none such.
  case months(Int)

  private static let secondsPerDay = 86_400.0

  /// Reads a distance such as `15min`, `1h`, `1d`, `1w`, `1month` or `1y`.
  ///
  /// - Throws: If it is written otherwise.
  public init(_ text: String) throws(WeftError) {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    let unit = String(text.dropFirst(digits.count))
    let wrong = WeftError.usage(
      "--every: '\(text)' is not a time such as 15min, 1h, 1d, 1w, 1month, 1quarter or 1y")
    guard let count = Double(digits.isEmpty ? "1" : digits), count > 0, count < 1e9 else { throw wrong }
    let whole = count == count.rounded() ? Int(count) : nil
    switch (unit, whole) {
    case ("month", let count?), ("months", let count?): self = .months(count)
    case ("quarter", let count?), ("quarters", let count?): self = .months(3 * count)
    case ("y", let count?), ("year", let count?), ("years", let count?): self = .months(12 * count)
    case ("d", let count?): self = .days(count)
    case ("w", let count?): self = .days(7 * count)
    default:
      let units = ["s": 1, "min": 60, "h": 3600, "d": Self.secondsPerDay, "w": 7 * Self.secondsPerDay]
      guard let size = units[unit], count * size >= 1e-3 else { throw wrong }
      self = .seconds(count * size)
    }
  }

  /// The steps between two times, and how to go from one to the next; nil if it is no whole number from 1 on.
  ///
  /// - Parameter scale: What the times are, of which numbers know no calendar.
  func steps(from previous: Double, to time: Double, _ scale: TimeScale) -> (count: Int, step: TimeStep)? {
    switch self {
    case .seconds(let seconds): return even(seconds, from: previous, to: time)
    case .days(let days):
      if scale == .numbers { return even(Double(days) * Self.secondsPerDay, from: previous, to: time) }
      let distance = (scale.clock(time) - scale.clock(previous)) / (Double(days) * Self.secondsPerDay)
      guard distance == distance.rounded(), distance >= 1, distance < 1e12 else { return nil }
      return (Int(distance), .days(days))
    case .months(let months):
      guard scale != .numbers, let (first, ofDay) = Self.day(of: previous, scale),
        let (last, other) = Self.day(of: time, scale)
      else { return nil }
      let anchor = first.endsMonth && last.endsMonth ? 31 : max(first.day, last.day)
      let (count, rest) = (last.months - first.months).quotientAndRemainder(dividingBy: months)
      guard ofDay == other, rest == 0, count >= 1,
        first.adding(months: count * months, anchor: anchor) == last,
        first.adding(months: 0, anchor: anchor) == first
      else { return nil }
      return (count, .months(months, anchor: anchor))
    }
  }

  private func even(_ seconds: Double, from previous: Double, to time: Double) -> (Int, TimeStep)? {
    let count = (time - previous) / seconds
    guard abs(count - count.rounded()) < 1e-6 * max(1, count, 1 / seconds), count.rounded() >= 1 else {
      return nil
    }
    return (Int(min(count.rounded(), 1e15)), .seconds(seconds))
  }

  /// The day of a time by the local clock, and the time of day; nil for times without a date.
  private static func day(of time: Double, _ scale: TimeScale) -> (CivilDay, Double)? {
    guard abs(time) < 1e13 else { return nil }
    let clock = scale.clock(time)
    let number = (clock / secondsPerDay).rounded(.down)
    return (CivilDay(number: Int(number)), clock - number * secondsPerDay)
  }
}
