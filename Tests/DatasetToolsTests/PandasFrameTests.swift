import HDF5
import TestSupport
import Testing

@testable import DatasetTools

/// Tables that pandas wrote by `DataFrame.to_hdf`, against what it reads.
@Suite("Frames of pandas") struct PandasFrameTests {
  @Test(arguments: ["fixed", "table", "columns", "numbered"]) func frames(_ name: String) throws {
    let fixture = try Fixture()
    let golden = try File(opening: Fixture.path("Pandas/golden.h5"))
    var dataset = HierarchyDataset(files: [Fixture.path("Pandas/frames.h5")], inputs: ["/\(name)"])
    dataset.plan = try SplitPlan("0.5,0.5")
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    func joined(_ member: String) throws -> [Double] {
      try ["train", "validation"].flatMap { try file.dataset("\($0)/\(member)").read(as: Double.self) }
    }
    #expect(try joined("inputs") == golden.dataset("\(name)/values").read(as: Double.self))
    #expect(try joined("time") == golden.dataset("\(name)/time").read(as: Double.self))
    let names = try golden.dataset("\(name)/names").read(as: String.self)
    #expect(
      try file.dataset("train/inputs").attributes.values("feature_names", as: String.self) == names)
    let zone = try? file.dataset("train/time").attributes.value("time_zone", as: String.self)
    #expect(zone == (name == "table" ? "Europe/Berlin" : nil))
    let text = name == "numbered" ? "" : "; left out columns that are no numbers: s"
    #expect(
      summary.notes == [
        "/\(name): read \(names.count) columns of pandas (\(names.joined(separator: ", "))), with the times of the"
          + " index\(text)"
      ])
  }

  /// Times and the numbers of categories are no quantities.
  @Test(arguments: [("fixed", "when, gap"), ("table", "when, gap, c")])
  func columnsOfOtherMeaning(_ name: String, _ left: String) throws {
    let dataset = HierarchyDataset(files: [Fixture.path("Pandas/kinds.h5")], inputs: ["/\(name)"])
    let (file, summary) = try Fixture().make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Double.self) == [0.5, 3, 1.5, 4, 2.5, 5])
    #expect(
      summary.notes == [
        "/\(name): read 2 columns of pandas (x, n); the index has no times; left out columns that are no numbers: \(left)"
      ])
  }

  /// Names of several levels are joined, and columns are in the order of the frame.
  @Test(arguments: ["stocks_fixed", "stocks_table", "sensors_fixed", "sensors_table"])
  func columnsOfSeveralLevels(_ name: String) throws {
    let golden = try File(opening: Fixture.path("Pandas/golden-columns.h5"))
    let dataset = HierarchyDataset(files: [Fixture.path("Pandas/columns.h5")], inputs: ["/\(name)"])
    let (file, _) = try Fixture().make { try dataset.write(to: $0, progress: $1) }
    let inputs = try file.dataset("train/inputs")
    #expect(try inputs.read(as: Double.self) == golden.dataset("\(name)/values").read(as: Double.self))
    #expect(
      try inputs.attributes.values("feature_names", as: String.self)
        == golden.dataset("\(name)/names").read(as: String.self))
  }

  /// The rows of several series would follow one another as one.
  @Test(arguments: ["levels", "levels_table"]) func indexesOfSeveralLevelsAreRefused(_ name: String) throws {
    let path = Fixture.path("Pandas/kinds.h5")
    let dataset = HierarchyDataset(files: [path], inputs: ["/\(name)"])
    let failure = try Fixture().failure { try dataset.write(to: $0, progress: $1) }
    #expect(
      failure.hasPrefix(
        "\(path): group /\(name): its index has several levels, whose series would run together; write it as a table"
      ))
  }

  @Test func columnsAndFrames() throws {
    let fixture = try Fixture()
    let path = Fixture.path("Pandas/frames.h5")
    var dataset = HierarchyDataset(files: [path], inputs: ["/fixed"])
    (dataset.fields, dataset.targetField) = (["y"], "k")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1, 2, 3, 4, 5])
    #expect(try file.dataset("train/inputs").shape == [6, 1])
    dataset.fields = ["z"]
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "--fields: /fixed: has no column 'z' of numbers; its columns are x, k, y")
    let series = HierarchyDataset(files: [path], inputs: ["/series"])
    #expect(
      fixture.failure { try series.write(to: $0, progress: $1) }
        == "\(path): group /series: is of pandas, but a 'series' rather than a frame; write it with Series.to_frame or"
        + " to_csv")
    // A frame for each sequence.
    let many = HierarchyDataset(files: [path], inputs: ["/patients/{}"])
    let (sequences, _) = try fixture.make("many.h5") { try many.write(to: $0, progress: $1) }
    #expect(try sequences.dataset("train/names").read(as: String.self) == ["a", "b"])
    #expect(try sequences.dataset("train/offsets").read(as: Int.self) == [0, 2, 5])
    #expect(try sequences.dataset("train/inputs").read(as: Float.self) == [0, 1, 10, 11, 12])
    #expect(
      fixture.failure { _, _ in throw try FileAdvice.failure(File(opening: path)) }.contains(
        "but 7 tables of pandas: weft data hdf5"))
  }

  @Test(arguments: [
    ("(lp0\nV773869\np1\naV767541\np2\na.", ["773869", "767541"] as [String]?),
    ("(lp0\nS'a b'\np1\naI5\naVcaf\\u00e9\na.", ["a b", "5", "café"]),
    ("(lp0\n(VA\np1\nVx\np2\ntp3\na(g1\nVy\np4\ntp5\na.", ["A_x", "A_y"]), ("cos\nsystem\n(S'x'\ntR.", nil),
  ]) func listsOfPython(_ text: String, _ names: [String]?) { #expect(PickledNames(text)?.list == names) }
}
