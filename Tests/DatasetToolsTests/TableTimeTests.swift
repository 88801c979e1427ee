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
      $0.step = 3600
    }
    let first = try Self.utc("2024-10-26T23:00Z")
    #expect(found.times == (0..<4).map { first + Double($0) * 3600 })
    #expect(found.values == [1, 2, 3, 4] && found.notes.isEmpty)
  }

  @Test func hoursThatAreSkippedAreEmptyOrAnError() throws {
    func change(_ time: inout TableTime) {
      time.format = "%d.%m.%Y %H:%M"
      time.zone = TimeZone(identifier: "Europe/Berlin")
      time.step = 3600
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
    func hourly(_ time: inout TableTime) { time.step = 3600 }
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
      Self.complaint(["0,1", "1e15,1"], missing: .forward) { $0.step = 1 }.contains(
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
    #expect(Self.complaint(["27.10.2024,1"]) { _ in }.contains("or --time-format"))
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
    ("%H:%M:%S.%f", "%f is not read"), ("%Q", "'%Q' is not a field"), ("%%", "has no field such as %Y"),
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
    let found = try Self.convert(tenths) { $0.step = 0.1 }
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
    ("15min", 900.0), ("1h", 3600), ("h", 3600), ("0.5s", 0.5), ("1d", 86_400), ("2w", 1_209_600),
  ])
  func distancesAreReadWithTheirUnit(text: String, seconds: Double) throws {
    #expect(try TableTime.step(text) == seconds)
  }

  @Test(arguments: ["", "1", "1m", "0h", "-1h", "1hh", "infh"])
  func otherDistancesAreRefused(text: String) {
    #expect(throws: WeftError.self) { try TableTime.step(text) }
  }
}
