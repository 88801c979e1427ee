import Foundation

/// How far apart the steps of a series are in time.
package enum TimeStep: Sendable, Equatable {
  /// Seconds, or the difference of numbers.
  case seconds(Double)
  /// Days of the local calendar, also where clocks change.
  case days(Int)
  /// Every day but Saturdays and Sundays.
  case weekdays
  /// Months, on the same day of the month, or the last one where there is none such.
  case months(Int, anchor: Int)

  /// The share of steps that have to be alike.
  private static let share = 0.8
  /// Days that tell that there are no weekends.
  private static let tellingDays = 10

  /// The step of ascending times; nil for a single one, and where steps differ.
  package init?(_ times: [Double], _ scale: TimeScale) {
    guard times.count > 1, times.allSatisfy(\.isFinite) else { return nil }
    if scale != .numbers, times.allSatisfy({ abs($0) < TimeScale.limit }),
      let step = Self.ofCalendar(times.map(scale.clock))
    {
      self = step
      return
    }
    let distances = zip(times.dropFirst(), times).map { Self.rounded($0 - $1, at: $0) }
    guard let usual = Self.usual(distances), usual > 0 else { return nil }
    self = .seconds(usual)
  }

  /// Days or months of the calendar, if all times are at the same time of day.
  private static func ofCalendar(_ clocks: [Double]) -> TimeStep? {
    let day = 86_400.0
    let days = clocks.map(CivilDay.init(seconds:))
    let ofDay = zip(clocks, days).map { $0 - Double($1.number) * day }
    guard ofDay.allSatisfy({ $0 == ofDay[0] }) else { return nil }
    let anchor = days.allSatisfy(\.endsMonth) ? 31 : days.map(\.day).max() ?? 1
    if days.allSatisfy({ $0.day == min(anchor, CivilDay.length(ofMonth: $0.month, year: $0.year)) }),
      let months = usual(zip(days.dropFirst(), days).map { $0.months - $1.months }), months > 0
    {
      return .months(months, anchor: anchor)
    }
    let distances = zip(days.dropFirst(), days).map { $0.number - $1.number }
    if days.count >= tellingDays, !days.contains(where: \.isWeekend), distances.contains(1),
      distances.filter({ $0 == 1 }).count * 10 >= distances.count * 6
    {
      return .weekdays
    }
    guard let usual = usual(distances), usual > 0 else { return nil }
    return .days(usual)
  }

  /// The commonest value, if nearly all are equal to it.
  private static func usual<Value: Hashable & Comparable>(_ values: [Value]) -> Value? {
    let counts = values.reduce(into: [Value: Int]()) { $0[$1, default: 0] += 1 }
    guard let found = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
      Double(found.value) >= share * Double(values.count)
    else { return nil }
    return found.key
  }

  /// A distance without the digits that a time of such a size does not have.
  package static func rounded(_ distance: Double, at time: Double) -> Double {
    let perUnit = pow(10, -log10(16 * max(abs(time), abs(distance)).ulp).rounded(.up))
    return perUnit > 1 && perUnit < 1e18 ? (distance * perUnit).rounded() / perUnit : distance
  }

  /// The time some steps after another.
  package func time(_ count: Int, after time: Double, _ scale: TimeScale) -> Double {
    switch self {
    case .seconds(let seconds): return time + Double(count) * seconds
    case .days, .weekdays, .months:
      let clock = scale.clock(time)
      let day = CivilDay(seconds: clock)
      let next = number(of: count, after: day)
      return scale.moment(clock: clock + Double(next - day.number) * 86_400)
    }
  }

  /// The number of the day some steps after another.
  private func number(of count: Int, after day: CivilDay) -> Int {
    switch self {
    case .seconds: return day.number
    case .days(let days): return day.number + count * days
    case .weekdays:
      var (number, left) = (day.number, count)
      while left > 0 {
        number += 1
        if !CivilDay(number: number).isWeekend { left -= 1 }
      }
      return number
    case .months(let months, let anchor): return day.adding(months: count * months, anchor: anchor).number
    }
  }
}
