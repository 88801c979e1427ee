import Foundation
import HDF5
import TestSupport
import Testing

@testable import DatasetTools
@testable import WeftBase

/// Several series of one table, each divided by time, in whatever order their rows are.
@Suite("Series of tables") struct TableSeriesTests {
  private static func numbers(_ file: File, _ path: String) throws -> [Int] {
    try file.dataset(path).read(as: Int.self)
  }

  /// Two shops of 10 and 20 days, the second with three days more of which only the price is known. Sales are 100 · shop +
  /// day, prices the day.
  private static var rows: [String] {
    (1...2).flatMap { shop in
      (1...(shop == 1 ? 10 : 23)).map { day in
        "s\(shop),2026-03-\(day < 10 ? "0" : "")\(day),\(day > 20 ? "" : "\(100 * shop + day)"),\(day)"
      }
    }
  }

  private static func dataset(_ rows: [String], _ fixture: Fixture) throws -> TableDataset {
    let text = "shop,day,sales,price\n" + rows.map { "\($0)\n" }.joined()
    var dataset = TableDataset(file: try fixture.write(text, "t.csv"), inputs: ["sales"])
    (dataset.covariates, dataset.group, dataset.time) = (["price"], "shop", "day")
    dataset.plan = try SplitPlan("0.7,0.1,0.2")
    dataset.dividesGroups = true
    return dataset
  }

  enum Order: CaseIterable { case asTheyAre, newestFirst, alternating, alternatingNewestFirst }

  @Test(arguments: Order.allCases) func eachIsDividedByTime(order: Order) throws {
    let fixture = try Fixture()
    var rows = Self.rows
    func day(_ row: String) -> Substring { row.split(separator: ",")[1] }
    switch order {
    case .asTheyAre: break
    case .newestFirst: rows = Array(rows[..<10].reversed() + rows[10...].reversed())
    case .alternating: rows.sort { (day($0), $0) < (day($1), $1) }
    // The first row is of the second shop, which so is the first series.
    case .alternatingNewestFirst: rows.sort { (day($1), $0) < (day($0), $1) }
    }
    var dataset = try Self.dataset(rows, fixture)
    dataset.leadIn = .rows(2)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let isSwapped = order == .alternatingNewestFirst
    func joined(_ first: [Int], _ second: [Int]) -> [Int] { isSwapped ? second + first : first + second }
    let names = isSwapped ? ["s2", "s1"] : ["s1", "s2"]
    #expect(try Self.numbers(file, "train/inputs") == joined(Array(101...107), Array(201...214)))
    #expect(try Self.numbers(file, "validation/inputs") == joined(Array(106...108), Array(213...216)))
    #expect(try Self.numbers(file, "test/inputs") == joined(Array(107...110), Array(215...220)))
    #expect(try Self.numbers(file, "test/covariates") == joined(Array(7...10), Array(15...20)))
    #expect(try Self.numbers(file, "test/offsets") == (isSwapped ? [0, 6, 10] : [0, 4, 10]))
    for split in ["train", "validation", "test"] {
      #expect(try file.dataset("\(split)/names").read(as: String.self) == names)
    }
    #expect(try Self.numbers(file, "test/future/covariates") == [21, 22, 23])
    #expect(try Self.numbers(file, "test/future/offsets") == (isSwapped ? [0, 3, 3] : [0, 0, 3]))
    #expect(try !file.contains("train/future") && !file.contains("validation/future"))
    #expect(
      summary.text.hasPrefix(
        "train 2, validation 2, test 2 series\neach series is divided by time: train 21, validation 3, test 6 rows\nvalidation"
          + " and test: each series after up to 2 rows before its own, from which its first rows are forecast\n"
      ),
      "\(summary.text)")
    let told = summary.notes.filter { $0.hasPrefix("gathered") || $0.hasPrefix("read the rows") }
    #expect(
      told.count == [Order.asTheyAre: 0, .newestFirst: 1, .alternating: 1, .alternatingNewestFirst: 2][order])
  }

  /// Means are of exactly the rows for training, and a gap at the beginning of a split is filled by the row before it.
  @Test func meansAreOfTheTrainingRows() throws {
    let fixture = try Fixture()
    let rows = (0..<10).map { "a,\($0),\($0 == 0 || $0 == 8 ? "" : "\($0)")" } + (0..<5).map { "b,\($0),100" }
    let path = try fixture.write("g,t,x\n" + rows.map { "\($0)\n" }.joined(), "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    (dataset.group, dataset.time, dataset.missing) = ("g", "t", .mean)
    (dataset.plan, dataset.dividesGroups) = (try SplitPlan("0.8,0.2"), true)
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    // 1 to 7, and four times 100.
    let mean = Float(428.0 / 11)
    #expect(try file.dataset("train/inputs").read(as: Float.self).first == mean)
    #expect(try file.dataset("validation/inputs").read(as: Float.self) == [mean, 9, 100])
    dataset.file = try fixture.write("g,t,x\n" + rows.dropFirst().map { "\($0)\n" }.joined(), "u.csv")
    (dataset.missing, dataset.plan) = (.forward, try SplitPlan("0.75,0.25"))
    let (other, _) = try fixture.make("o.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(try Self.numbers(other, "validation/inputs") == [7, 9, 100])
  }

  /// Later rows are longer, so that three quarters of the bytes are fewer of the rows, or begin with long ones.
  @Test(arguments: [false, true]) func meansAreNotOfTheShareOfBytes(areLongerAtTheEnd: Bool) throws {
    let fixture = try Fixture()
    let rows = (0..<20).map { row in
      let zeros = String(repeating: "0", count: (row < 15) == areLongerAtTheEnd ? 0 : 40)
      return "\(row == 2 ? "" : "\(row + 1).5\(zeros)")\n"
    }
    var dataset = TableDataset(
      file: try fixture.write("x,y\n" + rows.map { "0," + $0 }.joined()), inputs: ["y"])
    (dataset.missing, dataset.plan) = (.mean, try SplitPlan("0.75,0.25"))
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    // The first fifteen numbers without the third: pandas.Series.iloc[:15].mean().
    #expect(try file.dataset("train/inputs").read(as: Float.self)[2] == Float(117.0 / 14 + 0.5))
    #expect(try file.dataset("train/inputs").shape == [15, 1])
  }

  /// Of a series that is divided, the mean is that of its part for training.
  @Test func meansOfWideSeries() throws {
    let fixture = try Fixture()
    let path = try fixture.write("id,1,2,3,4,5,6,7,8\na,,1,,3,2,,100,100\nb,5,,5,5,5,5,5,9\n", "w.csv")
    var dataset = WideTableDataset(file: path, names: ["id"])
    (dataset.missing, dataset.dividesSeries, dataset.plan) = (.mean, true, try SplitPlan("0.5,0.5"))
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try Self.numbers(file, "train/inputs") == [1, 2, 3, 2, 5, 5, 5, 5])
    #expect(try Self.numbers(file, "validation/inputs") == [2, 100, 100, 5, 5, 5, 9])
  }

  @Test func fewSeriesAreTold() throws {
    let fixture = try Fixture()
    var dataset = try Self.dataset(Self.rows, fixture)
    dataset.dividesGroups = false
    dataset.plan = try SplitPlan("0.4,0.3,0.3")
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.hasSuffix(
        "2 groups cannot be divided into 3 splits; give fewer fractions, or divide each series by time with --split-by time"
      ))
    (dataset.dividesGroups, dataset.plan) = (true, try SplitPlan("0.98,0.01,0.01"))
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.hasSuffix(
        "its series are too short for parts of their own; use a larger fraction"))
  }

  /// A compressed table cannot be read from its end.
  @Test func compressedTablesMustBeSorted() throws {
    let fixture = try Fixture()
    let path = try fixture.write("t,x\n2026-01-03,1\n2026-01-02,2\n2026-01-01,3\n", "t.csv")
    let gzip = Process()
    gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    gzip.arguments = ["gzip", path]
    try gzip.run()
    gzip.waitUntilExit()
    var dataset = TableDataset(file: path + ".gz", inputs: ["x"])
    dataset.time = "t"
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(
        "line 3, column 't': '2026-01-02' is before the previous row; name the column that tells several series apart"
          + " with --group, or sort rows by time with --sort, of a table that is not compressed"))
    dataset.sortsRows = true
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "--sort: \(path).gz is compressed, so that rows cannot be read in another order; gunzip it")
  }

  /// The steps after series stay with them, however the series are rearranged.
  @Test func theFutureIsRearranged() throws {
    let fixture = try Fixture()
    var dataset = try Self.dataset(Self.rows, fixture)
    dataset.plan = .whole
    let (file, _) = try fixture.make("whole.h5") { try dataset.write(to: $0, progress: $1) }
    try file.close()
    let whole = fixture.path("whole.h5")
    let splitter = DatasetSplitter(file: whole, assignment: .time(try SplitPlan("0.5,0.5")))
    let (divided, summary) = try fixture.make("divided.h5") { try splitter.write(to: $0, progress: $1) }
    #expect(try !divided.contains("train/future"))
    #expect(try Self.numbers(divided, "validation/future/covariates") == [21, 22, 23])
    #expect(try Self.numbers(divided, "validation/future/offsets") == [0, 0, 3])
    #expect(
      try divided.dataset("validation/future/covariates").attributes.values("feature_names", as: String.self)
        == ["price"])
    #expect(!summary.text.contains("future"))
    let named = DatasetSplitter(
      file: whole, assignment: .fold(1, of: 2, seed: 1, groups: nil, stratify: nil))
    let (folded, _) = try fixture.make("folded.h5") { try named.write(to: $0, progress: $1) }
    let split = try folded.dataset("train/names").read(as: String.self) == ["s2"] ? "train" : "validation"
    #expect(try Self.numbers(folded, "\(split)/future/offsets") == [0, 3])
    #expect(try !folded.contains(split == "train" ? "validation/future" : "train/future"))
    let merger = DatasetMerger(files: [whole, whole])
    let (merged, _) = try fixture.make("merged.h5") { try merger.write(to: $0, progress: $1) }
    #expect(try Self.numbers(merged, "train/future/offsets") == [0, 0, 3, 3, 6])
    #expect(try Self.numbers(merged, "train/future/covariates") == [21, 22, 23, 21, 22, 23])
    var converter = DatasetConverter(file: whole)
    for layout in [DatasetConverter.Layout.same, .dense, .ragged] {
      converter.layout = layout
      let (converted, told) = try fixture.make("converted.h5") { try converter.write(to: $0, progress: $1) }
      #expect(try Self.numbers(converted, "train/future/offsets") == [0, 0, 3], "\(layout)")
      #expect(try converted.dataset("train/future/time").read(as: Double.self).count == 3)
      #expect(!told.text.contains("left out"))
    }
    converter.layout = .stream
    let (stream, told) = try fixture.make("stream.h5") { try converter.write(to: $0, progress: $1) }
    #expect(try !stream.contains("train/future"))
    #expect(
      told.text.contains("left out \(whole) /train/future, the covariates after its series"), "\(told.text)")
  }

  /// Of one series, the steps after it belong to its last part.
  @Test func theFutureOfAStreamIsItsEnd() throws {
    let fixture = try Fixture()
    var dataset = try Self.dataset(Array(Self.rows.dropFirst(10)), fixture)
    (dataset.group, dataset.plan) = (nil, .whole)
    let (file, _) = try fixture.make("whole.h5") { try dataset.write(to: $0, progress: $1) }
    try file.close()
    var splitter = DatasetSplitter(
      file: fixture.path("whole.h5"), assignment: .contents(try SplitPlan("0.5,0.5")))
    splitter.leadIn = 4
    let (divided, _) = try fixture.make("divided.h5") { try splitter.write(to: $0, progress: $1) }
    #expect(try Self.numbers(divided, "validation/inputs") == Array(207...220))
    #expect(try Self.numbers(divided, "validation/future/covariates") == [21, 22, 23])
    #expect(try !divided.contains("validation/future/offsets"))
    #expect(try !divided.contains("train/future"))
  }

  /// Rows before its own that a split begins with would be doubled, and lie in two splits of others.
  @Test(arguments: [true, false]) func dividedSeriesAreNotDividedAgain(isGrouped: Bool) throws {
    let fixture = try Fixture()
    let rows = ["a", "b"].flatMap { name in
      (0..<20).map { "\(name),2026-01-\($0 < 9 ? "0" : "")\($0 + 1),\($0 * 7 % 11)\n" }
    }
    let text = "id,t,x\n" + rows.prefix(isGrouped ? 40 : 20).joined()
    var dataset = TableDataset(file: try fixture.write(text, "t.csv"), inputs: ["x"])
    (dataset.time, dataset.group, dataset.dividesGroups) = ("t", isGrouped ? "id" : nil, isGrouped)
    dataset.plan = try SplitPlan("0.6,0.4")
    func divided(_ leadIn: LeadIn?, _ assignment: SplitAssignment) throws -> (error: String, notes: [String])
    {
      dataset.leadIn = leadIn
      let (file, _) = try fixture.make("parts.h5") { try dataset.write(to: $0, progress: $1) }
      try file.close()
      let splitter = DatasetSplitter(file: fixture.path("parts.h5"), assignment: assignment)
      do {
        return ("", try fixture.make("again.h5") { try splitter.write(to: $0, progress: $1) }.summary.notes)
      } catch { return ("\(error)", []) }
    }
    func fold(_ groups: String?) -> SplitAssignment {
      .fold(1, of: 2, seed: 1, groups: groups, stratify: nil)
    }
    let halves = SplitAssignment.contents(try SplitPlan("0.5,0.5"))
    #expect(
      try divided(.rows(3), halves).error.hasSuffix(
        "\(isGrouped ? "the series 'a' in " : "")/validation begins with steps that /train has as well, for forecasts of the"
          + " first ones (--lead-in); divide the original data"))
    let note =
      "2 series have parts in several of the groups, which may lie in different splits; --groups names keeps them together"
    if isGrouped {
      #expect(try divided(nil, fold(nil)).notes.contains(note))
      #expect(try !divided(nil, fold("names")).notes.contains(note))
    } else {
      #expect(try divided(nil, halves) == ("", []))
    }
  }
}

/// Which steps are anomalies, as the Numenta Anomaly Benchmark and a column tell it.
@Suite("Anomalies of tables") struct TableAnomalyTests {
  private static func labels(_ anomalies: String, _ rows: [String], _ json: String? = nil) throws -> (
    labels: [Int], notes: [String]
  ) {
    let fixture = try Fixture()
    let path = try fixture.write("timestamp,value,mark\n" + rows.map { "\($0)\n" }.joined(), "nyc_taxi.csv")
    var dataset = TableDataset(file: path, inputs: ["value"])
    dataset.time = "timestamp"
    dataset.anomalies = try json.map { try fixture.write($0, anomalies) } ?? anomalies
    dataset.plan = try SplitPlan("0.5,0.5")
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    defer { withExtendedLifetime(fixture) {} }
    return (
      try ["train", "validation"].flatMap { try file.dataset("\($0)/labels").read(as: Int.self) },
      summary.notes
    )
  }

  private static let rows = (0..<12).map {
    "2014-11-01 \($0 < 10 ? "0" : "")\($0):00:00,\($0),\($0 == 4 ? 1 : 0)"
  }

  @Test(arguments: [
    (
      #"{"realKnownCause/nyc_taxi.csv": [["2014-11-01 03:00:00.000000", "2014-11-01 05:30:00.000000"], ["2014-11-01 11:00:00", "2014-11-02 00:00:00"]], "a/b.csv": []}"#,
      [3, 4, 5, 11], "anomalies: 4 rows in 2 windows"
    ),
    (
      #"{"realKnownCause/nyc_taxi.csv": ["2014-11-01 07:00:00"], "other/nyc_taxis.csv": []}"#, [7],
      "anomalies: 1 row in 1 window"
    ),
    (
      #"[["2014-11-01T03:00:00Z", "2014-11-01T04:00:00Z"], ["2015-11-01", "2015-11-02"]]"#, [3, 4],
      "a window has no row; are times of the same zone and format?"
    ),
    (#"{"realKnownCause/nyc_taxi.csv": []}"#, [], "anomalies: 0 rows in 0 windows"),
  ])
  func windows(json: String, marked: [Int], note: String) throws {
    let found = try Self.labels("windows.json", Self.rows, json)
    #expect(found.labels == (0..<12).map { marked.contains($0) ? 1 : 0 })
    #expect(found.notes.contains(note), "\(found.notes)")
  }

  @Test func aColumn() throws {
    let found = try Self.labels("mark", Self.rows)
    #expect(found.labels == (0..<12).map { $0 == 4 ? 1 : 0 })
    #expect(found.notes == ["anomalies: 1 row, by column 'mark'"])
    let words = Self.rows.enumerated().map {
      String($1.dropLast()) + ["Normal", "A ttack", "Attack"][$0 % 3]
    }
    #expect(try Self.labels("mark", words).labels == (0..<12).map { $0 % 3 == 0 ? 0 : 1 })
  }

  @Test(
    arguments: [
      ("mark", nil, "line 2, column 'mark': '7' is neither 0 nor 1"),
      ("w.json", "{", "w.json: is not JSON"),
      (
        "w.json", #"{"other.csv": []}"#,
        "w.json: has no windows by the name 'nyc_taxi.csv', but 1 others ('other.csv', …)"
      ),
      ("w.json", #"[["2014-11-02", "2014-11-01"]]"#, "ends before that"),
      ("w.json", #"[["2014-11-02"]]"#, "w.json: a window has 1 times; use its first and its last"),
      ("w.json", #"["Tuesday"]"#, "w.json: 'Tuesday' is not a time"),
      (
        "wrong", nil, "wrong: cannot be read; --anomalies is a column of the table, or a JSON file of windows"
      ),
    ] as [(String, String?, String)])
  func mistakes(anomalies: String, json: String?, complaint: String) throws {
    let rows = Self.rows.map { String($0.dropLast()) + "7" }
    let error = #expect(throws: WeftError.self) { _ = try Self.labels(anomalies, rows, json) }
    #expect(error?.message.contains(complaint) == true, "\(error?.message ?? "")")
  }
}

/// Features of whole series, and columns named by patterns.
@Suite("Columns of series") struct SeriesColumnTests {
  private static let table =
    "shop,day,a_1,a_2,b,kind,size\n"
    + (0..<20).map { row in
      let shop = row % 2
      return
        "s\(shop),\(row / 2),\(row),\(row * 2),\(row * 3),\(shop == 0 ? "big" : "small"),\(shop == 0 ? 9 : 4)\n"
    }.joined()

  @Test func staticFeatures() throws {
    let fixture = try Fixture()
    var dataset = TableDataset(file: try fixture.write(Self.table, "t.csv"), inputs: ["b"])
    (dataset.covariates, dataset.statics, dataset.group, dataset.time) = (
      ["a_1"], ["kind", "size"], "shop", "day"
    )
    (dataset.plan, dataset.dividesGroups) = (try SplitPlan("0.5,0.5"), true)
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    for split in ["train", "validation"] {
      let statics = try file.dataset("\(split)/static")
      #expect(try statics.shape == [2, 2] && statics.read(as: Int.self) == [0, 9, 1, 4])
      #expect(try statics.attributes.values("feature_names", as: String.self) == ["kind", "size"])
    }
    #expect(
      try file.dataset("validation/covariates").read(as: Int.self) == [
        10, 12, 14, 16, 18, 11, 13, 15, 17, 19,
      ])
    #expect(try file.dataset("categories/kind").read(as: String.self) == ["big", "small"])
    dataset.file = try fixture.write(
      Self.table.replacing("s1,4,9,18,27,small", with: "s1,4,9,18,27,big"), "u.csv")
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(
        "line 11, column 'kind': differs from the rows before it in the group"))
  }

  @Test(
    arguments: [
      (["*"], ["a_1", "a_2", "b", "kind"]), (["a_*"], ["a_1", "a_2"]), (["b", "*_2"], ["b", "a_2"]),
      (["a*1", "*"], ["a_1", "a_2", "b", "kind"]), (["x*"], nil),
    ] as [([String], [String]?)])
  func patterns(inputs: [String], columns: [String]?) throws {
    let fixture = try Fixture()
    var dataset = TableDataset(file: try fixture.write(Self.table, "t.csv"), inputs: inputs)
    (dataset.group, dataset.time, dataset.statics) = ("shop", "day", ["size"])
    guard let columns else {
      #expect(
        fixture.failure { try dataset.write(to: $0, progress: $1) }.hasPrefix(
          "--inputs: no other column is like 'x*'"))
      return
    }
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      try file.dataset("train/inputs").attributes.values("feature_names", as: String.self) == columns)
  }

  @Test func columnsThatAreNoInputsAreToldAtOnce() throws {
    let fixture = try Fixture()
    let rows = (1...30).map { "2020-01-\(String(format: "%02d", $0)),\($0),N\($0)x,\(2 * $0)" }
    let path = try fixture.write("when,a,id,b\n" + rows.joined(separator: "\n") + "\n", "t.csv")
    let dataset = TableDataset(file: path, inputs: ["*"])
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(failure.hasPrefix("\(path): line 2, column 'when': '2020-01-01' is a time"), "\(failure)")
    #expect(failure.hasSuffix("; --skip when,id leaves all such columns out"), "\(failure)")
  }
}
