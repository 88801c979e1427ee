import Foundation
import HDF5
import TestSupport
import Testing

@testable import DatasetTools
@testable import WeftBase

/// Forms of times in tables, and what is said of those that are doubtful or none.
@Suite("Forms of times") struct TimeFormTests {
  /// Formats that are suggested, each of which `pandas.to_datetime(format=…)` reads as well.
  @Test(
    arguments: [
      ("31/12/2020", ["%d/%m/%Y"]), ("01/02/2020", ["%d/%m/%Y", "%m/%d/%Y"]), ("12/31/2020", ["%m/%d/%Y"]),
      ("31.12.2020 23:15", ["%d.%m.%Y %H:%M"]),
      ("1/1/2020 11:00:00 PM", ["%d/%m/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M:%S %p"]),
      ("Nov-20", ["%b-%y"]), ("31-Dec-2020", ["%d-%b-%Y"]), ("Dec 31, 2020", ["%b %d, %Y"]),
      ("11/2020", ["%m/%Y"]),
      ("2013 3 1 0", ["%Y %m %d %H"]), ("31/12/20", ["%d/%m/%y"]), ("2020 JAN", ["%Y %b"]),
      ("2011-01-01 0", ["%Y-%m-%d %H"]), ("1749 01", ["%Y %m"]),
      ("01/Jan/2020:00:00:00 +0000", ["%d/%b/%Y:%H:%M:%S %z"]), ("soon", []),
      ("9/25/2017 06:00:00.000 PM", ["%m/%d/%Y %I:%M:%S %p"]), ("20240102 090000", ["%Y%m%d %H%M%S"]),
      ("Tuesday, January 02, 2024", ["%A, %B %d, %Y"]),
      ("Tue Jan 02 00:00:00 2024", ["%a %b %d %H:%M:%S %Y"]),
      ("2024 40", ["%Y %j"]), ("2000 M01", ["%Y M%m"]), ("01. März 2024", ["%d. %b %Y"]),
      ("15 févr. 2024", ["%d %b %Y"]),
      ("210305 0102", ["%y%m%d %H%M"]), ("2021-03-05_01:02:03", ["%Y-%m-%d_%H:%M:%S"]),
      ("05 March, 2021", ["%d %b, %Y"]), ("1.XI.2021", ["%d.%b.%Y"]),
      ("01.01.2021 00:00:00.000 GMT+0100", ["%d.%m.%Y %H:%M:%S GMT%z"]),
      ("12", []),
    ] as [(String, [String])])
  func formatsAreSuggested(text: String, formats: [String]) throws {
    #expect(TimeFormat.suggestions(for: text) == formats)
    let fixture = try Fixture()
    var dataset = TableDataset(file: try fixture.write("t;x\n\(text);1\n", "t.csv"), inputs: ["x"])
    (dataset.time, dataset.format.separator) = ("t", 59)
    let shown = formats.map { "'\($0)'" }.joined(separator: " or ")
    if text != "12" {
      #expect(
        fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(
          formats.isEmpty
            ? "is not a time; use numbers, ISO 8601 such as 2026-01-31T12:00, or --time-format"
            : "is not a time; use --time-format \(shown)"))
    }
  }

  /// Times that another order of day and month would read as well, which a single one settles.
  @Test(arguments: [
    (["01/02/2020", "02/02/2020", "03/02/2020"], "%m/%d/%Y", "%d/%m/%Y" as String?),
    (["01/02/2020", "02/02/2020", "13/02/2020"], "%d/%m/%Y", nil),
    (["01.01.2020", "02.02.2020"], "%d.%m.%Y", nil),
    (["2020-01-02 10:00", "2020-02-02 10:00"], "%Y-%m-%d %H:%M", nil),
    (["Jan 20", "Feb 20"], "%b %y", nil),
  ])
  func daysAndMonths(times: [String], format: String, other: String?) throws {
    let fixture = try Fixture()
    let table = "t;x\n" + times.enumerated().map { "\($1);\($0)\n" }.joined()
    var dataset = TableDataset(file: try fixture.write(table, "t.csv"), inputs: ["x"])
    (dataset.time, dataset.format.separator, dataset.timeReading.format) = ("t", 59, format)
    let (_, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let notes = summary.notes.filter { $0.hasPrefix("all times are also") }
    #expect(
      notes
        == (other.map { ["all times are also of the format '\($0)', in which day and month are exchanged"] }
          ?? []))
  }

  /// Fractions after seconds, as `pandas.to_datetime` reads them with `%f`; names of months in other languages.
  @Test(arguments: [
    ("%d/%m/%Y %H:%M:%S", "02/01/2024 00:00:01.125", "2024-01-02T00:00:01.125Z" as String?),
    ("%d/%m/%Y %H:%M:%S.%f", "02/01/2024 00:00:01.125000", "2024-01-02T00:00:01.125Z"),
    ("%d/%m/%Y %T:%f", "02/01/2024 00:00:01:125", "2024-01-02T00:00:01.125Z"),
    ("%d/%m/%Y %I:%M:%S %p", "02/01/2024 01:00:01.5 PM", "2024-01-02T13:00:01.5Z"),
    ("%Y-%m-%d %H:%M:%S%z", "2024-01-02 00:00:01.25+0100", "2024-01-01T23:00:01.25Z"),
    ("%d/%m/%Y %H:%M:%S", "02/01/2024 00:00:01", "2024-01-02T00:00:01Z"),
    ("%d/%m/%Y %H:%M:%S", "02/01/2024 00:00:01:12", nil), ("%d/%m/%Y %H:%M:%S", "02/01/2024 00:00:01.x", nil),
    ("%d. %B %Y", "01. März 2024", "2024-03-01T00:00Z"), ("%d %b %Y", "15 févr. 2024", "2024-02-15T00:00Z"),
    ("%d de %B de %Y", "5 de agosto de 2024", "2024-08-05T00:00Z"),
    ("%d-%b-%y", "31-dic-24", "2024-12-31T00:00Z"),
    ("%B %Y", "Mai 2024", "2024-05-01T00:00Z"), ("%d %B %Y", "1 Foo 2024", nil),
  ])
  func fractionsAndMonths(format: String, text: String, time: String?) throws {
    var reading = TableTime()
    try reading.setFormat(format)
    let wanted = try time.map { TableTime.Moment.at(try #require(Timestamp.value($0))) } ?? .unreadable(nil)
    #expect(reading.moment(text, after: nil) == wanted)
  }

  /// Months and quarters are even, though not in days; a month that is left out is told.
  @Test func distancesInMonths() throws {
    let fixture = try Fixture()
    func notes(_ texts: [String]) throws -> [String] {
      let table = "t,x\n" + texts.enumerated().map { "\($1),\($0 * 7 % 11)\n" }.joined()
      var dataset = TableDataset(file: try fixture.write(table, "t.csv"), inputs: ["x"])
      dataset.time = "t"
      return try fixture.make { try dataset.write(to: $0, progress: $1) }.summary.notes
    }
    let quarters = (0..<40).map { "\(1990 + $0 / 4)-Q\($0 % 4 + 1)" }
    let halves = (0..<40).map { "\(1990 + $0 / 2)-S\($0 % 2 + 1)" }
    func month(_ number: Int) -> String {
      "\(1990 + number / 12)-\(number % 12 < 9 ? "0" : "")\(number % 12 + 1)"
    }
    for texts in [quarters, halves, (0..<40).map(month)] { #expect(try notes(texts) == []) }
    #expect(
      try notes((0..<40).filter { $0 != 20 }.map(month)) == [
        "1 of 38 steps in time differs from the usual one of 1 month, first on line 22; rows may be missing"
      ])
    #expect(
      try notes(quarters.enumerated().filter { $0.offset != 9 }.map(\.element)) == [
        "1 of 38 steps in time differs from the usual one of 3 months, first on line 11; rows may be missing"
      ])
  }

  /// Klines of Binance, which are in milliseconds before 2025 and in microseconds from then on; and other sizes.
  @Test func unitsThatChange() throws {
    let fixture = try Fixture()
    func times(_ texts: [String]) throws -> (times: [Double], notes: [String]) {
      let table = "t,x\n" + texts.map { "\($0),1\n" }.joined()
      var dataset = TableDataset(file: try fixture.write(table, "t.csv"), inputs: ["x"])
      dataset.time = "t"
      let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      return (try file.dataset("train/time").read(as: Double.self), summary.notes)
    }
    let (found, notes) = try times(["1735689540000", "1735689600000000", "1735689660000000"])
    #expect(found == [1_735_689_540, 1_735_689_600, 1_735_689_660])
    #expect(
      notes.contains {
        $0.contains("as milliseconds, microseconds or nanoseconds since 1970, each by its size")
      })
    // Nanoseconds since a phone was started are no year 3526.
    #expect(
      try times(["49105962326000", "49106062271000"]).times == [49_105_962_326_000, 49_106_062_271_000])
  }

  @Test func otherMonthsQuartersAndWeeks() {
    for (text, day) in [
      ("2020M11", "2020-11-01"), ("2020W53", "2020-W53"), ("Q3 2011", "2011-07-01"),
      ("2011-Q3", "2011-07-01"),
      ("2011 Q3", "2011-07-01"), ("2020-01-01 00:00:01,5", "2020-01-01T00:00:01.5"),
      ("2020-01-01 03:00:00 UTC", "2020-01-01T03:00Z"), ("2020H2", "2020-07-01"), ("2020-S1", "2020-01-01"),
    ] { #expect(Timestamp.value(text) == Timestamp.value(day), "\(text)") }
    for text in ["2020H3", "2020M13", "2020M1", "Q5 2011", "2020W54"] {
      #expect(Timestamp.value(text) == nil, "\(text)")
    }
    for (text, seconds) in [("00:07", 420), ("47:35", 171_300), ("1:02:03.5", 3723.5), ("999:59", 3_599_940)]
    {
      #expect(NumericTimes.elapsed(text) == seconds)
    }
    for text in ["1947:01", "12:60", "1:2", "a:10", "-1:00", "10:00:"] {
      #expect(NumericTimes.elapsed(text) == nil, "\(text)")
    }
  }
}
