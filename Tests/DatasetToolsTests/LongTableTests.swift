import Foundation
import HDF5
import TestSupport
import Testing

@testable import DatasetTools

/// Tables with a row for each value, several files, and rows in mixed order, against what pandas makes of them.
@Suite("Long tables") struct LongTableTests {
  private static let golden = Result { try File(opening: Fixture.path("Tables/long.h5")) }

  private func bits(_ file: File, _ name: String) throws -> [UInt32] {
    try file.dataset(name).read(as: Float.self).map { $0.isNaN ? 0 : $0.bitPattern }
  }

  /// `pandas.pivot_table(index=[id, time], columns=parameter, values=value)`.
  @Test(arguments: [
    ("long.csv", TablePivot.Duplicates.error, "unique"), ("long-doubled.csv", .mean, "mean"),
    ("long-doubled.csv", .first, "first"), ("long-doubled.csv", .last, "last"),
  ])
  func columnsOfNames(name: String, duplicates: TablePivot.Duplicates, expected: String) throws {
    let (fixture, golden) = (try Fixture(), try Self.golden.get())
    var dataset = TableDataset(file: Fixture.path("Tables/\(name)"), inputs: ["*"])
    dataset.pivot = TablePivot(names: "parameter", values: "value")
    dataset.pivot?.duplicates = duplicates
    (dataset.time, dataset.group, dataset.missing) = ("utc", "location", .keep)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try bits(file, "train/inputs") == bits(golden, "\(expected)/inputs"))
    #expect(
      try file.dataset("train/time").read(as: Double.self)
        == golden.dataset("\(expected)/time").read(as: Double.self))
    #expect(
      try file.dataset("train/offsets").read(as: Int.self)
        == golden.dataset("\(expected)/offsets").read(as: Int.self))
    #expect(try file.dataset("train/names").read(as: String.self) == ["York", "Bath"])
    #expect(
      try file.dataset("train/inputs").attributes.values("feature_names", as: String.self) == [
        "no2", "pm10", "pm25",
      ])
    #expect(summary.notes.contains("made 3 columns of the names in 'parameter': no2, pm10, pm25"))
  }

  /// More names than are looked for one after the other.
  @Test func manyNamesOfOneTime() throws {
    let fixture = try Fixture()
    let names = (0..<50).map { "p\(10 + $0)" }
    let rows = (0..<3).flatMap { time in names.enumerated().map { "\(time),\($1),\(time * 100 + $0)" } }
    var dataset = TableDataset(
      file: try fixture.write(
        "t,name,v\n" + (rows + ["1,p40,7", "1,p11,8"]).map { $0 + "\n" }.joined(), "t.csv"),
      inputs: ["*"])
    dataset.pivot = TablePivot(names: "name", values: "v")
    dataset.time = "t"
    dataset.pivot?.duplicates = .last
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    var wanted = (0..<3).flatMap { time in (0..<50).map { Float(time * 100 + $0) } }
    (wanted[50 + 30], wanted[50 + 1]) = (7, 8)
    #expect(try file.dataset("train/inputs").read(as: Float.self) == wanted)
    #expect(summary.notes.contains("2 values were there before at the same time (--duplicates last)"))
  }

  @Test func longTablesAreRefusedIfTheyAreUnclear() throws {
    let fixture = try Fixture()
    var dataset = TableDataset(file: Fixture.path("Tables/long-doubled.csv"), inputs: ["pm10"])
    dataset.pivot = TablePivot(names: "parameter", values: "value")
    func complaint() -> String { fixture.failure { try dataset.write(to: $0, progress: $1) } }
    #expect(complaint() == "--names-from needs --time, the column that tells which values are of one row")
    (dataset.time, dataset.group) = ("utc", "location")
    #expect(
      complaint().hasSuffix(
        "column 'parameter': 'pm25' has a value at '2020-01-01T02:00:00Z' already; choose one with --duplicates first,"
          + " last or mean, or name the column that tells series apart with --group"))
    dataset.pivot = TablePivot(names: "parameters", values: "value")
    #expect(complaint().contains("--names-from: no column 'parameters'"))
    dataset.pivot = TablePivot(names: "parameter", values: "value")
    dataset.file = try fixture.write(
      "parameter,value,utc,location,site\na,1,1,x,s\nb,2,1,x,t\n", "differing.csv")
    (dataset.inputs, dataset.statics) = (["a"], ["site"])
    #expect(
      complaint()
        == "\(dataset.file): line 3, column 'site': 't' differs from 's' of the same time, on line 2")
    dataset.file = try fixture.write("parameter,value,utc,location\na,1,1,x\n,2,1,x\n", "nameless.csv")
    dataset.statics = []
    #expect(complaint() == "\(dataset.file): line 3, column 'parameter': has no name")
  }

  /// A file for each patient, as those of the PhysioNet challenge of 2012, with times since admission.
  @Test func filesOfPatients() throws {
    let fixture = try Fixture()
    let head = "Time,Parameter,Value\n00:00,Age,"
    let one = try fixture.write(head + "54\n00:07,HR,73\n01:37,HR,60\n47:37,Temp,37.5\n", "132539.txt")
    let two = try fixture.write(head + "76\n00:42,HR,88\n24:11,Temp,36\n", "132540.txt")
    var dataset = TableDataset(file: one, inputs: ["HR", "Temp"])
    dataset.furtherFiles = [two]
    (dataset.time, dataset.group, dataset.statics) = ("Time", "file", ["Age"])
    (dataset.pivot, dataset.missing) = (TablePivot(names: "Parameter", values: "Value"), .keep)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/names").read(as: String.self) == ["132539", "132540"])
    #expect(try file.dataset("train/static").read(as: Float.self) == [54, 76])
    #expect(
      try file.dataset("train/time").read(as: Double.self) == [0, 420, 5820, 171_420, 0, 2520, 87_060])
    #expect(
      try file.dataset("train/inputs").read(as: Float.self).map { $0.isNaN ? -1 : $0 }
        == [-1, -1, 73, -1, 60, -1, -1, 37.5, -1, -1, 88, -1, -1, 36])
    #expect(
      summary.notes.contains(
        "read the times 00:00 to 24:11 as hours and minutes since the beginning; --time-format %H:%M reads times of day"
      ))
  }

  /// Files with their columns in another order are one table; `*` takes none of their names.
  @Test func severalFiles() throws {
    let fixture = try Fixture()
    let one = try fixture.write("t,x,y\n1,10,0\n2,20,1\n", "a.csv")
    let two = try fixture.write("y,t,x\n0,3,30\n1,4,40\n", "b.csv")
    var dataset = TableDataset(file: one, inputs: ["*"])
    (dataset.furtherFiles, dataset.time) = ([two], "t")
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Float.self) == [10, 0, 20, 1, 30, 0, 40, 1])
    #expect(
      summary.notes.contains(
        "read 2 files one after the other as one series; --group file makes a series of each"))
    dataset.group = "file"
    let (groups, _) = try fixture.make("g.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(try groups.dataset("train/names").read(as: String.self) == ["a", "b"])
    #expect(try groups.dataset("train/offsets").read(as: Int.self) == [0, 2, 4])
    // Rows of a group in both files, which are read in turns.
    dataset.group = "y"
    dataset.inputs = ["x"]
    let (turns, _) = try fixture.make("y.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(try turns.dataset("train/inputs").read(as: Float.self) == [10, 30, 20, 40])
    dataset.furtherFiles = [try fixture.write("t,x\n3,30\n", "c.csv")]
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "\(fixture.path("c.csv")): has no column 'y', which \(one) has; several files need the same columns, but"
        + " for what is to be forecast where --covariates tells the rest")
    dataset.furtherFiles = [try fixture.write("t,x,y,z\n3,30,1,1\n", "d.csv")]
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "\(fixture.path("d.csv")): has the column 'z', which \(one) lacks; several files need the same columns"
    )
    dataset.furtherFiles = [one]
    #expect(fixture.failure { try dataset.write(to: $0, progress: $1) } == "\(one) is named twice")
    dataset.furtherFiles = [try fixture.write("t,x,y\n3,thirty,1\n", "e.csv")]
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.hasPrefix(
        "\(fixture.path("e.csv")): line 2, column 'x': 'thirty' is not a number"))
  }

  /// One file may be a group as well, and times of a day need their date.
  @Test func oneFileIsAGroup() throws {
    let fixture = try Fixture()
    var dataset = TableDataset(file: try fixture.write("t,x\n1,10\n2,20\n", "only.csv"), inputs: ["*"])
    (dataset.group, dataset.time) = ("file", "t")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/names").read(as: String.self) == ["only"])
    #expect(try file.dataset("train/inputs").shape == [2, 1])
    dataset.file = try fixture.write("t,x\n23:59,10\n00:00,20\n", "day.csv")
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.hasSuffix(
        "line 3, column 't': '00:00' is before the previous row; if times are of a day, name the column of the date as"
          + " well, such as --time Date,Time"))
  }

  /// `DataFrame.sort_values([location, utc], kind="stable")`.
  @Test func sortedRows() throws {
    let (fixture, golden) = (try Fixture(), try Self.golden.get())
    var dataset = TableDataset(file: Fixture.path("Tables/shuffled.csv"), inputs: ["x"])
    (dataset.time, dataset.group, dataset.sortsRows) = ("utc", "location", true)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    for name in ["inputs", "offsets", "time"] {
      #expect(
        try file.dataset("train/\(name)").read(as: Double.self)
          == golden.dataset("shuffled/\(name)").read(as: Double.self), "\(name)")
    }
    #expect(summary.notes.contains { $0.hasPrefix("sorted the rows by time, of which ") })
    let even = try fixture.write("t,x\n1,1\n2,2\n3,3\n", "even.csv")
    dataset = TableDataset(file: even, inputs: ["x"])
    (dataset.time, dataset.sortsRows) = ("t", true)
    let (_, other) = try fixture.make("even.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(other.notes.isEmpty)
  }

  /// `DataFrame.resample(rule, label="left", closed="left")`, over a change of the clocks.
  @Test(arguments: [("1h", "1h"), ("15min", "15min"), ("1d", "1D"), ("1w", "W-MON"), ("1month", "MS")])
  func irregularRows(every: String, rule: String) throws {
    let (fixture, golden) = (try Fixture(), try Self.golden.get())
    var dataset = TableDataset(file: Fixture.path("Tables/irregular.csv"), inputs: ["*"])
    (dataset.time, dataset.missing) = ("ts", .keep)
    dataset.timeReading.zone = TimeZone(identifier: "Europe/Berlin")
    dataset.timeReading.step = try RowDistance(every)
    for how in TableAggregate.allCases {
      dataset.resampling = how
      let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      let name = "resampled/\(rule)/\(how.rawValue)"
      #expect(
        try file.dataset("train/time").read(as: Double.self)
          == golden.dataset("\(name)/time").read(as: Double.self), "\(name)")
      let values = try file.dataset("train/inputs").read(as: Double.self)
      let expected = try golden.dataset("\(name)/inputs").read(as: Double.self)
      #expect(values.count == expected.count)
      #expect(
        zip(values, expected).allSatisfy { $0.isNaN && $1.isNaN || abs($0 - $1) <= 1e-6 * max(1, abs($1)) },
        "\(name)")
      #expect(summary.notes.contains { $0.hasPrefix("gathered 60 rows in ") })
    }
  }

  /// Steps begin at midnight by the clock of the zone, and the hour that comes twice in autumn is two.
  @Test(arguments: [
    ("Europe/Berlin", "1h", "1h"), ("Europe/Berlin", "6h", "6h"), ("Europe/Berlin", "7h", "7h"),
    ("Europe/Berlin", "1d", "1D"), ("Europe/Berlin", "2d", "2D"), ("Asia/Kolkata", "1h", "1h"),
    ("Asia/Kolkata", "12h", "12h"),
  ])
  func localSteps(zone: String, every: String, rule: String) throws {
    let (fixture, golden) = (try Fixture(), try Self.golden.get())
    var dataset = TableDataset(file: Fixture.path("Tables/autumn.csv"), inputs: ["x", "v"])
    (dataset.time, dataset.resampling) = ("ts", .mean)
    dataset.timeReading.zone = TimeZone(identifier: zone)
    dataset.timeReading.step = try RowDistance(every)
    if zone == "Asia/Kolkata" { dataset.format.skippedLines = [11...1000] }
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let name = "autumn/\(zone.split(separator: "/")[1])/\(rule)/mean"
    #expect(
      try file.dataset("train/time").read(as: Double.self)
        == golden.dataset("\(name)/time").read(as: Double.self))
    let values = try file.dataset("train/inputs").read(as: Double.self)
    let expected = try golden.dataset("\(name)/inputs").read(as: Double.self)
    #expect(zip(values, expected).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) }, "\(values)")
  }

  /// The newest rows first, and of hourly ones the second of two at the same time.
  @Test func repeatedHours() throws {
    let fixture = try Fixture()
    func times(_ rows: [String], _ every: String) throws -> [Double] {
      let text = "t,x\n" + rows.map { "2024-10-27 \($0),1\n" }.joined()
      var dataset = TableDataset(file: try fixture.write(text, "t.csv"), inputs: ["x"])
      (dataset.time, dataset.resampling) = ("t", .sum)
      dataset.timeReading.zone = TimeZone(identifier: "Europe/Berlin")
      dataset.timeReading.step = try RowDistance(every)
      let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      let start = 1_729_983_600.0  // 01:00, before the change
      let sums = try file.dataset("train/inputs").read(as: Double.self)
      return zip(try file.dataset("train/time").read(as: Double.self), sums).flatMap {
        [($0 - start) / 3600, $1]
      }
    }
    let hours = ["01:00", "02:00", "02:00", "03:00"]
    #expect(try times(hours, "1h") == [0, 1, 1, 1, 2, 1, 3, 1])
    #expect(try times(hours.reversed(), "1h") == [0, 1, 1, 1, 2, 1, 3, 1])
    let ticks = ["01:50", "02:10", "02:10", "02:40", "02:20", "02:40", "03:10"]
    #expect(try times(ticks, "1h") == [0, 1, 1, 3, 2, 2, 3, 1])
    #expect(try times(ticks.reversed(), "1h") == [0, 1, 1, 3, 2, 2, 3, 1])
  }

  /// `DataFrame.pivot_table(aggfunc="mean")` leaves missing values out.
  @Test func doubledValuesOfWhichOneIsMissing() throws {
    let fixture = try Fixture()
    let path = try fixture.write("t,n,v\n1,a,\n1,a,3\n2,a,5\n2,a,NA\n", "t.csv")
    for duplicates in TablePivot.Duplicates.allCases {
      var dataset = TableDataset(file: path, inputs: ["a"])
      dataset.pivot = TablePivot(names: "n", values: "v")
      dataset.pivot?.duplicates = duplicates
      dataset.time = "t"
      let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      #expect(try file.dataset("train/inputs").read(as: Float.self) == [3, 5], "\(summary.notes)")
    }
  }

  /// `DataFrame.resample("1h").sum()` of x is 3, 0, 0, 4 as well.
  @Test func sumsOfNothing() throws {
    let fixture = try Fixture()
    let path = try fixture.write("t,x\n00:10,1\n00:20,2\n03:20,4\n", "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    (dataset.time, dataset.resampling, dataset.timeReading.step) = ("t", .sum, .seconds(3600))
    for missing in [MissingValues.error, .forward] {
      dataset.missing = missing
      let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      #expect(try file.dataset("train/inputs").read(as: Float.self) == [3, 0, 0, 4])
      #expect(summary.notes.contains("wrote sums of 0 in a gap of 2 rows"), "\(summary.notes)")
    }
    dataset.resampling = .mean
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Float.self) == [1.5, 1.5, 1.5, 4])
  }

  /// A step is an anomaly if one of its rows is, whatever becomes of other columns, in numbers and in words.
  @Test(arguments: ["0,1,0", "Normal,A ttack,Normal"], TableAggregate.allCases)
  func anomaliesOfAStepAreKept(_ marks: String, _ how: TableAggregate) throws {
    let fixture = try Fixture()
    let own = marks.split(separator: ",")
    let path = try fixture.write(
      "t,x,a\n00:10,1,\(own[0])\n00:20,2,\(own[1])\n00:30,3,\(own[2])\n01:20,3,\(own[0])\n", "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    (dataset.time, dataset.resampling, dataset.anomalies) = ("t", how, "a")
    dataset.timeReading.step = .seconds(3600)
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/labels").read(as: Int.self) == [1, 0])
  }

  @Test func namesHaveNoMean() throws {
    let fixture = try Fixture()
    let path = try fixture.write("t,x,k,a\n00:10,1,1,0\n00:20,2,2,1\n01:20,3,2,0\n", "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    (dataset.time, dataset.resampling, dataset.anomalies) = ("t", .mean, "a")
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "--resample needs --every, the distance of steps, and --time")
    dataset.timeReading.step = .seconds(3600)
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Float.self) == [1.5, 3])
    #expect(try file.dataset("train/time").read(as: Double.self) == [0, 3600])
    #expect(try file.dataset("train/labels").read(as: Int.self) == [1, 0])
    (dataset.targets, dataset.targetsAreClasses) = (["k"], true)
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "\(path): the rows from line 2 on, column 'k': '1' is a name, of which there is no mean; use --resample first"
        + " or last")
    dataset.resampling = .last
    let (last, _) = try fixture.make("last.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(try last.dataset("classes").read(as: String.self) == ["2"])
  }
}
