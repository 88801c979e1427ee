/// A day of the Gregorian calendar.
///
/// Source: Howard Hinnant, chrono-Compatible Low-Level Date Algorithms, `days_from_civil` and `civil_from_days`.
package struct CivilDay: Sendable, Equatable {
  package let year: Int
  /// From 1 to 12.
  package let month: Int
  /// From 1 on.
  package let day: Int
  /// Days since 1970-01-01.
  package let number: Int

  /// A day by its date; nil if there is no such day.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...12).contains(month), day >= 1, day <= Self.length(ofMonth: month, year: year) else {
      return nil
    }
    (self.year, self.month, self.day) = (year, month, day)
    number = Self.number(year: year, month: month, day: day)
  }

  /// A day by its number.
  ///
  /// - Parameter number: Days since 1970-01-01, at most 10¹² of them.
  package init(number: Int) {
    let shifted = number + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    self.number = number
  }

  /// The day of a time.
  ///
  /// - Parameter seconds: Since the beginning of 1970-01-01, at most 10¹⁶ of them.
  package init(seconds: Double) { self.init(number: Int((seconds / 86_400).rounded(.down))) }

  /// The same or the last day of a month some months later.
  ///
  /// - Parameter anchor: The wanted day of the month.
  package func adding(months: Int, anchor: Int) -> CivilDay {
    let count = year * 12 + month - 1 + months
    let year = count >= 0 ? count / 12 : (count - 11) / 12
    let month = count - year * 12 + 1
    let last = Self.length(ofMonth: month, year: year)
    return CivilDay(number: Self.number(year: year, month: month, day: min(anchor, last)))
  }

  /// Months since the year 0.
  package var months: Int { year * 12 + month - 1 }

  /// Whether it is the last day of its month.
  package var endsMonth: Bool { day == Self.length(ofMonth: month, year: year) }

  /// Whether it is a Saturday or a Sunday.
  package var isWeekend: Bool {
    // 1970-01-01 was a Thursday.
    let weekday = ((number + 3) % 7 + 7) % 7
    return weekday >= 5
  }

  /// Days of a month.
  package static func length(ofMonth month: Int, year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  private static func number(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
