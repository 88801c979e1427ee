import Foundation
import HDF5
import Testing

@testable import DatasetTools
@testable import WeftBase

/// Tables with a series in each row.
@Suite("Wide tables") struct WideTableTests {
  private static func convert(
    _ text: String, _ names: [String], _ change: (inout WideTableDataset) throws -> Void = { _ in }
  ) throws -> (file: File, notes: [String], fixture: Fixture) {
    let fixture = try Fixture()
    var dataset = WideTableDataset(file: try fixture.write(text, "t.csv"), names: names)
    try change(&dataset)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    return (file, summary.notes, fixture)
  }

  private static func complaint(
    _ text: String, _ names: [String], _ change: (inout WideTableDataset) throws -> Void = { _ in }
  ) -> String {
    (#expect(throws: WeftError.self) { _ = try convert(text, names, change) })?.message ?? ""
  }

  /// As the files of the M4 competition are.
  @Test func rowsOfDifferentLengths() throws {
    let text = "\"V1\",\"V2\",\"V3\",\"V4\"\n\"M1\",8000,8350.5,\n\"M2\",,7,9\n\"M3\",,,\n"
    let (file, notes, fixture) = try Self.convert(text, ["V1"])
    defer { withExtendedLifetime(fixture) {} }
    #expect(try file.dataset("train/inputs").read(as: Double.self) == [8000, 8350.5, 7, 9])
    #expect(try file.dataset("train/inputs").shape == [4, 1])
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 2, 4])
    #expect(try file.dataset("train/names").read(as: String.self) == ["M1", "M2"])
    #expect(try !file.contains("train/time"))
    #expect(
      notes == [
        "read each row as a series of at most 3 steps, 'V2' to 'V4'", "left out a row without any number",
      ])
  }

  /// As those of Johns Hopkins University are.
  @Test func columnsOfDates() throws {
    let text = """
      Province/State,Country/Region,Lat,Long,1/22/20,1/23/20,1/24/20
      ,Peru,-9.2,-75,,16777217,3
      Hubei,China,30.9,112.2,444,444,549

      """
    let (file, notes, fixture) = try Self.convert(text, ["Country/Region", "Province/State"]) {
      $0.skipped = ["Lat", "Long"]
      try $0.timeReading.setFormat("%m/%d/%y")
    }
    defer { withExtendedLifetime(fixture) {} }
    #expect(try file.dataset("train/names").read(as: String.self) == ["Peru,", "China,Hubei"])
    #expect(try file.dataset("train/inputs").read(as: Double.self) == [16_777_217, 3, 444, 444, 549])
    let days = ["2020-01-23", "2020-01-24", "2020-01-22", "2020-01-23", "2020-01-24"]
    #expect(try file.dataset("train/time").read(as: Double.self) == days.compactMap(Timestamp.value))
    #expect(
      notes.last
        == "stored in double precision, as single precision rounds 16777217 on line 2, series 'Peru,'")
    #expect(
      Self.complaint(text, ["Country/Region", "Province/State"]).hasSuffix(
        "columns 'Lat', 'Long' do not look like steps as '1/24/20' does; leave them out with --skip 'Lat,Long', or add them"
          + " to --names, or tell times with --time-format"))
    #expect(
      Self.complaint(text, ["Country/Region", "Province/State"]) { try $0.timeReading.setFormat("%m/%d/%y") }
        .hasSuffix(
          "columns 'Lat', 'Long' are no times as others are; leave them out with --skip 'Lat,Long', or add them to --names"
        ))
    #expect(
      Self.complaint(text, ["Lat"]) { $0.skipped = ["Long", "Province/State", "Country"] }.contains(
        "--skip: no column 'Country' in "))
  }

  /// As older files of Eurostat are.
  @Test func newestColumnsFirst() throws {
    let (file, notes, fixture) = try Self.convert("geo,2003,2002,2001\nAT,3,2,1\nBE,,5,4\n", ["geo"])
    defer { withExtendedLifetime(fixture) {} }
    #expect(try file.dataset("train/inputs").read(as: Double.self) == [1, 2, 3, 4, 5])
    let years = ["2001-01-01", "2002-01-01", "2003-01-01", "2001-01-01", "2002-01-01"]
    #expect(try file.dataset("train/time").read(as: Double.self) == years.compactMap(Timestamp.value))
    #expect(notes[0].hasSuffix("'2003' to '2001', from the last to the first, as the newest comes first"))
  }

  /// As the tables of Epileptic Seizure Recognition and of Kepler's light curves are.
  @Test func classesOfSeries() throws {
    let text =
      "\"\",\"X1\",\"X2\",\"X3\",\"y\"\n\"X21.V1\",135,190,229,4\n\"X15.V1\",386,382,,1\n\"X8.V1\",-32,-39,-47,4\n"
    let (file, notes, fixture) = try Self.convert(text, []) { $0.classColumn = "y" }
    defer { withExtendedLifetime(fixture) {} }
    #expect(
      try file.dataset("train/inputs").read(as: Double.self) == [135, 190, 229, 386, 382, -32, -39, -47])
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 5, 8])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [1, 0, 1])
    #expect(try file.dataset("classes").read(as: String.self) == ["1", "4"])
    #expect(try file.dataset("train/names").read(as: String.self) == ["1", "2", "3"])
    #expect(notes.prefix(2) == ["2 classes", "read each row as a series of at most 3 steps, 'X1' to 'X3'"])
    let missing = Self.complaint("LABEL,F.1,F.2\n2,1,2\n,3,4\n", []) { $0.classColumn = "LABEL" }
    #expect(missing.hasSuffix("line 3, column 'LABEL': has no class"))
  }

  /// As those of the World Bank are.
  @Test func columnsOfYears() throws {
    let (file, _, fixture) = try Self.convert("Code,1960,1961\nPER,1.5,2\n", ["Code"])
    defer { withExtendedLifetime(fixture) {} }
    #expect(
      try file.dataset("train/time").read(as: Double.self)
        == ["1960-01-01", "1961-01-01"].compactMap(Timestamp.value))
  }

  @Test(arguments: [
    (MissingValues.forward, [1, 1, 3, 8], "filled in a missing value (forward)"),
    (.mean, [1, 4, 3, 8], "filled in a missing value (mean)"),
    (.keep, [1, -1, 3, 8], "kept a missing value as NaN"),
  ])
  func gapsWithinASeries(missing: MissingValues, values: [Double], note: String) throws {
    let text = "id,s1,s2,s3,s4,s5\na,1,NA,3,8,\n"
    let (file, notes, fixture) = try Self.convert(text, ["id"]) { $0.missing = missing }
    defer { withExtendedLifetime(fixture) {} }
    #expect(try file.dataset("train/inputs").read(as: Double.self).map { $0.isNaN ? -1 : $0 } == values)
    #expect(notes.contains(note))
    #expect(
      Self.complaint(text, ["id"]).hasSuffix(
        "line 2, column 's2': missing value within a series; handle it with --missing forward, mean or keep"))
  }

  @Test(arguments: [
    (
      "id,s1,s2\na,1,2\na,3,4\n",
      "line 3: its series 'a' is also that of another row; name more columns with --names"
    ),
    ("id,s1,s2\na,1,x\n", "line 2, column 's2': 'x' is not a number; leave the column out with --skip"),
    (
      "id,2021-01-02,2021-01-01,2021-01-03\na,1,2,3\n",
      "column '2021-01-01' is not later than '2021-01-02' before it"
    ),
    (
      "id,s1,s2,x\na,1,2,3\n",
      "column 'x' does not look like a step as 's2' does; add it to --names or leave it out"
    ),
    (
      "id,Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec\n2020,1,2,3,4,5,6,7,8,9,10,11,12\n",
      "columns 'Jan' to 'Dec' are months; pandas makes a row of each, pandas.read_csv('t.csv').melt('id', "
    ),
    ("id,s1\na,1\n", "no columns are left for the steps"),
    ("id,s1,s2\na,1e40,2\n", "1e40 exceeds the range of 32-bit numbers"),
  ])
  func mistakesAreNamed(text: String, message: String) {
    let found = Self.complaint(text, ["id"])
    #expect(found.contains(message), "\(found)")
  }

  /// Quarters of Eurostat, whose cells end with a blank.
  @Test func quartersOfEurostat() throws {
    let text = "geo\\TIME_PERIOD\t2019-Q1 \t2019-Q2 \t2019-Q3 \nAT\t1.2 p\t: \t1.4 \nBE\t2.2 \t2.3 e\t2.4 \n"
    let (file, _, fixture) = try Self.convert(text, ["geo\\TIME_PERIOD"]) {
      ($0.format.missingMarks, $0.format.flags, $0.missing) = ([":"], ["p", "e"], .keep)
      $0.format.separator = 9
    }
    defer { withExtendedLifetime(fixture) {} }
    #expect(
      try file.dataset("train/inputs").read(as: Double.self).map { $0.isNaN ? -1 : Float($0) }
        == [1.2, -1, 1.4, 2.2, 2.3, 2.4])
    let quarters = try ["2019-01-01", "2019-04-01", "2019-07-01"].map { try #require(Timestamp.value($0)) }
    #expect(try file.dataset("train/time").read(as: Double.self) == quarters + quarters)
  }
}
