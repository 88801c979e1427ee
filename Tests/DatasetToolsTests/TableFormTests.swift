import DatasetTools
import Foundation
import HDF5
import Testing

/// Tables as other programs write them: what precedes the names, quotation marks, separators and empty rows.
@Suite("Forms of tables") struct TableFormTests {
  private static func convert(
    _ text: String, _ inputs: [String] = ["x"], name: String = "t.csv",
    _ change: (inout TableDataset) -> Void = { _ in }
  ) throws -> (values: [Float], notes: [String]) {
    let fixture = try Fixture()
    defer { withExtendedLifetime(fixture) {} }
    var dataset = TableDataset(file: try fixture.write(text, name), inputs: inputs)
    change(&dataset)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    return (try file.dataset("train/inputs").read(as: Float.self), summary.notes)
  }

  private static func complaint(
    _ text: String, _ inputs: [String] = ["x"], name: String = "t.csv",
    _ change: (inout TableDataset) -> Void = { _ in }
  ) throws -> String {
    let fixture = try Fixture()
    var dataset = TableDataset(file: try fixture.write(text, name), inputs: inputs)
    change(&dataset)
    return fixture.failure { try dataset.write(to: $0, progress: $1) }
  }

  /// A table with a row per step in the format of Weka, with names and values as `scipy.io.arff.loadarff` reads them.
  @Test func tablesOfWeka() throws {
    let text = """
      % EEG
      @RELATION 'EEG DATA'
      @ATTRIBUTE AF3 NUMERIC
      @attribute 'F 7' real
      @ATTRIBUTE state {open,'half closed'}

      @DATA
      4329.5,4009.25,open
      ?,4004,'half closed'
      """
    let (values, notes) = try Self.convert(text, ["F 7", "AF3", "state"], name: "eeg.arff") {
      $0.missing = .forward
    }
    #expect(values == [4009.25, 4329.5, 1, 4004, 4329.5, 0])
    #expect(notes.contains("column 'state': 2 categories (half closed, open)"))
    #expect(
      try Self.complaint(
        "@attribute b relational\n@attribute x real\n@end b\n@data\n'1'\n", name: "b.arff"
      ).hasSuffix("b.arff: line 1: 'b' holds a series; weft data ts reads such files"))
    #expect(
      try Self.complaint("@attribute x real\n1\n", name: "c.arff").hasSuffix(
        "c.arff: has no line @data after lines of @attribute; is this a file of Weka?"))
  }

  @Test func barsAndSemicolons() throws {
    #expect(try Self.convert("x|y\n1|2\n3|4\n", name: "p1.psv").values == [1, 3])
    let (values, notes) = try Self.convert("33,Jogging,-0.5;\n33,Walking,5.25;\n", ["3"]) {
      $0.format.hasHeader = false
    }
    #expect(values == [-0.5, 5.25])
    #expect(notes == ["left out the semicolon at the end of 2 lines"])
  }

  @Test func parenthesesOfLosses() throws {
    #expect(
      try Self.complaint("x\n(1.50)\n($2.00)\n").contains(
        "'(1.50)' is not a number as Weft reads it; write negative numbers with a minus sign rather than in parentheses"
      ))
  }

  @Test(arguments: [
    ("$1.50", "$"), ("-$1.50", "$"), ("€ 1.50", "€"), ("1.50%", "%"), ("1.50 €", "€"), ("R$ 1.50", "R$"),
    ("R$1.50", "R$"), ("EUR 1.50", "EUR"),
  ]) func signsOfMoney(text: String, mark: String) throws {
    let table = "x\n\(text)\n\(text)\n"
    #expect(try Self.complaint(table).contains("use --flags '\(mark)'"))
    let (values, _) = try Self.convert(table) { $0.format.flags = [mark] }
    #expect(values == (text.hasPrefix("-") ? [-1.5, -1.5] : [1.5, 1.5]))
  }

  @Test(arguments: [
    "\u{FEFF}\"x\",\"a, b\"\r\n1,2\r\n3,4\r\n", "\n\r\n  \nx,\"a, b\"\n1,2\n3,4\n",
    "\u{FEFF}\nx,\"a, b\"\n1,2\n3,4\n", "sep=;\nx;\"a, b\"\n1;2\n3;4\n", "sep=,\nx,\"a, b\"\n1,2\n3,4\n",
    "\u{FEFF}sep=\t\r\nx\ta, b\r\n1\t2\r\n3\t4\r\n",
  ])
  func whatPrecedesTheNamesIsSkipped(text: String) throws {
    let found = try Self.convert(text, ["x", "a, b"])
    #expect(found.values == [1, 2, 3, 4] && found.notes.isEmpty)
  }

  /// Characters that begin with the same bytes as the mark of the byte order.
  @Test func namesMayBeginWithAnyCharacter() throws {
    #expect(try Self.convert("\u{FF58}\n1\n", ["\u{FF58}"]).values == [1])
    #expect(try Self.convert("\u{FEC0}x,y\n1,2\n", ["\u{FEC0}x"]).values == [1])
  }

  @Test func remarksBeforeTheNamesAreCounted() throws {
    let found = try Self.convert("# made by \"a, logger\n#\nx,y\n1,2\n#3,4\n".replacing("#3", with: "3"))
    #expect(found.values == [1, 3])
    #expect(found.notes == ["left out 2 lines with # before the table"])
    // numpy.savetxt writes the names as a remark.
    let saved = try Self.convert("# a remark\n# x,y\n1,2\n3,4\n", ["y"])
    #expect(saved.values == [2, 4] && saved.notes == ["left out a line with # before the table"])
    #expect(try Self.convert("# t x\n0 1\n1 2\n", ["x"]) { $0.format.separator = 32 }.values == [1, 2])
    #expect(try Self.convert("#time,x,kind\n1,2,a\n3,4,b\n").values == [2, 4])
  }

  @Test func numbersAreNoNames() throws {
    #expect(
      try Self.complaint("1.5,2,7\n3,4,5\n", ["1.5"]).hasSuffix(
        "line 1: contains values (1.5, 2, 7) where names of columns are expected; use --no-header, which names them 1,"
          + " 2, 3 …, or put a line of names first"))
    #expect(try Self.complaint("112\n118\n132\n", ["112"]).contains("--no-header"))
    #expect(try Self.complaint("2020-01-01,5\n2020-01-02,6\n", ["5"]).contains("--no-header"))
    // Rows of names and numbers, and of dates: others have the same.
    #expect(
      try Self.complaint("5.1,3.5,setosa\n4.9,3,virginica\n5,3.4,setosa\n", ["5.1"]).contains(
        "line 3, column 'setosa': is like line 1, '5.1, 3.5, setosa', which should name the columns; use --no-header"
      ))
    #expect(try Self.complaint("2020-01-01,a,5\n2020-01-02,b,6\n", ["5"]).contains("--no-header"))
    #expect(
      try Self.convert("land,2020-01-01,350.5\na,1,2\nb,3,4\n", ["2020-01-01", "350.5"]).values == [
        1, 2, 3, 4,
      ])
    let found = try Self.convert("1.5,2,7\n3,4,5\n", ["1", "3"]) { $0.format.hasHeader = false }
    #expect(found.values == [1.5, 7, 3, 5])
    // Names as pandas gives them.
    #expect(try Self.convert(",0,1,2\n0,5,6,7\n", ["1"]).values == [6])
    #expect(try Self.convert("0\n5\n", ["0"]).values == [5])
    #expect(try Self.convert("1990,2000,2010\n5,6,7\n", ["2000"]).values == [6])
  }

  /// As in the tables of air quality of UCI: two columns without a name, and rows of separators at the end.
  @Test func unusedNamesMayRepeat() throws {
    let text = "Date;x;;\n10/03/2004;2,6;;\n11/03/2004;2;;\n;;;\n;;;\n"
    let found = try Self.convert(text) {
      ($0.format.decimal, $0.time, $0.timeReading.format) = (.comma, "Date", "%d/%m/%Y")
    }
    #expect(found.values == [2.6, 2])
    #expect(
      found.notes == [
        "all times are also of the format '%m/%d/%Y', in which day and month are exchanged",
        "left out 2 empty rows at the end",
      ])
    #expect(try Self.complaint("x,a,x\n1,2,3\n").contains("line 1: duplicate column name 'x';"))
    #expect(try Self.convert("x,a,x\n1,2,3\n", ["a"]).values == [2])
    // In between, they are missing values.
    let gap = try Self.convert("x,y\n1,1\n,\n3,3\n,\n") { $0.missing = .forward }
    #expect(gap.values == [1, 1, 3])
  }

  /// Columns of several levels, as `DataFrame.to_csv` of pandas writes them, with and without names of levels and of the
  /// index; their joined names are those of `['_'.join(column) for column in frame.columns]`.
  @Test(arguments: [
    (",temp,temp,hum\n,mean,std,mean\n0,1,2,3\n1,4,5,6\n", ["temp_std", "hum_mean"], 2),
    ("temp,temp,hum\nmean,std,mean\n1,2,3\n4,5,6\n", ["temp_std", "hum_mean"], 2),
    (",temp,temp,hum\n,mean,std,mean\nstation,,,\na,1,2,3\nb,4,5,6\n", ["temp_std", "hum_mean"], 3),
    ("sensor,1,1,2\naxis,0,1,0\ntime,,,\n2021-01-01,1,2,3\n2021-01-02,4,5,6\n", ["1_1", "2_0"], 3),
    ("a,a,b\nx,x,y\nm,s,m\n1,2,3\n4,5,6\n", ["a_x_s", "b_y_m"], 3),
    ("Time,Temp,Temp\n[s],[C],[F]\n0,2,3\n1,5,6\n", ["Temp_[C]", "Temp_[F]"], 2),
  ]) func namesInSeveralLines(text: String, names: [String], lines: Int) throws {
    let (values, notes) = try Self.convert(text, names)
    #expect(values == [2, 3, 5, 6])
    #expect(notes.contains { $0.hasPrefix("read lines 1 to \(lines) as the names of columns, ") }, "\(notes)")
  }

  /// Names that repeat above a row, or that further lines do not tell apart, are no levels.
  @Test func repeatedNamesAreNoLevels() throws {
    let repeated = "x,flag,flag\n1,a,b\n2,a,a\n"
    #expect(try Self.convert(repeated).values == [1, 2])
    #expect(
      try Self.complaint("x,y,y\nm,s,s\n1,2,3\n", ["y"]).hasSuffix(
        "line 1: duplicate column name 'y'; --no-header with --skip-lines 1 names the columns 1, 2, 3 …"))
    #expect(
      try Self.complaint(",1,1\n,0,1\n0,2,3\n", ["*"]).contains(
        "if names have two levels, join them: frame = pandas.read_csv('t.csv', header=[0, 1]"))
  }

  /// pandas reads the empty name as a column without values.
  @Test func separatorsAtTheEndOfTheNames() throws {
    let (values, notes) = try Self.convert("t,x,\n0,1\n1,2\n")
    #expect(values == [1, 2])
    #expect(notes == ["left out a separator at the end of line 1, for which rows have no field"])
  }

  @Test func blanksAreMissing() throws {
    let (values, _) = try Self.convert("t,x\n0,1\n1,        \n2,   NaN   \n") { $0.missing = .forward }
    #expect(values == [1, 1, 1])
  }

  @Test func linesAboveTheNames() throws {
    #expect(
      try Self.complaint("latitude,longitude,zone\n52.5,13.4,GMT\n\ntime,x\n0,1\n1,2\n", ["*"]).hasSuffix(
        "line 4: has 2 fields, but the first line names 3 columns; if it names the columns, leave out what is above it with"
          + " --skip-lines 1-3"))
  }

  /// `awk` makes `1;2;3;` of the first row, which is read.
  @Test func rowsOfDifferentLengths() throws {
    let text = "a;1;2\nb;1;2;3\n"
    let failure = try Self.complaint(text, ["2"]) { ($0.format.separator, $0.format.hasHeader) = (59, false) }
    #expect(
      failure.hasSuffix(
        "has 4 fields, but the first row has 3 columns; rows of different lengths are filled up with empty fields by awk -F ';'"
          + " -v OFS=';' 'NR == FNR {if (NF > m) m = NF; next} {$m = $m} 1' t.csv t.csv > even.csv"),
      "\(failure)")
  }

  @Test func runsOfBlanksAreOneSeparator() throws {
    let text = "  x   y  \n 1.5  2\n-3 \t 4 \r\n"
    let found = try Self.convert(text, ["x", "y"]) { $0.format.separator = UInt8(ascii: " ") }
    #expect(found.values == [1.5, 2, -3, 4])
    #expect(try Self.complaint("x y\n1 2\n").contains("is it separated by ' ' (--separator)?"))
  }

  /// A tagged text, in which quotation marks are words.
  @Test func quotationMarksByThemselvesAreCharactersBetweenTabs() throws {
    let text = "tag\tword\nPUNCT\t\"\nINTJ\tno\nPUNCT\t\"\n"
    let found = try Self.convert(text, ["tag", "word"], name: "t.tsv")
    #expect(found.values == [1, 0, 0, 1, 1, 0])
    #expect(found.notes.contains("column 'word': 2 categories (\", no)"))
    let begun = "tag\tword\nA\t\"no\nB\tyes\"\nA\t\"no\n"
    #expect(
      try Self.complaint(begun, ["word"], name: "t.tsv").contains(
        "line 2: a field that begins with a quotation mark does not end on this line; --quote none"))
    #expect(
      try Self.convert(begun, ["word"], name: "t.tsv") { $0.format.quote = nil }.values == [0, 1, 0])
    #expect(
      try Self.complaint("tag\tword\nA\t\"no\nB\t\"\n", ["word"], name: "t.tsv").contains("line 2: a field"))
    #expect(
      try Self.complaint("tag\tword\tx\n\"A\t1\"\n", ["word"], name: "t.tsv").contains("--quote none"))
    // Quoted fields with tabs are still read.
    #expect(try Self.convert("\"x\"\ty\n1\t\"a\tb\"\n", name: "t.tsv").values == [1])
  }

  @Test(arguments: [
    (
      "t.xlsx", "PK\u{3}\u{4}",
      "it is a workbook; save it as CSV, or convert it with pandas: pandas.read_excel('t.xlsx')"
    ),
    ("t.csv.zip", "PK\u{3}\u{4}", "it is a ZIP archive; unpack it with unzip"),
    ("t.csv.bz2", "BZh91AY&SY", "it is compressed with bzip2; unpack it with bunzip2"),
    ("t.parquet", "PAR1", "pandas.read_parquet('t.parquet').to_csv('t.csv', index=False)"),
    ("t.feather", "ARROW1\0\0", "pandas.read_feather('t.feather').to_csv('t.csv', index=False)"),
    ("t.json", " [{\"x\": 1}]", "pandas.read_json('t.json').to_csv('t.csv', index=False)"),
    ("t.jsonl", "{\"x\": 1}\n", "pandas.read_json('t.jsonl', lines=True)"),
    ("t.json", "{\"a\":{\"0\":1,\"1\":2}}", "pandas.read_json('t.json').to_csv('t.csv', index=False)"),
    ("t.json", "{\"x\": {\"y\": 1}}\n{\"x\": {\"y\": 2}}", "pandas.read_json('t.json', lines=True)"),
  ])
  func otherFilesAreNamed(name: String, start: String, message: String) throws {
    let found = try Self.complaint(start + "\nx\n1\n", name: name)
    #expect(found.contains(message) && found.contains("is not a table as text"), "\(found)")
  }

  @Test func namesLikeTheirFirstBytesAreRead() throws {
    #expect(try Self.convert("PK,x\n1,2\n").values == [2])
    #expect(try Self.convert("PAR1,x\n1,2\n").values == [2])
    #expect(try Self.convert("[x,y\n1,2\n", ["y"]).values == [2])
  }

  /// One name of a first line that is not of these columns, as R, Excel and other separators make them.
  @Test(arguments: [
    ("\"a\" \"b\"\n\"1\" 0.5 2\n", "t.csv: line 1: is separated by ' '; use --separator ' '"),
    ("\"a\":\"b\"\n1:2\n", "t.csv: line 1: is separated by ':'; use --separator ':'"),
    ("a b\tc d\nx y\t1\n", "'a b\tc d'; is it separated by 'tab' (--separator)?"),
    (";\"a\";\"b\"\n0;\"x\";1\n", "';\"a\";\"b\"'; is it separated by ';' (--separator)?"),
    ("a;b\n1;2;x\n2;2;y\n", "'a;b'; is it separated by ';' (--separator)?"),
    ("Report of a station\na\tb\nx\t1\n", "'Report of a station'; is it separated by 'tab' (--separator)?"),
    (
      "Report,,\n,,\na,b,c\nx,1,2\n",
      "line 1 names the first of 3 columns alone, 'Report'; if it is a title, leave out what is above the names with"
        + " --skip-lines 1-2, otherwise write names for the others into the line"
    ),
    (
      "# k,m\non,off\noff,off\non,on\n",
      "line 3, column 'off': is like line 2, 'on, off', which should name the columns; take the # off line 1 if it names"
        + " them, or use --no-header, which names them 1, 2, 3 …"
    ),
  ])
  func linesThatMayNotNameColumns(text: String, message: String) throws {
    let error = try Self.complaint(text, ["*"])
    #expect(error.hasSuffix(message), "\(error)")
  }

  /// A remark above rows that begin with a missing value or an amount names their columns.
  @Test(arguments: ["# k,x\n$5,NA\n$6,2\n", "# k,x\n$5,\n$6,2\n"])
  func remarksAboveMarks(text: String) throws {
    let (values, _) = try Self.convert(text, ["x"]) { ($0.missing, $0.format.flags) = (.keep, ["$"]) }
    #expect(values.count == 2 && values[0].isNaN && values[1] == 2)
  }

  /// `*` leaves out what has no name, which is told unless nothing is there.
  @Test func columnsWithoutANameAreTold() throws {
    #expect(
      try Self.convert(",x,\n5,1,\n7,2,\n", ["*"]).notes == [
        "left out column 1, which has no name; name it to use it"
      ])
    #expect(
      try Self.convert(",x\n5,1\n7,2\n", ["*"]).notes == [
        "left out column 1, which has no name; --inputs '*,' takes it as well"
      ])
    #expect(try Self.convert(",x\n5,1\n7,2\n", ["*", ""]).values == [1, 5, 2, 7])
    #expect(try Self.convert("x,\n1,\n2,\n", ["*"]).notes == [])
    #expect(try Self.convert(",x\n5,1\n7,2\n", ["*"]) { $0.time = "" }.notes == [])
    #expect(try Self.convert(",x\n5,1\n7,2\n", ["x"]).notes == [])
  }

  /// Names that stand for a missing value in many tables.
  @Test(arguments: [("--", true), ("NaT", true), ("#DIV/0!", true), ("\\N", true), ("unknown", false)])
  func namesThatMayBeMissing(mark: String, isTold: Bool) throws {
    let table = (0..<9).map { "\($0 % 3 == 1 ? mark : $0 % 2 == 0 ? "on" : "off")\n" }.joined()
    let note = try Self.convert("x\n" + table).notes[0]
    #expect(
      note.hasSuffix("; use --missing-mark '\(mark)' if '\(mark)' stands for a missing value") == isTold,
      "\(note)")
    #expect(try Self.convert("x\n" + table) { $0.categories = ["x"] }.notes[0].hasSuffix(")"))
  }

  @Test func signsAsNames() throws {
    #expect(try Self.convert("x\n+\n-\n+\n").notes.first == "column 'x': 2 categories (+, -)")
  }

  @Test func pointsWhereCommasAreExpected() throws {
    let error = try Self.complaint("x;y\n1.5;2,5\n2.5;3,5\n", ["*"]) { $0.format.decimal = .comma }
    #expect(
      error.contains(
        "line 2, column 'x': '1.5' is not a number as Weft reads it; leave --decimal , out if numbers have points; where"
          + " columns of both kinds are used, write points in those with commas"), "\(error)")
  }

  /// The file that the advice for tables of R makes is read.
  @Test func namesOfRows() throws {
    let error = try Self.complaint("\"x\",\"y\"\n\"1\",0.5,2\n\"2\",1.5,3\n", ["*"])
    #expect(
      error.hasSuffix(
        "but the first line names 2 columns; if rows begin with a name, as R writes them, name that column"
          + " first, as awk 'NR == 1 {printf \"row,\"} 1' does"), "\(error)")
    #expect(
      try Self.convert("row,\"x\",\"y\"\n\"1\",0.5,2\n\"2\",1.5,3\n", ["x", "y"]).values == [0.5, 2, 1.5, 3])
  }
}
