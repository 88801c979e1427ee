import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct TableTests {
  private func floats(_ file: File, _ name: String) throws -> [Float] {
    try file.dataset(name).read(as: Float.self)
  }

  @Test func fieldsAsInRFC4180() throws {
    let fixture = try Fixture()
    // Quoted separators, line breaks and quotation marks; both kinds of line end; no line end after the last record.
    let path = try fixture.write(
      "\u{FEFF}time,\"a \"\"b\"\",\",kind\r\n2026-01-01,1.5,\"x,\ny\"\r\n2026-01-01T00:01:30Z,-2e1,z\n"
        + "\n\"2026-01-01 02:00+01:00\",3,z",
      "t.csv")
    var dataset = TableDataset(file: path, inputs: ["a \"b\","])
    (dataset.targets, dataset.time) = (["kind"], "time")
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try floats(file, "train/inputs") == [1.5, -20, 3])
    #expect(
      try file.dataset("train/inputs").attributes.values("feature_names", as: String.self) == ["a \"b\","])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1, 1])
    #expect(try file.dataset("classes").read(as: String.self) == ["x,\ny", "z"])
    let midnight = 1_767_225_600.0
    #expect(
      try file.dataset("train/time").read(as: Double.self) == [midnight, midnight + 90, midnight + 3600])
    let inputs = try file.dataset("train/inputs")
    #expect(try inputs.scales(dimension: 0) == ["/train/time"])
    #expect(try inputs.scales(dimension: 1).isEmpty)
    #expect(
      summary.text
        == "train 3 rows\n2 classes\nsome times have an offset from UTC and others do not, which are read as those of"
        + " --time-zone, or UTC")
  }

  @Test func splitsAreConsecutive() throws {
    let fixture = try Fixture()
    let path = try fixture.write("x\n" + (0..<100).map { "\($0)\n" }.joined(), "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    dataset.plan = try SplitPlan("0.7,0.2,0.1")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try floats(file, "train/inputs") == (0..<70).map(Float.init))
    #expect(try floats(file, "validation/inputs") == (70..<90).map(Float.init))
    #expect(try floats(file, "test/inputs") == (90..<100).map(Float.init))
    dataset.window = 20
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "the split 'test' is empty (4 windows in total); use a larger fraction or another seed")
    dataset.window = 10
    let (windows, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try windows.dataset("validation/inputs").shape == [2, 10, 1])
    #expect(try floats(windows, "validation/inputs") == (70..<90).map(Float.init))
  }

  @Test func groupsAreSequences() throws {
    let fixture = try Fixture()
    let rows = (0..<60).map { "g\($0 / 3)\t\($0)\t\($0 / 3 % 2 == 0 ? "even" : "odd")\n" }
    let path = try fixture.write("group\tx\tkind\n" + rows.joined(), "t.tsv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    (dataset.targets, dataset.group, dataset.targetPer) = (["kind"], "group", .group)
    dataset.plan = try SplitPlan("0.5,0.5")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    var seen: Set<Int> = []
    for split in ["train", "validation"] {
      let offsets = try file.dataset("\(split)/offsets").read(as: Int.self)
      let (values, targets) = (
        try floats(file, "\(split)/inputs"), try file.dataset("\(split)/targets").read(as: Int.self)
      )
      #expect(targets.count == offsets.count - 1)
      for (index, target) in targets.enumerated() {
        let group = Int(values[offsets[index]]) / 3
        #expect(Array(values[offsets[index]..<offsets[index + 1]]) == (0..<3).map { Float(group * 3 + $0) })
        #expect(target == group % 2)
        #expect(seen.insert(group).inserted)
      }
      let groups = offsets.dropLast().map { "g\(Int(values[$0]) / 3)" }
      #expect(try file.dataset("\(split)/names").read(as: String.self) == groups)
    }
    #expect(seen.count == 20)
  }

  @Test(arguments: [
    (MissingValues.forward, [1, 1, 3, 3, 3], "filled in 3 missing values (forward)"),
    (.mean, [1, 2, 3, 2, 2], "filled in 3 missing values (mean)"),
    (.drop, [1, 3], "omitted 3 rows with missing values"),
  ]) func missingValues(_ missing: MissingValues, _ expected: [Float], _ note: String) throws {
    let fixture = try Fixture()
    let path = try fixture.write("x,y\n1,0\n,0\n3,0\nNA,0\nnan,0\n", "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    dataset.missing = missing
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try floats(file, "train/inputs") == expected)
    #expect(summary.notes == [note])
  }

  /// What is kept is NaN, and −1 of a class; missing names of an input are a category after the others, whose numbers are
  /// those of `pandas.Series.astype("category").cat.codes`.
  @Test func missingValuesAreKept() throws {
    let fixture = try Fixture()
    let path = try fixture.write("x,y,z\n1,a,p\n,b,q\n3,,p\n4,a,\n", "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    (dataset.targets, dataset.missing) = (["y"], .keep)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try floats(file, "train/inputs").map { $0.isNaN ? -9 : $0 } == [1, -9, 3, 4])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1, -1, 0])
    #expect(
      summary.notes.contains("kept 2 missing values as NaN, for data.missing_inputs and data.missing_targets")
    )
    dataset.inputs = ["z"]
    let (other, told) = try fixture.make("z.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(try floats(other, "train/inputs") == [0, 1, 0, 2])
    #expect(try other.dataset("categories/z").read(as: String.self) == ["p", "q", "<missing>"])
    #expect(
      told.notes.contains(
        "column 'z': 3 categories (p, q, <missing>); missing names are one of their own, <missing>"))
    #expect(
      told.notes.contains("kept a missing value as NaN, for data.missing_inputs and data.missing_targets"))
  }

  @Test(arguments: [
    ("x,y\n1\n", "line 2: has 1 field, but the first line names 2 columns"),
    (
      "x,y\n1,2\n,3\n",
      "line 3, column 'x': missing value; handle missing values with --missing forward, mean, drop or keep"
    ),
    (
      "x,x\n",
      "line 1: duplicate column name 'x'; --no-header with --skip-lines 1 names the columns 1, 2, 3 …"
    ),
    ("", "is empty; the first line must name the columns"),
    ("x\n", "contains no rows"),
    (
      "x,y\n1,\"2\n3,4\n", "line 2: unterminated quoted field; --quote none takes quotation marks as they are"
    ),
    (
      "x,y\n\"1\"2,3\n",
      "line 2: text after a closing quotation mark; double quotation marks within a field, or take them as they are with"
        + " --quote none"
    ),
  ]) func badTablesAreNamed(_ text: String, _ message: String) throws {
    let fixture = try Fixture()
    let path = try fixture.write(text, "t.csv")
    let dataset = TableDataset(file: path, inputs: ["x"])
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(failure == "\(path): \(message)")
  }

  @Test func unsortedTablesAreNamed() throws {
    let fixture = try Fixture()
    let path = try fixture.write("t,g,x\n2,a,1\n1,b,1\n3,a,1\n", "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    dataset.time = "t"
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "\(path): line 3, column 't': '1' is before the previous row; name the column that tells several series apart"
        + " with --group, or sort rows by time with --sort")
    dataset.file = path
    dataset.inputs = ["xx"]
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.hasPrefix(
        "--inputs: no column 'xx' in \(path)"))
  }

  private static func column(_ odd: String, count: Int = 100, header: String = "t,x") -> String {
    header + "\n" + (0..<count).map { "\($0),\($0 == 70 ? odd : "\($0).5")\n" }.joined()
  }

  @Test(arguments: [
    ("error", "--missing-mark 'error' if it stands for a missing value"), ("3O0", "--missing-mark '3O0'"),
    ("\"21,5\"", "use --separator , --decimal , for numbers with a decimal comma"),
    (
      "\"1,250\"",
      "use --thousands , if the comma separates thousands, or --separator , --decimal , if it is a decimal one"
    ),
    ("12%", "use --flags '%' to leave the sign out"),
    ("inf", "use --missing-mark 'inf'"), ("$3.50", "use --flags '$' to leave the sign out"),
  ])
  func oneOddCellIsNotACategory(cell: String, advice: String) throws {
    let fixture = try Fixture()
    let path = try fixture.write(Self.column(cell), "t.csv")
    for (inputs, targets) in [(["x"], []), (["t"], ["x"])] {
      var dataset = TableDataset(file: path, inputs: inputs)
      dataset.targets = targets
      let message = fixture.failure { try dataset.write(to: $0, progress: $1) }
      let text = cell.replacing("\"", with: "")
      #expect(
        message.contains("line 72, column 'x': '\(text)' is not a number, but 99 of 100 values are"),
        "\(message)")
      #expect(message.contains(advice) && message.contains("--categories 'x'"), "\(message)")
    }
    var dataset = TableDataset(file: path, inputs: ["x"])
    dataset.categories = ["x"]
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("categories/x").read(as: String.self).count == 100)
    #expect(summary.text.contains("column 'x': 100 categories ("))
  }

  @Test func marksOfMissingValuesAreNumbersOfTheirOwn() throws {
    let fixture = try Fixture()
    for mark in ["#N/A", "-999", "k.A."] {
      let path = try fixture.write(Self.column(mark), "t.csv")
      var dataset = TableDataset(file: path, inputs: ["x"])
      (dataset.missing, dataset.format.missingMarks) = (.forward, mark == "#N/A" ? [] : [mark])
      let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      #expect(try floats(file, "train/inputs")[70] == 69.5)
    }
  }

  /// `'城市,值\n北京,1\n上海市,2\n'.encode('gb18030')` in Python.
  @Test func tablesOfOtherLettersAreNotCalledLatin() throws {
    let fixture = try Fixture()
    let bytes: [UInt8] = [
      0xB3, 0xC7, 0xCA, 0xD0, 0x2C, 0xD6, 0xB5, 0x0A, 0xB1, 0xB1, 0xBE, 0xA9, 0x2C, 0x31, 0x0A, 0xC9, 0xCF,
      0xBA, 0xA3, 0xCA, 0xD0, 0x2C, 0x32, 0x0A,
    ]
    let path = fixture.path("t.csv")
    try Data(bytes).write(to: URL(filePath: path))
    let complaint = fixture.failure {
      try TableDataset(file: path, inputs: ["x"]).write(to: $0, progress: $1)
    }
    #expect(complaint.contains("such as GB18030") && !complaint.contains("latin"), "\(complaint)")
  }

  @Test func commasInNumbersAndOtherSeparators() throws {
    let fixture = try Fixture()
    let path = try fixture.write("Ort;Wert\nM\u{FC}nchen;21,5\nBonn;-3,25e1\n", "t.csv", encoding: .isoLatin1)
    var dataset = TableDataset(file: path, inputs: ["Wert", "Ort"])
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(
        "is it separated by ';' (--separator)?"))
    dataset.format.decimal = .comma
    #expect(fixture.failure { try dataset.write(to: $0, progress: $1) }.contains("--encoding latin-1"))
    dataset.format.encoding = .latin1
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try floats(file, "train/inputs") == [21.5, 1, -32.5, 0])
    #expect(summary.text.contains("column 'Ort': 2 categories (Bonn, M\u{FC}nchen)"))
    // Without being told, a column of decimal commas is refused.
    let quoted = try fixture.write("x\n\"1,5\"\n\"2,5\"\n", "q.csv")
    #expect(
      fixture.failure { try TableDataset(file: quoted, inputs: ["x"]).write(to: $0, progress: $1) }
        .contains("line 2, column 'x': '1,5' is not a number as Weft reads it; use --separator , --decimal ,")
    )
  }

  @Test func compressedTables() throws {
    let fixture = try Fixture()
    let text = Self.column("7", count: 50_000)
    let plain = try fixture.write(text, "t.csv")
    let (status, output) = try Python.run(
      """
      import gzip, sys
      data = open(sys.argv[1], "rb").read()
      half = len(data) // 2
      # Two members, as concatenated files have.
      open(sys.argv[1] + ".gz", "wb").write(gzip.compress(data[:half]) + gzip.compress(data[half:]))
      open(sys.argv[1] + "-cut.gz", "wb").write(gzip.compress(data)[:-1000])
      """, plain)
    #expect(status == 0, "\(output)")
    func inputs(_ path: String) throws -> [Float] {
      var dataset = TableDataset(file: path, inputs: ["x"])
      dataset.plan = try SplitPlan("0.5,0.5")
      return try floats(try fixture.make { try dataset.write(to: $0, progress: $1) }.0, "validation/inputs")
    }
    #expect(try inputs(plain + ".gz") == inputs(plain))
    let cut = TableDataset(file: plain + "-cut.gz", inputs: ["x"])
    #expect(fixture.failure { try cut.write(to: $0, progress: $1) }.contains("ends early"))
  }

  @Test func timesAreDifferentAndGapsAreTold() throws {
    let fixture = try Fixture()
    func failure(_ times: [Int]) throws -> String {
      let path = try fixture.write("t,x\n" + times.map { "\($0),1\n" }.joined(), "t.csv")
      var dataset = TableDataset(file: path, inputs: ["x"])
      dataset.time = "t"
      return fixture.failure { try dataset.write(to: $0, progress: $1) }
    }
    #expect(try failure([1, 2, 2]).contains("line 4, column 't': '2' is also the time of the previous row"))
    #expect(try failure([1, 3, 2]).contains("is before the previous row"))
    let times = Array(0..<50) + Array(53..<100)
    let path = try fixture.write("t,x\n" + times.map { "\($0 * 3600),1\n" }.joined(), "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    dataset.time = "t"
    let (_, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      summary.text.contains("1 of 96 steps in time differs from the usual one of 3600, first on line 52"),
      "\(summary.text)")
  }
}
