import HDF5
import Testing

@testable import DatasetTools

/// Rows, classes and splits of archives of time series.
@Suite struct ArchiveRowTests {
  /// The class in the last column, written as a fraction, as in the heartbeats of Kachuee et al. 2018.
  @Test func classInAnotherColumn() throws {
    let fixture = try Fixture()
    let train = try fixture.write("9.7e-01,5.0e-01,0.0e+00\n1.0e+00,2.5e-01,4.0e+00\n", "beats_train.csv")
    let test = try fixture.write("0.5,0.125,4.0\n", "beats_test.csv")
    var dataset = ArchiveDataset(files: [train, test])
    dataset.classColumn = 3
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("classes").read(as: String.self) == ["0", "4"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1])
    #expect(try file.dataset("train/inputs").read(as: Float.self) == [0.97, 0.5, 1, 0.25])
    #expect(try file.dataset("test/targets").read(as: Int.self) == [1])
    #expect(try file.dataset("test/inputs").read(as: Float.self) == [0.5, 0.125])
    #expect(summary.notes.contains("read column 3 of each row as the class of its series"))
    dataset.classColumn = 4
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "\(train): line 1: has no column 4 of the class")
    dataset.classColumn = 1
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "\(train): line 1: column 1, '9.7e-01', is not the number of a class")
  }

  @Test func tablesWithNamesAreForAnotherCommand() throws {
    let fixture = try Fixture()
    let path = try fixture.write("label,pixel0,pixel1\n3,0,255\n", "train.csv")
    let failure = fixture.failure { try ArchiveDataset(files: [path]).write(to: $0, progress: $1) }
    #expect(failure.hasPrefix("\(path): line 1: names columns; tables with names in the first line"))
    #expect(failure.hasSuffix("train.csv --class label"), "\(failure)")
  }

  /// A split for which no series is drawn is no part of the file.
  @Test func emptySplitsOfFewSeriesAreTold() throws {
    let fixture = try Fixture()
    var dataset = ArchiveDataset(files: [try fixture.write("1,0.5,2\n2,1.5,3\n1,2.5,4\n", "few.csv")])
    dataset.plan = try SplitPlan("0.8,0.1,0.1")
    let (_, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      summary.notes.contains {
        $0.contains(/^the split '\w+' is empty; 3 sequences are drawn at random; --seed \d+ draws train 1/)
      }, "\(summary.notes)")
  }

  @Test func rowsOfWekaAreExplained() throws {
    let fixture = try Fixture()
    func arff(_ attributes: String, _ row: String) throws -> String {
      try fixture.write("@relation r\n\(attributes)\n@data\n\(row)\n", "r.arff")
    }
    func complaint(_ attributes: String, _ row: String) throws -> String {
      let path = try arff(attributes, row)
      return fixture.failure { try ArchiveDataset(files: [path]).write(to: $0, progress: $1) }
    }
    let regression = try arff(
      "@attribute t1 numeric\n@attribute t2 numeric\n@attribute 'Target' numeric", "1,2,0.5\n3,?,7")
    let (file, summary) = try fixture.make {
      try ArchiveDataset(files: [regression]).write(to: $0, progress: $1)
    }
    #expect(try file.dataset("train/inputs").read(as: Float.self) == [1, 2, 3])
    #expect(try file.dataset("train/targets").read(as: Float.self) == [0.5, 7])
    #expect(
      summary.notes == [
        "read each row as a series of 2 steps, 't1' to 't2'; 'Target' is its target, a number"
      ])
    #expect(
      try complaint("@attribute t1 numeric\n@attribute class numeric", "1,2").contains(
        "the last attribute 'class' is numeric; for classes write its values, such as @attribute class {1,2}")
    )
    #expect(
      try complaint("@attribute kind {a,b}\n@attribute t1 numeric", "a,2").contains(
        "the attribute 'kind' is nominal, but not the last"))
    #expect(
      try complaint("@attribute day date 'yyyy-MM-dd'\n@attribute t1 real", "2020-01-01,2").contains(
        "the attribute 'day' is of type 'date 'yyyy-MM-dd'', not numeric"))
    let table = try arff("@attribute temperature real\n@attribute humidity real", "20,0.5\n21,0.4")
    let (_, told) = try fixture.make { try ArchiveDataset(files: [table]).write(to: $0, progress: $1) }
    #expect(
      told.notes == [
        "read each row as a series of 2 steps, 'temperature' to 'humidity'; a table with a row per step is for weft data"
          + " table"
      ])
  }
}
