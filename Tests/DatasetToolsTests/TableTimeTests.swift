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
