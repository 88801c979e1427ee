import Foundation
import Testing

@testable import WeftBase

/// Dates, local times and the distances of steps; the expected values are those of Python's datetime and zoneinfo.
@Suite struct TimeTests {
  private static let berlin = TimeZone(identifier: "Europe/Berlin").map(TimeScale.zone) ?? .numbers

  @Test(arguments: [
    (2000, 2, 29, 11_016), (1600, 3, 1, -135_080), (1, 1, 1, -719_162), (2100, 12, 31, 47_846),
    (1969, 12, 31, -1), (9999, 12, 31, 2_932_896), (1900, 2, 28, -25_509), (1970, 1, 1, 0),
  ])
  func days(year: Int, month: Int, day: Int, number: Int) throws {
    let found = try #require(CivilDay(year: year, month: month, day: day))
    #expect(found.number == number && CivilDay(number: number) == found)
  }

  @Test func everyDayFollowsTheOneBefore() {
    var previous = CivilDay(number: -800_000)
    for number in -799_999...800_000 {
      let day = CivilDay(number: number)
      let isNext =
        previous.endsMonth
        ? day.day == 1 && day.months == previous.months + 1
        : day.day == previous.day + 1 && day.months == previous.months
      if !isNext || CivilDay(year: day.year, month: day.month, day: day.day)?.number != number {
        Issue.record("\(day)")
        return
      }
      previous = day
    }
    #expect(CivilDay(year: 1900, month: 2, day: 29) == nil && CivilDay(year: 2026, month: 13, day: 1) == nil)
    // 2024-06-01 was a Saturday.
    #expect(
      (19_875..<19_882).map { CivilDay(number: $0).isWeekend } == [true, true]
        + [Bool](repeating: false, count: 5))
  }

  @Test(arguments: [
    ("Europe/Berlin", 1_711_846_800, "2024-03-31T03:00:00+02:00"),
    ("Europe/Berlin", 1_711_846_799, "2024-03-31T01:59:59+01:00"),
    ("America/St_Johns", 1_719_835_200.25, "2024-07-01T09:30:00.25-02:30"),
    ("Asia/Kathmandu", 0, "1970-01-01T05:30:00+05:30"),
    ("UTC", -0.5, "1969-12-31T23:59:59.5Z"), (nil, 1_711_846_800, "2024-03-31T01:00:00"),
  ])
  func texts(zone: String?, time: Double, text: String) {
    let scale = TimeScale(units: TimeScale.units, zone: zone)
    #expect(scale.text(time) == text)
    #expect(
      TimeScale(units: scale.attributes["units"], zone: scale.attributes[TimeScale.zoneAttribute]) == scale)
  }

  @Test func numbersAndWhatIsNoTime() {
    #expect(TimeScale(units: "days", zone: "UTC") == .numbers)
    #expect(TimeScale.numbers.text(3) == "3" && TimeScale.numbers.text(0.25) == "0.25")
    #expect(TimeScale.local.text(.nan) == "" && TimeScale.local.text(1e300) == "1e+300")
    #expect(TimeScale.local.text(86_400, isDate: true) == "1970-01-02")
  }

  /// A local time that clocks skip is one later; of one that comes twice, the first.
  @Test func localClocks() {
    let second = 1_711_846_800.0
    #expect(Self.berlin.clock(second) == second + 7200 && Self.berlin.clock(second - 1) == second - 1 + 3600)
    func clock(_ text: String) -> Double {
      (ISO8601DateFormatter().date(from: text) ?? .distantPast).timeIntervalSince1970
    }
    #expect(Self.berlin.moment(clock: clock("2024-03-31T02:30:00Z")) == 1_711_848_600)
    #expect(Self.berlin.moment(clock: clock("2024-10-27T02:30:00Z")) == 1_729_989_000)
    // Less than a day after the change.
    #expect(Self.berlin.moment(clock: clock("2024-10-27T03:00:00Z")) == 1_729_994_400)
    #expect(Self.berlin.moment(clock: clock("2024-10-28T00:00:00Z")) == 1_730_070_000)
    #expect(Self.berlin.moment(clock: clock("2024-04-01T00:00:00Z")) == 1_711_922_400)
  }

  /// Midnights of New York across the change of clocks on 2023-11-05.
  @Test func daysInAutumn() throws {
    let newYork = TimeScale.zone(try #require(TimeZone(identifier: "America/New_York")))
    let midnights = [1_699_070_400.0, 1_699_156_800, 1_699_246_800]
    let step = TimeStep(midnights, newYork)
    #expect(step == .days(1))
    #expect(step?.time(1, after: midnights[1], newYork) == midnights[2])
    #expect(step?.time(3, after: midnights[0], newYork) == 1_699_333_200)
  }

  /// Noons of Berlin across the change of clocks on 2024-03-31.
  @Test func daysOfALocalClock() {
    let noons = [1_711_710_000.0, 1_711_796_400, 1_711_879_200]
    let step = TimeStep(noons, Self.berlin)
    #expect(step == .days(1))
    #expect(step?.time(1, after: noons[2], Self.berlin) == 1_711_965_600)
    #expect(step?.time(2, after: noons[0], Self.berlin) == noons[2])
    // Hours are evenly spaced.
    #expect(TimeStep((0..<5).map { 1_711_839_600 + Double($0) * 3600 }, Self.berlin) == .seconds(3600))
  }

  private static func seconds(_ dates: [String]) throws -> [Double] {
    try dates.map { text in
      let parts = text.split(separator: "-").compactMap { Int($0) }
      return Double(try #require(CivilDay(year: parts[0], month: parts[1], day: parts[2])).number) * 86_400
    }
  }

  @Test(arguments: [
    (["2023-11-30", "2023-12-31", "2024-01-31"], ["2024-02-29", "2024-03-31", "2024-04-30"]),
    (["2023-12-30", "2024-01-30"], ["2024-02-29", "2024-03-30", "2024-04-30"]),
    (["2023-07-01", "2023-10-01", "2024-01-01"], ["2024-04-01", "2024-07-01", "2024-10-01"]),
    (["2020-02-29", "2024-02-29"], ["2028-02-29", "2032-02-29", "2036-02-29"]),
    (["2022-01-01", "2023-01-01", "2024-01-01"], ["2025-01-01", "2026-01-01", "2027-01-01"]),
    (["2024-01-01", "2024-01-08"], ["2024-01-15", "2024-01-22", "2024-01-29"]),
    (["2024-02-27", "2024-02-28"], ["2024-02-29", "2024-03-01", "2024-03-02"]),
  ])
  func calendars(known: [String], following: [String]) throws {
    let times = try Self.seconds(known)
    let step = try #require(TimeStep(times, .local))
    let found = (1...3).map { step.time($0, after: times[times.count - 1], .local) }
    #expect(found.map { TimeScale.local.text($0, isDate: true) } == following)
  }

  /// A fortnight without weekends is followed by days without weekends.
  @Test func daysOfWork() throws {
    // 2024-01-01 was a Monday, and its Wednesday is a holiday.
    let dates = [1, 2, 4, 5, 8, 9, 10, 11, 12, 15, 16, 17, 18, 19].map { "2024-01-\($0)" }
    let times = try Self.seconds(dates)
    let step = try #require(TimeStep(times, .local))
    #expect(step == .weekdays)
    let found = (1...6).map { TimeScale.local.text(step.time($0, after: times[13], .local), isDate: true) }
    #expect(found == [22, 23, 24, 25, 26, 29].map { "2024-01-\($0)" })
  }

  @Test func unevenStepsHaveNone() throws {
    #expect(TimeStep([0], .numbers) == nil && TimeStep([], .local) == nil)
    #expect(TimeStep([0, 1, 3, 7, 15], .numbers) == nil)
    #expect(TimeStep([0, 1, 2, 3, 4, 9], .numbers) == .seconds(1))
    #expect(TimeStep([0, .nan, 1], .numbers) == nil)
    #expect(TimeStep([1e300, 2e300], .local) == .seconds(1e300))
    // Tenths that numbers in double precision do not have.
    let tenths = (0..<20).map { 1_577_836_800 + Double($0) / 10 }
    #expect(TimeStep(tenths, .local) == .seconds(0.1))
  }
}
