import Foundation
import HDF5
import TestSupport
import Testing

@testable import DatasetTools
@testable import WeftBase

/// Rows at the end of a table whose covariates are known and whose series are to be forecast.
@Suite("Rows to forecast") struct TableFutureTests {
  private static func numbers(_ file: File, _ path: String) throws -> [Double] {
    try file.dataset(path).read(as: Double.self)
  }

  @Test(arguments: MissingValues.allCases)
  func theEndOfATableIsKept(missing: MissingValues) throws {
    let fixture = try Fixture()
    let rows = (0..<10).map {
      "2026-01-\($0 < 9 ? "0" : "")\($0 + 1),\($0 < 8 ? "\(100 + $0)" : ""),\($0 % 3),d\($0 % 2)\n"
    }
    let path = try fixture.write("day,sales,promotion,kind\n" + rows.joined(), "t.csv")
    var dataset = TableDataset(file: path, inputs: ["sales"])
    (dataset.covariates, dataset.time, dataset.missing) = (["promotion", "kind"], "day", missing)
    dataset.plan = try SplitPlan("0.75,0.25")
    dataset.leadIn = .rows(2)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    // The fractions are those of the rows with sales.
    #expect(try Self.numbers(file, "train/inputs") == (100..<106).map(Double.init))
    #expect(try Self.numbers(file, "validation/inputs") == (104..<108).map(Double.init))
    #expect(try file.dataset("validation/covariates").shape == [4, 2])
    #expect(try !file.contains("train/future"))
    #expect(try Self.numbers(file, "validation/future/covariates") == [2, 0, 0, 1])
    let days = [8, 9].map { 86_400 * Double($0) + (Timestamp.value("2026-01-01") ?? 0) }
    #expect(try Self.numbers(file, "validation/future/time") == days)
    #expect(
      try file.dataset("validation/future/covariates").attributes.values("feature_names", as: String.self)
        == ["promotion", "kind"])
    #expect(
      summary.notes.contains("kept 2 rows of covariates alone at the end of the table, to forecast sales"))
    #expect(!summary.notes.contains { $0.contains("missing values") })
  }

  /// They follow the last row that is kept of their series, whose last split may have none.
  @Test func rowsToForecastFollowTheirOwnSeries() throws {
    let fixture = try Fixture()
    // The last known row of 'b' has z alone, and is omitted.
    let table = """
      shop,y,z,price
      a,1,1,10
      a,2,1,11
      a,3,1,12
      a,4,1,13
      a,,,14
      b,5,1,20
      b,6,1,21
      b,,1,22
      b,,,23

      """
    var dataset = TableDataset(file: try fixture.write(table, "t.csv"), inputs: ["y", "z"])
    (dataset.covariates, dataset.group) = (["price"], "shop")
    (dataset.dividesGroups, dataset.missing) = (true, .drop)
    dataset.plan = try SplitPlan("0.7,0.3")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("validation/names").read(as: String.self) == ["a"])
    #expect(try Self.numbers(file, "validation/future/covariates") == [14])
    #expect(try Self.numbers(file, "train/future/covariates") == [23])
    #expect(try Self.numbers(file, "train/future/offsets") == [0, 0, 1])
  }

  /// Each series has as many as it has; one without any value is none.
  @Test func theEndsOfGroupsAreKept() throws {
    let fixture = try Fixture()
    let table = """
      shop,y,price
      a,1,10
      a,2,11
      a,,12
      a,,13
      b,3,20
      b,4,21
      c,5,30
      c,,31

      """
    var dataset = TableDataset(file: try fixture.write(table, "t.csv"), inputs: ["y"])
    (dataset.covariates, dataset.group) = (["price"], "shop")
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try Self.numbers(file, "train/inputs") == [1, 2, 3, 4, 5])
    #expect(try Self.numbers(file, "train/covariates") == [10, 11, 20, 21, 30])
    #expect(try Self.numbers(file, "train/offsets") == [0, 2, 4, 5])
    #expect(try Self.numbers(file, "train/future/covariates") == [12, 13, 31])
    #expect(try Self.numbers(file, "train/future/offsets") == [0, 2, 2, 3])
    #expect(
      summary.notes == ["kept 3 rows of covariates alone at the end of 2 series, to forecast y"])
    // Only the last of them: the others come first.
    let last = table.replacing("a,,12\na,,13\n", with: "")
    dataset.file = try fixture.write(last, "l.csv")
    let (other, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try Self.numbers(other, "train/future/offsets") == [0, 0, 0, 1])
    dataset.file = try fixture.write(table + "d,,40\n", "d.csv")
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(
        "line 10, column 'y': missing value"))
  }

  /// A gap within the series is one of missing values, as ever, and so is a covariate that is not known.
  @Test func whatIsMissingElsewhereIsNot() throws {
    let fixture = try Fixture()
    var dataset = TableDataset(file: try fixture.write("y,p\n1,1\n,2\n3,3\n,4\n", "t.csv"), inputs: ["y"])
    dataset.covariates = ["p"]
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(
        "line 3, column 'y': missing value"))
    dataset.missing = .forward
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try Self.numbers(file, "train/inputs") == [1, 1, 3])
    #expect(try Self.numbers(file, "train/future/covariates") == [4])
    #expect(summary.notes.contains("filled in a missing value (forward)"))
    (dataset.file, dataset.missing) = (try fixture.write("y,p,z\n1,1,0\n,2,0\n,,0\n", "u.csv"), .drop)
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(
        "column 'p': missing value of a row to forecast, which cannot be omitted"))
    // Without covariates nothing tells of the future.
    dataset = TableDataset(file: try fixture.write("y,p\n1,1\n,2\n", "v.csv"), inputs: ["y"])
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(
        "line 3, column 'y': missing value"))
  }

  /// Days that the table leaves out before those to forecast are to be forecast, too.
  @Test func gapsBeforeTheEnd() throws {
    let fixture = try Fixture()
    let path = try fixture.write("d,y,p\n2026-01-01,1,5\n2026-01-02,2,6\n2026-01-05,,7\n", "t.csv")
    var dataset = TableDataset(file: path, inputs: ["y"])
    (dataset.covariates, dataset.time, dataset.missing) = (["p"], "d", .forward)
    dataset.timeReading.step = .days(1)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try Self.numbers(file, "train/inputs") == [1, 2])
    #expect(try Self.numbers(file, "train/future/covariates") == [6, 6, 7])
    #expect(summary.notes.contains("kept 3 rows of covariates alone at the end of the table, to forecast y"))
  }
}

/// Numbers with more digits than single precision has, and unusual ends of lines.
@Suite("Digits and lines of tables") struct TableDigitTests {
  private static func read(_ text: String, _ inputs: [String]) throws -> (
    values: [Double], isPrecise: Bool, notes: [String]
  ) {
    let fixture = try Fixture()
    let dataset = TableDataset(file: try fixture.write(text, "t.csv"), inputs: inputs)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let values = try file.dataset("train/inputs")
    return (try values.read(as: Double.self), "\(values.datatype)".contains("64"), summary.notes)
  }

  @Test(arguments: [
    (["16777216", "16777218"], nil),
    (["16777217", "5"], "single precision rounds 16777217 on line 2, column 'x'"),
    (["5", "123456789012"], "single precision rounds 123456789012 on line 3, column 'x'"),
    (["-16777219.0", "5"], "single precision rounds -16777219.0 on line 2, column 'x'"),
    (["1013.25", "1013.75"], nil), (["0.1", "0.2"], nil),
    (
      ["100000.01", "100000.02"],
      "single precision keeps too few digits of what the numbers of column 'x' differ by"
    ),
    (["0.1", "0.1"], nil), (["1e30", "2e30"], nil),
  ])
  func numbersKeepTheirDigits(numbers: [String], reason: String?) throws {
    let found = try Self.read("x\n" + numbers.map { "\($0)\n" }.joined(), ["x"])
    let wanted = numbers.compactMap(Double.init)
    if let reason {
      #expect(found.values == wanted && found.isPrecise)
      #expect(found.notes == ["stored in double precision, as \(reason)"])
    } else {
      #expect(found.values == wanted.map { Double(Float($0)) } && !found.isPrecise)
      #expect(!found.notes.contains { $0.hasPrefix("stored") }, "\(found.notes)")
    }
  }

  @Test func theFirstColumnIsNamed() throws {
    let found = try Self.read("x,y,z\n1,16777217,16777217\n2,3,4\n", ["x", "y", "z"])
    #expect(found.values == [1, 16_777_217, 16_777_217, 2, 3, 4])
    #expect(
      found.notes == [
        "stored in double precision, as single precision rounds 16777217 on line 2, column 'y' and another column"
      ])
  }

  /// Ends of lines of old Macintoshes, of Windows, and of programs that write one twice.
  @Test(arguments: ["\r", "\n", "\r\n", "\r\r\n"])
  func endsOfLines(end: String) throws {
    let rows = ["# made by hand", "x,y", "1,\"a\"", "2,b", "3,c"]
    for last in [end, ""] {
      let found = try Self.read(rows.joined(separator: end) + last, ["x"])
      #expect(found.values == [1, 2, 3])
    }
    let message = #expect(throws: WeftError.self) {
      try Self.read(rows.joined(separator: end) + end + "4" + end, ["x"])
    }
    #expect(
      message?.message.contains("line 6: has 1 field, but line 2 names 2 columns") == true,
      "\(message?.message ?? "")")
  }
}
