import Foundation
import HDF5
import TestSupport
import Testing

@testable import DatasetTools
@testable import WeftBase

/// What may not be what it looks like is told, with what to do.
@Suite("Doubtful tables") struct TableDoubtTests {
  private static func read(
    _ text: String, _ change: (inout TableDataset) -> Void = { _ in }
  ) throws -> (notes: [String], error: String) {
    let fixture = try Fixture()
    var dataset = TableDataset(file: try fixture.write(text, "t.csv"), inputs: ["x"])
    change(&dataset)
    do {
      return (try fixture.make { try dataset.write(to: $0, progress: $1) }.summary.notes, "")
    } catch {
      return ([], "\(error)")
    }
  }

  private static func column(_ cells: [String]) -> String {
    "t,x\n" + cells.enumerated().map { "\($0),\($1)\n" }.joined()
  }

  private static let plain = (0..<20).map { "\(10 + $0 * 7 % 11).5" }

  @Test(arguments: [
    (["-999"], "-999 occurs once"), (["9999.9", "9999.9"], "9999.9 occurs 2 times"),
    (["-200", "-200"], "-200 occurs 2 times"), (["-200"], nil), (["99"], "99 occurs once"), (["19.5"], nil),
    (["25", "25"], nil), (["-99.9", "99.9"], "-99.9 occurs once"),
  ])
  func marks(cells: [String], note: String?) throws {
    let notes = try Self.read(Self.column(Self.plain + cells)).notes
    if let note {
      #expect(
        notes.contains {
          $0.contains("column 'x': \(note), first on line 22, far from all others, which are 10.5 to 20.5")
        }, "\(notes)")
    } else {
      #expect(notes.isEmpty, "\(notes)")
    }
    // Told to be missing, they are no part of the numbers.
    let marked = try Self.read(Self.column(Self.plain + cells)) {
      ($0.format.missingMarks, $0.missing) = (Set(cells), .forward)
    }
    #expect(!marked.notes.contains { $0.contains("far from all others") })
  }

  /// NMHC of Air Quality UCI is −200 in nine rows of ten; irradiance of NASA POWER is −999 where others reach 1200.
  @Test func marksAmongOthersThatAreFarApart() throws {
    let rare = (0..<40).map { $0 % 10 == 3 ? "\(100 + 20 * $0)" : "-200" }
    let wide = (0..<40).map { $0 == 9 ? "-999" : "\($0 * 31 % 37 * 33).5" }
    for (cells, note) in [
      (
        rare, "column 'x': -200 occurs 36 times, first on line 2, the only negative number beside 160 to 760;"
      ),
      (
        wide, "column 'x': -999 occurs once, first on line 11, the only negative number beside 0.5 to 1188.5;"
      ),
      (
        (0..<40).map { $0 < 9 ? "-1" : "\($0 * 7 % 31).5" },
        "column 'x': -1 occurs 9 times, first on line 2, the only negative number beside 0.5 to 30.5;"
      ),
      (
        (0..<40).map { $0 == 7 ? "8.5" : "999.9" },
        "column 'x': 999.9 occurs 39 times, first on line 2, far from all others, which are 8.5;"
      ),
      (
        (0..<40).map { _ in "999.9" },
        "column 'x' has the same value in all rows, 999.9; use --missing-mark 999.9 if it stands for a missing value"
      ),
    ] {
      let notes = try Self.read(Self.column(cells)).notes
      #expect(notes.contains { $0.hasPrefix(note) }, "\(notes)")
    }
    // Losses are negative as well, and -1 may be a class.
    for cells in [(0..<40).map { "\($0 * 7 % 11 - 3)" }, (0..<40).map { "\(1 - 2 * ($0 % 2))" }] {
      #expect(try Self.read(Self.column(cells)).notes == [])
    }
  }

  @Test func marksOfManyColumnsAreToldTwiceInFull() throws {
    let rows = (0..<20).map { row in
      (0..<5).map { "\(row == 4 ? -999 : row * 7 % 11 + $0)" }.joined(separator: ",")
    }
    let notes = try Self.read("x,b,c,d,e\n" + rows.map { $0 + "\n" }.joined()) { $0.inputs = ["*"] }.notes
    #expect(
      notes.count == 3 && notes[2] == "-999 stands out in 3 other columns as well: 'c', 'd', 'e'", "\(notes)")
  }

  /// Marks that multiply are no marks of quality.
  @Test(arguments: [
    (
      ["512.5K", "2.25M"],
      "line 3, column 'x': '2.25M' is of another unit than '512.5K' on line 2, which --flags would"
    ),
    (["950", "1.2K"], "line 3, column 'x': '1.2K' is of another unit than '950' on line 2"),
    (["1.5K", "1.2K"], ""), (["1 p", "2"], ""),
  ])
  func unitsThatDiffer(cells: [String], message: String) throws {
    let error = try Self.read(Self.column(cells)) { $0.format.flags = ["K", "M", "p"] }.error
    #expect(message.isEmpty ? error.isEmpty : error.contains(message), "\(error)")
  }

  /// What is known, and columns of times among inputs.
  @Test func whatIsNoInput() throws {
    let rows = (0..<30).map { "2026-01-\($0 < 9 ? "0" : "")\($0 + 1),\($0 * 7 % 11)\n" }.joined()
    let known = try Self.read("t,x\n" + rows) { $0.targets = ["x"] }.notes
    #expect(
      known == [
        "the target 'x' is an input of the same step as well, which tells it; to forecast it from its own past and the"
          + " other inputs, add --horizon and --configuration"
      ])
    let time = try Self.read("t,x\n" + rows) { $0.inputs = ["t", "x"] }.error
    #expect(
      time.hasSuffix(
        "'2026-01-01' is a time; name the column of times with --time 't' rather than in --inputs, or leave it out with"
          + " --skip 't'"))
    let window = try Self.read("t,x\n" + rows) { $0.window = 31 }.error
    #expect(window.hasSuffix("has 30 rows, fewer than --window 31"))
  }

  @Test func namesWithoutValues() throws {
    let error = try Self.read("t,x,Comment\n1,2\n2,3\n").error
    #expect(
      error.hasSuffix(
        "line 2: has 2 fields, but the first line names 3 columns; if rows have no values of the last columns, 'Comment', take"
          + " these names off the line"))
  }

  @Test func manyConstantColumns() throws {
    let names = (0..<20).map { "c\($0 * $0)" }
    let rows = (0..<5).map { row in
      names.indices.map { $0 == 7 ? "\(row)" : "\($0)" }.joined(separator: ",") + "\n"
    }
    let notes = try Self.read(names.joined(separator: ",") + "\n" + rows.joined()) { $0.inputs = ["*"] }.notes
    #expect(notes.count == 11 && notes[0] == "column 'c0' has the same value in all rows, 0", "\(notes)")
    #expect(notes.last == "9 other columns have the same value in all rows, too, or none")
  }

  /// Tables of which each row may be a series, and columns that are an index.
  @Test func shapes() throws {
    let names = (1...40).map { "F.\($0)" }.joined(separator: ",")
    let row = (1...40).map { "\($0 * 7 % 11)" }.joined(separator: ",")
    func notes(_ text: String, _ change: (inout TableDataset) -> Void = { _ in }) throws -> [String] {
      try Self.read(text) {
        $0.inputs = ["*"]
        change(&$0)
      }.notes
    }
    let wide =
      "each row is a step of 40 features, 'F.1' to 'F.40'; tables with a series in each row are for weft data wide"
    #expect(try notes("\(names)\n\(row)\n\(row)\n").contains(wide))
    #expect(try notes("id,\(names)\na,\(row)\nb,\(row)\n") { $0.group = "id" }.contains(wide))
    #expect(try !notes("t,\(names)\n1,\(row)\n2,\(row)\n") { $0.time = "t" }.contains(wide))
    #expect(
      try notes("id,x\na,1\nb,2\n") { $0.group = "id" }
        == ["each series has a single row; does the column of --group tell series apart?"])
    let one = try notes("1 2.5 4\n") { ($0.format.hasHeader, $0.format.separator) = (false, 32) }
    #expect(
      one == [
        "the table has one row, of 3 features; if they are the steps of a series, write each on a line of its own, as"
          + " tr -s ' ' '\\n' does"
      ])
    let index = (0..<25).map { "\($0),\($0 * 7 % 11)\n" }.joined()
    #expect(
      try notes("Unnamed: 0,x\n" + index)
        == ["column 'Unnamed: 0' counts the rows, from 0 on; leave it out of --inputs if it is an index"])
    let months = try notes(
      "Year,Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec\n2020,1,2,3,4,5,6,7,8,9,10,11,12\n2021,2,3,4,5,6,7,8,9,1,2,3,4\n"
    ) { $0.time = "Year" }
    #expect(
      months.contains {
        $0.hasPrefix("each row is a step; columns 'Jan' to 'Dec' are months; pandas makes a row of each, ")
          && $0.hasSuffix("--time Year,Month --time-format '%Y %b' --sort")
      })
  }

  /// Files without a separator that is known, of several programs.
  @Test func fieldsThatAreNotSeparated() throws {
    func error(_ text: String, _ inputs: [String] = ["1"]) throws -> String {
      try Self.read(text) { ($0.inputs, $0.format.hasHeader) = (inputs, false) }.error
    }
    let blanks = " -1.5e+02  2.25e+01  3\n"
    #expect(
      try error(blanks).hasSuffix(
        "its first line is one field, '-1.5e+02  2.25e+01  3'; is it separated by ' ' (--separator)?"))
    #expect(try error("9;39;70.9\n9;39;71\n", ["3"]).hasSuffix("is it separated by ';' (--separator)?"))
    let long = String(repeating: "a", count: 200)
    let names = try Self.read("x\n" + (0..<30).map { "\(long)\($0)\n" }.joined()).error
    #expect(names.contains("'\(long.prefix(60))…' is a name") && !names.contains(long))
    let stations = try Self.read("A1  17.1 10.1    ST JOHNS\nA2  17.1 19.2    ST JOHNS COOLIDGE\n") {
      ($0.inputs, $0.format.hasHeader, $0.format.separator) = (["2"], false, 32)
    }.error
    #expect(stations.contains("pandas.read_fwf('t.csv', header=None).to_csv('table.csv', index=False)"))
    let title = try Self.read("1948 1990\n1948 2 3 4 5\n") {
      ($0.inputs, $0.format.hasHeader, $0.format.separator) = (["2"], false, 32)
    }.error
    #expect(title.hasSuffix("leave the first line out if it is no row, with --skip-lines 1"), "\(title)")
    let joined = try Self.read("1,2,3;\n1,2,3;1,2,3;\n") { ($0.inputs, $0.format.hasHeader) = (["1"], false) }
      .error
    #expect(
      joined.contains("if ';' ends rows, write each on a line of its own, as tr ';' '\\n' does"), "\(joined)")
  }

  @Test func commonZerosAreNoMarks() throws {
    // Of counts, of which most are zero, and of days on which shops are closed.
    let counts = (0..<40).map { $0 % 4 == 0 ? "\(5000 + $0)" : "0" }
    let closed = (0..<40).map { $0 % 7 == 0 ? "0" : "\(3000 + $0 * 617 % 5000)" }
    for cells in [counts, closed] { #expect(try Self.read(Self.column(cells)).notes.isEmpty) }
  }

  @Test(arguments: [
    (["1", "2", "4", "8", "15"], true), (["3", "3", "3", "3", "12"], true),
    (["1", "2", "3", "4", "11"], false),
    (["0", "0", "0", "0", "0"], false), (["1", "2", "3"], false),
  ])
  func totals(cells: [String], isTotal: Bool) throws {
    let notes = try Self.read(Self.column(cells)).notes
    #expect(
      notes.contains { $0.hasPrefix("the last row, line 6, is the sum of the others") } == isTotal, "\(notes)"
    )
  }

  @Test(arguments: [
    (
      ["1", "\\N", "3", "-", "5", "6", "7"],
      "use --missing-mark '-' --missing-mark '\\N' if they stand for missing values"
    ),
    (["1", "2", "Total 3", "4"], "use --missing-mark 'Total 3'"),
    (
      ["1", "2", "degC", "4"],
      "leave the line out with --skip-lines 4 if it is no row, or use --missing-mark 'degC'"
    ),
    (["5.2 p", "1", "2"], "use --flags p if 'p' is a mark of quality"),
    (["1", "2", "5*"], "use --flags '*' if"),
    (["1 234", "2 345", "3 456"], "use --thousands space for separators of thousands"),
    (["1'234", "2'345", "3'456"], "use --thousands \"'\" for separators"),
    (["1", "\u{0}2"], "line 3, column 'x': contains the character NUL"),
    (["1", "4\u{0}x"], "line 3, column 'x': contains the character NUL"),
    (["1 100;5", "2"], "use --thousands space --decimal , for"),
    (["<1", "5", "7"], "use --flags '<' to read it as 1, or --missing-mark '<1' to take it as missing"),
    (["1", "2", "1_000"], "use --thousands _ for"),
    (["1", "2", "-1.#IND"], "use --missing-mark '-1.#IND' if"),
    (["1", "2", "1e400", "nan(0x7)"], "use --missing-mark '1e400' if it stands for a missing value"),
    (["1.5D+01", "2.5D+02"], "write exponents of Fortran with an E"),
    (["00:00:01.5", "00:00:02.5"], "write times of day and durations as numbers"),
    (
      ["D7BT", "MM23", "5", "6", "7"],
      "leave the lines above the numbers out with --skip-lines 2-3 if they are no rows"
    ),
    (
      ["5", "6", "7", "note", "end"],
      "leave the lines below the numbers out with --skip-lines 5- if they are no rows"
    ),
    (["1:445.5", "1:16.2"], "numbers with their index are LIBSVM's"),
    (["1", "2", "\u{661}\u{662}"], "write digits as 0 to 9"),
  ])
  func advice(cells: [String], wanted: String) throws {
    // A semicolon stands for a comma in a quoted field.
    let quoted = cells.map { $0.contains(";") ? "\"\($0.replacing(";", with: ","))\"" : $0 }
    let error = try Self.read(Self.column(quoted)).error.replacing("--flags 'p'", with: "--flags p")
    #expect(error.contains(wanted), "\(error)")
  }

  @Test func linesThatAreNoRows() throws {
    for (text, wanted) in [
      ("a,b\n1,2\nSource: x\n", "leave out what is no row with --skip-lines, such as --skip-lines 3 or 3-"),
      ("Station 5\n\nt,x\n1,2\n", "line 3 names it: leave out what is before it with --skip-lines 1-2"),
      (
        "Station 5\nt;x\n1;2\n",
        "line 2 names it: leave out what is before it with --skip-lines 1 and --separator ';'"
      ),
      ("x,b\n1,2,3\n2,3,4\n", "if rows begin with a name, as R writes them, name that column first"),
      (
        "\"x\",\"b\"\n\"1\",2,3\n\"2\",3,4\n",
        "if rows begin with a name, as R writes them, name that column first"
      ),
      ("\"t\";\"x\"\n1;2\n", "line 1: is separated by ';'; use --separator ';'"),
    ] {
      let error = try Self.read(text) { if text.hasPrefix("a,b") { $0.inputs = ["b"] } }.error
      #expect(error.contains(wanted), "\(error)")
    }
    let one = try Self.read("Chins Situps\n5 162\n2 110\n") { $0.inputs = ["Chins Situps"] }.error
    #expect(one.contains("its first line is one name, 'Chins Situps'; is it separated by ' ' (--separator)?"))
    let total = try Self.read("t,x\n2026-01-01,1\n2026-01-02,2\nTotal,3\n") { $0.time = "t" }.error
    #expect(total.contains("line 4, column 't': 'Total' is not a time"))
    #expect(total.contains("if the line is no row, leave it out with --skip-lines 4"))
    let skipped = try Self.read("Station\nt,x\n(d),(m)\n1,2\n2,4\nend\n") {
      $0.format.skippedLines = [1...1, 3...3, 6...Int.max]
    }
    #expect(skipped.notes == ["left out 3 lines (--skip-lines)"], "\(skipped)")
  }

  /// The World Bank ends lines with a comma, pandas begins them with a number; Eurostat flags numbers.
  @Test func wideTables() throws {
    let fixture = try Fixture()
    func read(_ text: String, _ names: [String], _ change: (inout WideTableDataset) -> Void = { _ in }) throws
      -> (
        values: [Double], notes: [String], times: [Double]
      )
    {
      var dataset = WideTableDataset(file: try fixture.write(text, "w.tsv"), names: names)
      change(&dataset)
      let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      return (
        try file.dataset("train/inputs").read(as: Double.self), summary.notes,
        try file.contains("train/time") ? file.dataset("train/time").read(as: Double.self) : []
      )
    }
    let world = try read("note\n\tCountry\t2000\t2001\t\n0\tAruba\t1\t2\t\n1\tAngola\t\t4\t\n", ["Country"]) {
      $0.format.skippedLines = [1...1]
    }
    #expect(world.values == [1, 2, 4] && world.times.count == 3)
    #expect(world.notes.contains("left out 2 columns without a name"))
    let union = try read(
      "freq,geo\\TIME_PERIOD\t2000 \t2001 \t2002 \nA,AT\t1.5 p\t: c\t3 \nA,BE\t: \t4 b\t5 \n",
      ["freq", "geo\\TIME_PERIOD"]
    ) {
      ($0.format.flags, $0.format.missingMarks, $0.missing) = (["p", "b", "c"], [":"], .forward)
    }
    #expect(union.values == [1.5, 1.5, 3, 4, 5])
    let cases = try read("id\t1/22/20\t1/23/20\na\t1\t2\n", ["id"])
    #expect(cases.times.isEmpty && cases.notes.contains { $0.hasPrefix("their names are not read as times") })
    let marked = try read(
      "id\t" + (1...20).map { "d\($0)" }.joined(separator: "\t") + "\na\t"
        + (1...20).map { $0 == 7 ? "-9999" : "\($0 % 6)" }.joined(separator: "\t") + "\n", ["id"])
    #expect(
      marked.notes.contains { $0.hasPrefix("series 'a': -9999 occurs once, first on line 2") }, "\(marked)")
  }

  /// As weft data split --by-time divides them.
  @Test(arguments: [0, 3]) func wideSeriesAreDividedByTime(leadIn: Int) throws {
    let fixture = try Fixture()
    let rows = [10, 20, 3].enumerated().map { series, count in
      "s\(series)," + (0..<20).map { $0 < count ? "\(series * 100 + $0)" : "" }.joined(separator: ",") + "\n"
    }
    let text = "id," + (0..<20).map { "d\($0)" }.joined(separator: ",") + "\n" + rows.joined()
    var dataset = WideTableDataset(file: try fixture.write(text, "w.csv"), names: ["id"])
    let (whole, _) = try fixture.make("whole.h5") { try dataset.write(to: $0, progress: $1) }
    try whole.close()
    (dataset.plan, dataset.dividesSeries, dataset.leadIn) = (try SplitPlan("0.7,0.1,0.2"), true, leadIn)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    var splitter = DatasetSplitter(file: fixture.path("whole.h5"), assignment: .time(dataset.plan))
    splitter.leadIn = leadIn
    let (wanted, _) = try fixture.make("wanted.h5") { try splitter.write(to: $0, progress: $1) }
    for split in ["train", "validation", "test"] {
      for name in ["inputs", "offsets"] {
        let path = "\(split)/\(name)"
        #expect(
          try file.dataset(path).read(as: Int.self) == wanted.dataset(path).read(as: Int.self), "\(path)")
      }
      let names = "\(split)/names"
      #expect(try file.dataset(names).read(as: String.self) == wanted.dataset(names).read(as: String.self))
    }
    #expect(
      summary.notes[0] == "each series is divided by time: train 23, validation 3, test 7 steps"
        + (leadIn > 0 ? ", after up to 3 before their own" : ""), "\(summary.notes)")
  }

  /// Sorting would mix the two hours that have the same name.
  @Test func clocksThatWentBack() throws {
    let quarters = try Self.read(
      "t,x\n2020-10-25 02:30,1\n2020-10-25 02:45,2\n2020-10-25 02:00,3\n2020-10-25 02:15,4\n"
    ) {
      $0.time = "t"
    }
    #expect(
      quarters.error.hasSuffix(
        "line 4, column 't': '2020-10-25 02:00' is before the previous row; if clocks went back, tell the zone of local times,"
          + " such as --time-zone Europe/Berlin"), "\(quarters)")
    let hours = try Self.read("t,x\n2020-10-25 02:00,1\n2020-10-25 02:00,2\n2020-10-25 03:00,3\n") {
      $0.time = "t"
    }
    #expect(hours.error.contains("is also the time of the previous row"))
    #expect(
      hours.error.hasSuffix(
        "if clocks went back, tell the zone of local times, such as --time-zone Europe/Berlin"))
    let summer = try Self.read("t,x\n2020-07-25 02:00,1\n2020-07-25 02:00,2\n") { $0.time = "t" }
    #expect(!summer.error.contains("clocks"))
  }

  @Test func timesAndGroups() throws {
    let years = try Self.read("t,x\n1958.0417,1\n1958.125,2\n") { $0.time = "t" }
    #expect(years.notes.contains { $0.contains("as numbers, not as years") }, "\(years)")
    let groups = try Self.read("t,x\na,1\na,2\n,3\n,4\n") { $0.group = "t" }
    let own = "2 rows have no value in the group column, and form a series of their own; if each"
    #expect(groups.notes.contains { $0.hasPrefix(own) })
    let empty = try Self.read("t,x\n1,\n2,\n3,\n") { $0.missing = .keep }
    #expect(empty.notes.contains("column 'x' has no value"))
    let end = try Self.read("t,x\n31.12.2025 24:00,1\n01.01.2026 01:00,2\n01.01.2026 24:00:00,3\n") {
      ($0.time, $0.timeReading.format) = ("t", "%d.%m.%Y %H:%M")
    }
    #expect(end.error.contains("line 4, column 't': '01.01.2026 24:00:00' is not a time"), "\(end)")
  }
}
