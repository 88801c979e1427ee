import Foundation
import HDF5
import TestSupport
import Testing

@testable import DatasetTools
@testable import WeftBase

/// Tables as instruments and programs of several countries export them; numbers are those of `pandas.read_csv`.
@Suite("Tables of several countries") struct LocalTableTests {
  private static func read(
    _ text: String, _ change: (inout TableDataset) -> Void
  ) throws -> (inputs: [Double], times: [Double], notes: [String], error: String) {
    let fixture = try Fixture()
    var dataset = TableDataset(file: try fixture.write(text, "t.csv"), inputs: ["x"])
    change(&dataset)
    do {
      let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      let times = try file.contains("train/time") ? file.dataset("train/time").read(as: Double.self) : []
      return (try file.dataset("train/inputs").read(as: Double.self), times, summary.notes, "")
    } catch { return ([], [], [], "\(error)") }
  }

  /// Seconds with decimal commas, as phyphox writes them; `read_csv(decimal=',')`, also with `thousands='.'`.
  @Test func timesWithDecimalCommas() throws {
    let text =
      "t;x\n0,000000000E+00;1,355571032E+00\n1,000000000E-02;-2,5E-01\n2,000000000E-02;3,0E+00\n"
    let found = try Self.read(text) { ($0.time, $0.format.decimal) = ("t", .comma) }
    #expect(found.times == [0, 0.01, 0.02], "\(found)")
    #expect(found.inputs == [Double(Float(1.355571032)), -0.25, 3])
    let grouped = try Self.read("t;x\n998,5;1\n1.000,5;2\n1.002,5;3\n") {
      ($0.time, $0.format.decimal, $0.format.thousands) = ("t", .comma, ".")
    }
    #expect(grouped.times == [998.5, 1000.5, 1002.5], "\(grouped)")
    // Gathered, too.
    let gathered = try Self.read("t;x\n0,2;1\n0,7;3\n1,5;5\n") {
      ($0.time, $0.format.decimal, $0.resampling, $0.timeReading.step) = ("t", .comma, .mean, .seconds(1))
    }
    #expect(gathered.inputs == [2, 5] && gathered.times == [0, 1], "\(gathered)")
    let advice = try Self.read("t\tx\n0\t1,355571032E+00\n1\t2,5E-01\n") { $0.format.separator = 9 }
    #expect(advice.error.contains("use --decimal , for numbers with a decimal comma"), "\(advice.error)")
  }

  /// Groups of two digits before the last three, in India; `read_csv(thousands=',')`.
  @Test func lakhs() throws {
    let text = "x\n\"7,68,429.5\"\n\"12,345\"\n\"1,00,000\"\n"
    #expect(try Self.read(text) { $0.format.thousands = "," }.inputs == [768_429.5, 12_345, 100_000])
    #expect(
      try Self.read(text) { _ in }.error.contains("use --thousands , for separators of thousands"))
    for other in ["1,2,345", "1,23,45", "123,45,678", "1,23"] {
      #expect(
        try !Self.read("x\n\"\(other)\"\n1\n") { $0.format.thousands = "," }.error.isEmpty, "\(other)")
    }
  }

  /// Exports of CryptoDataDownload begin with seconds and go on with milliseconds; `pandas.to_datetime(unit=…)`.
  @Test func secondsThatBecomeMilliseconds() throws {
    let text = "t,x\n1577836800,1\n1577840400000,2\n1577844000000000,3\n"
    let found = try Self.read(text) { $0.time = "t" }
    #expect(found.times == [1_577_836_800, 1_577_840_400, 1_577_844_000], "\(found)")
    #expect(
      found.notes.contains {
        $0.contains("as seconds, milliseconds and so on since 1970, each by its size")
      }, "\(found.notes)")
    let newest = try Self.read("t,x\n1577844000000,3\n1577840400,2\n1577836800,1\n") {
      ($0.time, $0.sortsRows) = ("t", true)
    }
    #expect(newest.inputs == [1, 2, 3], "\(newest)")
  }

  /// The time and the rate above the values of an Empatica E4.
  @Test func valuesAboveAndBelow() throws {
    let values = (0..<40).map { "3\($0 % 4).\($0 * 7 % 10)" }
    let found = try Self.read((["1544027337.000000", "4.000000"] + values).map { $0 + "\n" }.joined()) {
      ($0.inputs, $0.format.hasHeader) = (["1"], false)
    }
    #expect(
      found.notes.contains(
        "column '1': 1544027337.000000 on line 1 is very far from all others; leave the line out with --skip-lines 1 if it is"
          + " no row"), "\(found.notes)")
    let plain = try Self.read("x\n" + (values + ["90.5"] + values).map { $0 + "\n" }.joined()) { _ in }
    #expect(plain.notes.isEmpty, "\(plain.notes)")
  }

  @Test(arguments: [
    ("450.71M", "write it with an exponent, as sed -E 's/([0-9]) ?[kK]/\\1e3/g;"),
    ("59s", "use --flags 's' if 's' is a mark of quality rather than a unit"),
    ("\"+0183,1\"", "part the number and its mark of quality (NOAA)"),
    ("0_0_1", "or --skip 'x' to leave them out"),
  ])
  func advice(cell: String, wanted: String) throws {
    let error = try Self.read("x\n\(cell)\n\(cell.replacing("1", with: "2"))\n") { _ in }.error
    #expect(error.contains(wanted), "\(error)")
  }

  /// The balance below the rows of a bank's export is no row.
  @Test func notesBelowTheRows() throws {
    let rows = (1...5).map { "\"0\($0).01.2020\";\"Lastschrift\";\"-\($0),50\"\n" }.joined()
    let text = "\"t\";\"what\";\"x\"\n\(rows)\n\"Kontostand\";\"1.000,00 EUR\"\n"
    func change(_ table: inout TableDataset) {
      (table.time, table.format.decimal, table.timeReading.format) = ("t", .comma, "%d.%m.%Y")
    }
    let error = try Self.read(text, change).error
    #expect(
      error.hasSuffix(
        "line 8: has 2 fields, but the first line names 3 columns; leave out what is no row with --skip-lines, such as"
          + " --skip-lines 8 or 8-"), "\(error)")
    let found = try Self.read(text) {
      change(&$0)
      $0.format.skippedLines = [7...9]
    }
    #expect(found.inputs == [-1.5, -2.5, -3.5, -4.5, -5.5], "\(found)")
  }

  @Test func columnsAreSkipped() throws {
    let text = "x,row id,b_1,b_2\n1,0_a,5,6\n2,1_a,7,8\n"
    func skip(_ names: [String]) -> (inout TableDataset) -> Void {
      { ($0.inputs, $0.skipped) = (["*"], names) }
    }
    #expect(try Self.read(text, skip(["row id", "b_*"])).inputs == [1, 2])
    #expect(try Self.read(text, skip(["row id"])).inputs == [1, 5, 6, 2, 7, 8])
    #expect(try Self.read(text, skip(["rowid"])).error.contains("--skip: no column 'rowid' in"))
    #expect(try Self.read(text, skip(["*"])).error.contains("--skip: leaves no column of --inputs"))
  }
}
