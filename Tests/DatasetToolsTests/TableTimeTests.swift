import Foundation
import HDF5
import TestSupport
import Testing

@testable import DatasetTools
@testable import WeftBase

/// Times of tables: formats, time zones with their changes of the clocks, and rows at even distances.
@Suite("Times of tables") struct TableTimeTests {
  /// Seconds since 1970 of a time in UTC.
  private static func utc(_ text: String) throws -> Double { try #require(Timestamp.value(text)) }

  private static func convert(
    _ rows: [String], missing: MissingValues = .error, _ change: (inout TableTime) -> Void
  ) throws -> (times: [Double], values: [Double], notes: [String]) {
    let fixture = try Fixture()
    let path = try fixture.write("t,x\n" + rows.map { "\($0)\n" }.joined(), "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    dataset.time = "t"
    dataset.missing = missing
    change(&dataset.timeReading)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    defer { withExtendedLifetime(fixture) {} }
    return (
      try file.dataset("train/time").read(as: Double.self),
      try file.dataset("train/inputs").read(as: Double.self), summary.notes
    )
  }

  private static func complaint(
    _ rows: [String], missing: MissingValues = .error, _ change: (inout TableTime) -> Void
  ) -> String {
    let error = #expect(throws: WeftError.self) { try convert(rows, missing: missing, change) }
    return error?.message ?? ""
  }

  /// The days on which Germany changed its clocks in 2024.
  @Test func hoursThatComeTwiceAreToldApartByOrder() throws {
    let autumn = ["27.10.2024 01:00,1", "27.10.2024 02:00,2", "27.10.2024 02:00,3", "27.10.2024 03:00,4"]
    let found = try Self.convert(autumn) {
      $0.format = "%d.%m.%Y %H:%M"
      $0.zone = TimeZone(identifier: "Europe/Berlin")
      $0.step = .seconds(3600)
    }
    let first = try Self.utc("2024-10-26T23:00Z")
    #expect(found.times == (0..<4).map { first + Double($0) * 3600 })
    #expect(found.values == [1, 2, 3, 4] && found.notes.isEmpty)
  }

  @Test func hoursThatAreSkippedAreEmptyOrAnError() throws {
    func change(_ time: inout TableTime) {
      time.format = "%d.%m.%Y %H:%M"
      time.zone = TimeZone(identifier: "Europe/Berlin")
      time.step = .seconds(3600)
    }
    let spring = ["31.03.2024 01:00,1", "31.03.2024 02:00,n/a", "31.03.2024 03:00,2"]
    let found = try Self.convert(spring, change)
    let first = try Self.utc("2024-03-31T00:00Z")
    #expect(found.times == [first, first + 3600] && found.values == [1, 2])
    #expect(
      Self.complaint([spring[0], "31.03.2024 02:00,7"], change).contains(
        "line 3, column 't': '31.03.2024 02:00' does not exist in the time zone"))
  }

  @Test func intervalsAreReadFromTheirBeginning() throws {
    let found = try Self.convert(["01.01.2019 00:00 - 01.01.2019 01:00,5"]) {
      $0.format = "%d.%m.%Y %H:%M"
      $0.zone = TimeZone(identifier: "Europe/Berlin")
    }
    #expect(found.times == [try Self.utc("2018-12-31T23:00Z")])
  }

  @Test func gapsAreFilledAndDoubledTimesLeftOut() throws {
    let rows = ["2026-01-01T00:00,1", "2026-01-01T01:00,3", "2026-01-01T01:00,9", "2026-01-01T04:00,8"]
    func hourly(_ time: inout TableTime) { time.step = .seconds(3600) }
    let forward = try Self.convert(rows, missing: .forward, hourly)
    #expect(forward.values == [1, 3, 3, 3, 8])
    #expect(zip(forward.times, forward.times.dropFirst()).allSatisfy { $1 - $0 == 3600 })
    #expect(forward.notes.contains("left out 1 row whose time was there before"))
    #expect(forward.notes.contains("filled (forward) a gap of 2 rows"))
    let mean = try Self.convert(rows, missing: .mean, hourly)
    // The mean is that of all rows that were read, doubled ones too.
    #expect(mean.values[2] == mean.values[3] && abs(mean.values[2] - 5.25) < 1e-6)
    #expect(try Self.convert(rows, missing: .drop, hourly).values == [1, 3, 8])
    #expect(
      Self.complaint(rows, hourly).contains(
        "line 5, column 't': 2 rows missing before this one; fill them with --missing forward or mean"))
    #expect(
      Self.complaint(["2026-01-01T00:00,1", "2026-01-01T00:20,1"], hourly).contains(
        "the time since the previous row, 1200.0 seconds, is no multiple of --every"))
    #expect(
      Self.complaint(["0,1", "1e15,1"], missing: .forward) { $0.step = .seconds(1) }.contains(
        "more than a table of 2 rows can be filled with"))
  }

  @Test func timesWithAnOffsetNeedNoZone() throws {
    let found = try Self.convert(["2024-10-27T02:00+02:00,1", "2024-10-27T02:00+01:00,2"]) {
      $0.zone = TimeZone(identifier: "America/New_York")
    }
    #expect(found.times == [try Self.utc("2024-10-27T00:00Z"), try Self.utc("2024-10-27T01:00Z")])
  }

  @Test func otherTimesAreRefusedWithTheirFormat() {
    #expect(
      Self.complaint(["2024-10-27,1"]) { $0.format = "%d.%m.%Y" }.contains(
        "'2024-10-27' is not a time of the format '%d.%m.%Y'"))
    #expect(Self.complaint(["27.10.2024,1"]) { _ in }.contains("; use --time-format '%d.%m.%Y'"))
  }

  /// Parts that a format lacks are the first ones.
  @Test(arguments: [
    ("%Y-%m", ["2020-02", "2020-03"], ["2020-02-01", "2020-03-01"]),
    ("%b-%y", ["Dec-20", "Jan-21"], ["2020-12-01", "2021-01-01"]),
    ("%Y%m", ["202002", "202003"], ["2020-02-01", "2020-03-01"]),
    ("%m/%Y", ["2/2020", "11/2020"], ["2020-02-01", "2020-11-01"]),
    ("%Y", ["1999", "2000"], ["1999-01-01", "2000-01-01"]),
    (
      "%m/%d/%Y %I:%M %p", ["1/2/2020 11:30 AM", "1/2/2020 12:15 PM"],
      ["2020-01-02T11:30", "2020-01-02T12:15"]
    ),
    ("%Y %j", ["2020 60", "2020 61"], ["2020-02-29", "2020-03-01"]),
    ("%d/%m/%y", ["29/02/20", "01/06/20"], ["2020-02-29", "2020-06-01"]),
    (
      "%Y-%m-%dT%H:%M%z", ["2020-02-29T23:30-0100", "2020-03-01T02:30+0100"],
      ["2020-03-01T00:30", "2020-03-01T01:30"]
    ),
  ])
  func lackingPartsAreTheFirst(format: String, times: [String], expected: [String]) throws {
    let found = try Self.convert(times.map { "\($0),1" }) { $0.format = format }
    #expect(found.times == (try expected.map(Self.utc)))
  }

  @Test(arguments: [
    ("%d/%m/%Y", "31/04/2021", "'31/04/2021' is a day that does not exist"),
    ("%Y-%m-%d", "2021-02-29", "'2021-02-29' is a day that does not exist"),
    (nil, "2020-02-30", "'2020-02-30' is a day that does not exist"),
    (nil, "2021/02/29 12:00", "'2021/02/29 12:00' is a day that does not exist"),
    ("%d/%m/%Y", "01/06/13", "'01/06/13' is of the year 13; use %y for years of two digits"),
    (nil, "2020-13-01", "is a day that does not exist"),
  ])
  func daysThatDoNotExistAreRefused(format: String?, time: String, message: String) {
    let found = Self.complaint([time + ",1"]) { $0.format = format }
    #expect(found.contains("line 2, column 't': ") && found.contains(message), "\(found)")
  }

  @Test(arguments: [
    ("%d.%m.%Y %Z", "use %z for offsets such as +0100"), ("%G-%V-%u", "weeks of ISO 8601"),
    ("%Y-%W", "%W alone"),
    ("%H:%M %f", "%f is read after %S alone"), ("%Q", "'%Q' is not a field"),
    ("%%", "has no field such as %Y"),
    ("date", "has no field such as %Y"), ("%d/%m/%Y %H:%M %p", "%p tells apart hours of %I, not of %H"),
    ("%Y-%m-%d %I:%M", "use %H for hours up to 23"),
  ])
  func fieldsWithoutMeaningAreRefused(format: String, message: String) {
    var time = TableTime()
    let error = #expect(throws: WeftError.self) { try time.setFormat(format) }
    #expect(error?.message.hasPrefix("--time-format: ") == true && error?.message.contains(message) == true)
  }

  @Test(arguments: [
    (
      "milliseconds since 1970", ["1577836800000", "1577836800500"],
      ["2020-01-01T00:00", "2020-01-01T00:00:00.5"]
    ),
    (
      "microseconds since 1970", ["1577836800000000", "1577836860000000.0"],
      ["2020-01-01T00:00", "2020-01-01T00:01"]
    ),
    (
      "nanoseconds since 1970", ["1577836800000000000", "1577836800250000000"],
      ["2020-01-01T00:00", "2020-01-01T00:00:00.25"]
    ),
    ("dates", ["20200228", "20200229", "20200301"], ["2020-02-28", "2020-02-29", "2020-03-01"]),
    ("dates", ["20200228235900", "20200229000000"], ["2020-02-28T23:59", "2020-02-29T00:00"]),
    ("dates", ["2020022823", "2020022900"], ["2020-02-28T23:00", "2020-02-29T00:00"]),
    ("years and months", ["202011", "202012", "202101"], ["2020-11-01", "2020-12-01", "2021-01-01"]),
    ("years", ["1999", "2000", "2001"], ["1999-01-01", "2000-01-01", "2001-01-01"]),
    ("years", ["1999.0", "2000.0"], ["1999-01-01", "2000-01-01"]),
  ])
  func numbersAreReadByTheirSize(meaning: String, times: [String], expected: [String]) throws {
    let found = try Self.convert(times.map { "\($0),1" }) { _ in }
    #expect(found.times == (try expected.map(Self.utc)))
    #expect(
      found.notes.contains(
        "read the times \(times[0]) to \(times[times.count - 1]) as \(meaning); --time-format s reads them as seconds"
      ),
      "\(found.notes)")
    let plain = try Self.convert(times.map { "\($0),1" }) { try? $0.setFormat("s") }
    #expect(
      plain.times == times.compactMap(Double.init)
        && !plain.notes.contains(where: { $0.hasPrefix("read the times") }))
  }

  @Test(arguments: [
    ["0", "1", "2"], ["1577836800", "1577836860"], ["1998", "1999", "2000", "3000"],
    ["20200228", "20200229", "20200230"],
    ["5", "20200101"], ["0.5", "2000"], ["1", "1577836800000"], ["202011", "202012", "202013"], ["2000"],
    ["-5", "-4"],
  ])
  func otherNumbersStayAsTheyAre(times: [String]) throws {
    let found = try Self.convert(times.map { "\($0),1" }) { _ in }
    #expect(
      found.times == times.compactMap(Double.init)
        && !found.notes.contains(where: { $0.hasPrefix("read the times") }))
  }

  @Test func unitsOfNumbersAreTold() throws {
    for (unit, scale) in [("ms", 1e3), ("us", 1e6), ("ns", 1e9)] {
      let found = try Self.convert(["0,1", "1000,2"]) { try? $0.setFormat(unit) }
      #expect(found.times == [0, 1000 / scale])
    }
    #expect(Self.complaint(["2020-01-01,1"]) { try? $0.setFormat("ms") }.contains("is not a time in ms"))
    // Tenths of a second, evenly apart although numbers in double precision are not.
    let tenths = (0..<40).map { "\(1_577_836_800_000 + $0 * 100),\($0)" }
    let found = try Self.convert(tenths) { $0.step = .seconds(0.1) }
    #expect(found.values == (0..<40).map(Double.init) && found.notes.count == 1)
    #expect(try Self.convert(tenths) { _ in }.notes.count == 1)
  }

  @Test func severalColumnsAreJoined() throws {
    let fixture = try Fixture()
    let path = try fixture.write(
      """
      Store,Dept,Date,Time,x
      1,1,10/03/2004,18.00.00,1
      1,1,10/03/2004,19.00.00,2
      1,2,10/03/2004,18.00.00,3
      11,2,10/03/2004,18.00.00,4

      """, "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    (dataset.time, dataset.group) = ("Date,Time", "Store,Dept")
    dataset.timeReading.format = "%d/%m/%Y %H.%M.%S"
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/names").read(as: String.self) == ["1,1", "1,2", "11,2"])
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 2, 3, 4])
    let six = try Self.utc("2004-03-10T18:00")
    #expect(try file.dataset("train/time").read(as: Double.self) == [six, six + 3600, six, six])
    dataset.time = "Date,time"
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.hasPrefix(
        "--time: no column 'time' in \(path)"))
    // The name of a single column may contain a comma.
    let named = try fixture.write("\"a,b\",x\n1,5\n2,6\n", "n.csv")
    dataset = TableDataset(file: named, inputs: ["x"])
    dataset.time = "a,b"
    let (other, _) = try fixture.make("n.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(try other.dataset("train/time").read(as: Double.self) == [1, 2])
  }

  @Test(arguments: [
    ("15min", RowDistance.seconds(900)), ("1h", .seconds(3600)), ("h", .seconds(3600)),
    ("0.5s", .seconds(0.5)),
    ("1d", .days(1)), ("2w", .days(14)), ("0.5d", .seconds(43_200)), ("1month", .months(1)),
    ("3months", .months(3)), ("1quarter", .months(3)), ("1y", .months(12)),
  ])
  func distancesAreReadWithTheirUnit(text: String, distance: RowDistance) throws {
    #expect(try RowDistance(text) == distance)
  }

  @Test(arguments: ["", "1", "1m", "0h", "-1h", "1hh", "infh", "1.5months", "1e300h"])
  func otherDistancesAreRefused(text: String) {
    #expect(throws: WeftError.self) { try RowDistance(text) }
  }

  /// Months of different lengths, of which the last days are those of any other.
  @Test(arguments: [
    (
      ["2023-11-30", "2024-02-29", "2024-03-31"],
      ["2023-11-30", "2023-12-31", "2024-01-31", "2024-02-29", "2024-03-31"]
    ),
    (["2024-01-15", "2024-04-15"], ["2024-01-15", "2024-02-15", "2024-03-15", "2024-04-15"]),
  ])
  func monthsAreFilled(known: [String], filled: [String]) throws {
    let found = try Self.convert(known.map { "\($0),1" }, missing: .keep) { $0.step = .months(1) }
    #expect(found.times == (try filled.map(Self.utc)))
    #expect(found.values.map(\.isNaN) == filled.map { !known.contains($0) })
    #expect(
      found.notes.contains(
        "kept \(filled.count - known.count) missing values as NaN, for data.missing_inputs and data.missing_targets"
      ))
    #expect(
      Self.complaint(["2024-01-15,1", "2024-02-16,1"]) { $0.step = .months(1) }.contains(
        "is no multiple of --every"))
    #expect(Self.complaint(["1,1", "2,1"]) { $0.step = .months(1) }.contains("is no multiple of --every"))
  }

  /// Days of Berlin, of which one has 23 hours.
  @Test func daysOfLocalClocks() throws {
    let rows = ["2024-03-30T12:00,1", "2024-04-02T12:00,2"]
    func daily(_ time: inout TableTime) {
      (time.step, time.zone) = (.days(1), TimeZone(identifier: "Europe/Berlin"))
    }
    let found = try Self.convert(rows, missing: .forward, daily)
    #expect(
      found.times
        == (try ["2024-03-30T11:00", "2024-03-31T10:00", "2024-04-01T10:00", "2024-04-02T10:00"].map(Self.utc))
    )
    #expect(found.values == [1, 1, 1, 2])
    // Days that clocks change are no gap either.
    let days = (1...31).map { "2024-03-\($0 < 10 ? "0" : "")\($0)T00:00,\($0)" } + ["2024-04-01T00:00,32"]
    #expect(try Self.convert(days) { $0.zone = TimeZone(identifier: "Europe/Berlin") }.notes.isEmpty)
  }

  /// The days of a spreadsheet: the times are those that LibreOffice shows.
  /// Seconds since midnight, as order books have them, lie where the days of spreadsheets do.
  @Test func secondsOfADay() throws {
    let seconds = (0..<20).map { String(format: "%.9f", 34_200.017_459_617 + Double($0) * 1.170_000_123) }
    let (times, notes) = try Self.convertedTimes(seconds)
    #expect(times == seconds.compactMap(Double.init))
    #expect(
      notes.contains {
        $0.hasPrefix("read the times \(seconds[0]) to \(seconds[19]) as numbers, such as seconds")
      })
    // Days with whole seconds and milliseconds, as pandas writes them.
    for step in [1 / 86_400.0, 0.001 / 86_400] {
      let days = (0..<20).map { "\(44_197.25 + Double($0) * step)" }
      let times = try Self.convertedTimes(days).times
      #expect(times.enumerated().allSatisfy { abs($1 - 1_609_480_800 - Double($0) * step * 86_400) < 1e-3 })
    }
  }

  private static func convertedTimes(_ times: [String]) throws -> (times: [Double], notes: [String]) {
    let fixture = try Fixture()
    let text = "t,x\n" + times.enumerated().map { "\($1),\($0)\n" }.joined()
    var dataset = TableDataset(file: try fixture.write(text, "t.csv"), inputs: ["x"])
    dataset.time = "t"
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    return (try file.dataset("train/time").read(as: Double.self), summary.notes)
  }

  @Test func weeksInTwoColumns() throws {
    let fixture = try Fixture()
    var dataset = TableDataset(
      file: try fixture.write("YEAR,WEEK,x\n2010,1,1\n2010,2,2\n", "t.csv"), inputs: ["x"])
    dataset.time = "YEAR,WEEK"
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(
        "'2010 1' is not a time; weeks are read in one column, such as 2026-W05"))
  }

  @Test func daysOfSpreadsheets() throws {
    let rows = ["44197,1", "44197.25,2", "44197.0417,3", "44197.041666666664,4", "44197.52083,5"]
    let expected = try [
      "2021-01-01", "2021-01-01T06:00", "2021-01-01T01:00", "2021-01-01T01:00", "2021-01-01T12:30",
    ]
    .map(Self.utc)
    for (row, time) in zip(rows, expected) {
      #expect(try Self.convert([row]) { _ in }.times == [time], "\(row)")
    }
    let found = try Self.convert(["44197,1", "44198.5,2"]) { _ in }
    #expect(
      found.notes == [
        "read the times 44197 to 44198.5 as dates of a spreadsheet; --time-format s reads them as seconds"
      ])
    #expect(try Self.convert(["44197,1", "44198.5,2"]) { try? $0.setFormat("s") }.times == [44197, 44198.5])
    #expect(
      try Self.convert(["0,1", "1.5,2"]) { try? $0.setFormat("excel") }.times == [
        -25_569 * 86_400, -25_567.5 * 86_400,
      ])
  }

  /// Forms of ISO 8601 without a day or without marks, and quarters as pandas writes them.
  @Test(arguments: [
    (["1949-01", "1949-12"], ["1949-01-01", "1949-12-01"]),
    (["2000Q1", "2000Q4"], ["2000-01-01", "2000-10-01"]),
    (["2000-Q2", "2001 Q1"], ["2000-04-01", "2001-01-01"]), (["2000/11"], ["2000-11-01"]),
    (
      ["20200229T230000", "20200301T003015.5", "20200301T0100"],
      ["2020-02-29T23:00", "2020-03-01T00:30:15.5", "2020-03-01T01:00"]
    ),
    (["20200301T000000Z", "20200301T030000+0100"], ["2020-03-01", "2020-03-01T02:00"]),
  ])
  func otherFormsOfDates(times: [String], expected: [String]) throws {
    #expect(try Self.convert(times.map { "\($0),1" }) { _ in }.times == (try expected.map(Self.utc)))
  }

  /// Weeks as Python's date.fromisocalendar has them.
  @Test(arguments: [
    ("2020-W01", "2019-12-30"), ("2020W53", "2020-12-28"), ("2021W53", nil), ("2020-W53", "2020-12-28"),
    ("2021-W53", nil),
    ("2016-W01", "2016-01-04"),
    ("2024-W10", "2024-03-04"), ("2024-W00", nil),
  ])
  func weeks(text: String, monday: String?) throws {
    #expect(Timestamp.value(text) == (try monday.map(Self.utc)))
  }

  @Test func timesWithAndWithoutOffsetsAreTold() throws {
    let found = try Self.convert(["2020-01-01T00:00+01:00,1", "2020-01-01T01:00,2"]) { _ in }
    #expect(found.times == [try Self.utc("2019-12-31T23:00"), try Self.utc("2020-01-01T01:00")])
    #expect(
      found.notes == [
        "some times have an offset from UTC and others do not, which are read as those of --time-zone, or UTC"
      ])
  }

  @Test(arguments: [
    "1949-13", "2000Q5", "2000Q", "2000 01", "2020-01-", "20200230T000000", "2020 01 01", "202002T00",
  ])
  func otherTextsAreNoDates(text: String) {
    #expect(Timestamp.value(text) == nil)
  }

  /// What times are, which forecasts are written with.
  @Test(arguments: [
    (["2024-01-01"], nil, nil, TimeScale.local), (["2024-01-01T00:00Z"], nil, nil, .absolute),
    (
      ["2024-01-01T00:00"], nil, "Asia/Tokyo",
      TimeZone(identifier: "Asia/Tokyo").map(TimeScale.zone) ?? .local
    ),
    (["2024-01-01T00:00+09:00"], nil, nil, .absolute), (["0", "1"], nil, nil, .numbers),
    (["1577836800"], nil, nil, .absolute), (["1577836800000"], nil, nil, .absolute),
    (["20240101"], nil, nil, .local), (["01.02.2024"], "%d.%m.%Y", nil, .local),
    (["01.02.2024 +0100"], "%d.%m.%Y %z", nil, .absolute), (["7"], "s", nil, .numbers),
  ])
  func scales(times: [String], format: String?, zone: String?, scale: TimeScale) throws {
    let fixture = try Fixture()
    let path = try fixture.write("t,x\n" + times.map { "\($0),1\n" }.joined(), "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    dataset.time = "t"
    if let format { try dataset.timeReading.setFormat(format) }
    dataset.timeReading.zone = zone.flatMap { TimeZone(identifier: $0) }
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let attributes = try file.dataset("train/time").attributes
    let found = TimeScale(
      units: try? attributes.value("units", as: String.self),
      zone: try? attributes.value(TimeScale.zoneAttribute, as: String.self))
    #expect(found == scale)
  }
}
