import HDF5
import TestSupport
import Testing

@testable import DatasetTools

/// Tables whose columns are added to those of another, against `pandas.DataFrame.merge(how="left")`.
@Suite("Joined tables") struct JoinedTableTests {
  private static let sales =
    "Store,Date,Sales\n1,2015-07-01,10\n1,2015-07-02,11\n2,2015-07-01,20\n3,2015-07-01,5\n3,2015-07-02,6\n"

  private func dataset(_ fixture: Fixture, _ joins: [String]) throws -> TableDataset {
    var dataset = TableDataset(file: try fixture.write(Self.sales, "train.csv"), inputs: ["Sales", "oil"])
    (dataset.group, dataset.time, dataset.missing) = ("Store", "Date", .keep)
    dataset.joins = try joins.map { try TableJoin($0) }
    return dataset
  }

  @Test func columnsOfOtherTables() throws {
    let fixture = try Fixture()
    let stores = try fixture.write("Distance,Store,Kind\n570,1,a\n,2,b\n", "store.csv")
    let oil = try fixture.write("day,oil\n2015-07-01,50.5\n2015-07-02,51\n", "oil.csv")
    var dataset = try dataset(fixture, [stores, "\(oil):Date=day"])
    dataset.statics = ["Kind", "Distance"]
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      try file.dataset("train/inputs").read(as: Float.self) == [10, 50.5, 11, 51, 20, 50.5, 5, 50.5, 6, 51])
    #expect(
      try file.dataset("train/static").read(as: Float.self).map { $0.isNaN ? -1 : $0 } == [
        0, 570, 1, -1, 2, -1,
      ])
    #expect(try file.dataset("categories/Kind").read(as: String.self) == ["a", "b", "<missing>"])
    #expect(
      summary.notes.suffix(2) == [
        "joined \(stores) by Store; 2 rows have no partner, and missing values", "joined \(oil) by Date",
      ])
    // Keys are numbers, however they are written.
    let padded = try fixture.write("shop,oil\n01,1\n2.0,2\n3,3\n", "padded.csv")
    let (other, _) = try fixture.make("padded.h5") {
      try self.dataset(fixture, ["\(padded):Store=shop"]).write(to: $0, progress: $1)
    }
    #expect(try other.dataset("train/inputs").read(as: Float.self) == [10, 1, 11, 1, 20, 2, 5, 3, 6, 3])
  }

  /// Identifiers of 18 digits differ in those that a number in double precision does not keep.
  @Test func longIdentifiers() throws {
    let fixture = try Fixture()
    let ids = (0..<3).map { 900_719_925_474_099_300 + $0 }
    let other = try fixture.write("id,z\n" + ids.map { "\($0),\($0 % 10)\n" }.joined(), "other.csv")
    var dataset = TableDataset(
      file: try fixture.write("id,v\n" + ids.map { "\($0),5\n" }.joined(), "ids.csv"), inputs: ["z"])
    dataset.joins = [try TableJoin(other)]
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Float.self) == [0, 1, 2])
    dataset.joins = [try TableJoin(try fixture.write("id,z\n1,2\n1,3\n", "doubled.csv"))]
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.hasSuffix(
        "or keep one row of each, as pandas.read_csv('doubled.csv').drop_duplicates([\"id\"]).to_csv('single.csv',"
          + " index=False) does"))
  }

  /// Outcomes of patients, whose names are those of files.
  @Test func outcomesOfFiles() throws {
    let fixture = try Fixture()
    let files = try ["7", "9"].map {
      try fixture.write("Time,Parameter,Value\n00:00,HR,\($0)0\n", "\($0).txt")
    }
    let outcomes = try fixture.write("RecordID,death\n9,1\n7,0\n", "Outcomes.csv")
    var dataset = TableDataset(file: files[0], inputs: ["HR"])
    (dataset.furtherFiles, dataset.joins) = ([files[1]], [try TableJoin("\(outcomes):file=RecordID")])
    (dataset.group, dataset.time, dataset.targets) = ("file", "Time", ["death"])
    dataset.pivot = TablePivot(names: "Parameter", values: "Value")
    (dataset.targetsAreClasses, dataset.targetPer) = (true, .group)
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1])
    #expect(try file.dataset("train/inputs").read(as: Float.self) == [70, 90])
    // Hours without a row have the outcome of the patient as well.
    dataset.file = try fixture.write("Time,Parameter,Value\n00:00,HR,70\n02:00,HR,72\n", "7.txt")
    (dataset.timeReading.step, dataset.resampling, dataset.missing) = (.seconds(3600), .mean, .keep)
    let (even, _) = try fixture.make("even.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(try even.dataset("train/targets").read(as: Int.self) == [0, 1])
    #expect(
      try even.dataset("train/inputs").read(as: Float.self).map { $0.isNaN ? -1 : $0 } == [70, -1, 72, 90])
  }

  /// A list of recordings has the names of their files with folders and endings.
  @Test func classesOfFiles() throws {
    let fixture = try Fixture()
    let files = try ["a", "b"].map { try fixture.write("x\n1\n2\n", "\($0).csv") }
    let labels = try fixture.write("filename,kind\nrecordings/b.csv,wave\na.csv,circle\n", "labels.csv")
    var dataset = TableDataset(file: files[0], inputs: ["x"])
    (dataset.furtherFiles, dataset.joins) = ([files[1]], [try TableJoin("\(labels):file=filename")])
    (dataset.group, dataset.targets, dataset.targetPer) = ("file", ["kind"], .group)
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("classes").read(as: String.self) == ["circle", "wave"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1])
    // Of files with the same name in two folders, nothing is told by the name alone.
    dataset.joins = [
      try TableJoin(
        "\(try fixture.write("filename,kind\n1/a.csv,x\n2/a.csv,y\nb.csv,y\n", "two.csv")):file=filename")
    ]
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(failure.contains("missing"), "\(failure)")
  }

  @Test func joinsAreRefusedIfTheyAreUnclear() throws {
    let fixture = try Fixture()
    func complaint(_ text: String, _ keys: String = "") throws -> String {
      let path = try fixture.write(text, "other.csv")
      let dataset = try dataset(fixture, [path + keys])
      return fixture.failure { try dataset.write(to: $0, progress: $1) }.replacing(path, with: "OTHER")
        .replacing(fixture.path("train.csv"), with: "TABLE")
    }
    #expect(
      try complaint("Store,oil\n1,a\n1,b\n")
        == "OTHER: line 3: has the same Store as a row before it, '1'; name more columns with --join OTHER:COLUMNS, or keep"
        + " one row of each, as pandas.read_csv('other.csv').drop_duplicates([\"Store\"]).to_csv('single.csv', index=False) does"
    )
    #expect(
      try complaint("shop,oil\n1,2\n")
        == "--join: OTHER has no column of the same name as the table; name the columns with the same values, such as"
        + " --join OTHER:shop=id")
    #expect(
      try complaint("Store,oil,Sales\n1,2,3\n", ":Store")
        == "--join: OTHER has a column 'Sales', and so has the table; join by it as well, with --join OTHER:Store,Sales,"
        + " or rename it")
    #expect(
      try complaint("Store,oil\n8,2\n")
        == "OTHER: none of 5 rows of TABLE has a partner by Store, such as '1', where it has '8'; name the columns with the"
        + " same values, such as --join OTHER:shop=id")
    #expect(
      try complaint("Store,oil\n1,2\n", ":Stor=Store") == "--join: the table has no column 'Stor'")
    #expect(
      try complaint("Store,oil\n1,2\n", ":Store=Stor").hasPrefix(
        "--join: no column 'Stor' in OTHER; did you mean 'Store'?"))
    #expect(throws: (any Error).self) { try TableJoin("a.csv:=x") }
  }
}
