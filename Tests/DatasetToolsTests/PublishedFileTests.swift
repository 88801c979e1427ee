import Foundation
import HDF5
import TestSupport
import Testing
import WeftBase

@testable import DatasetTools

/// Layouts of published HDF5 files, made by h5py, and what becomes of them.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct PublishedFileTests {
  private static func make(_ program: String, in fixture: Fixture) throws {
    let made = try Python.run("import h5py, numpy as np\n" + program, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
  }

  /// A file for each split, as `train.h5`, `val.h5` and `test.h5`.
  @Test func splitsInFilesOfTheirOwn() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      for name, first, count in (("train", 0, 5), ("val", 100, 2), ("test", 200, 3)):
          with h5py.File(name + ".h5", "w") as f:
              f["data"] = np.arange(count * 8.0).reshape(count, 4, 2) + first
              f["label"] = np.array(["cat", "dog", "ant"])[np.arange(count) % 3].astype("S3")
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("train.h5")], inputs: ["data"])
    dataset.targets = "label"
    dataset.published = [
      SplitSource("validation", [fixture.path("val.h5")]), SplitSource("test", [fixture.path("test.h5")]),
    ]
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      summary.text
        == "train 5, validation 2, test 3 sequences of 4 steps of 2 features; targets: one of 3 classes for each sequence"
    )
    #expect(try file.dataset("classes").read(as: String.self) == ["ant", "cat", "dog"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [1, 2, 0, 1, 2])
    #expect(try file.dataset("test/targets").read(as: Int.self) == [1, 2, 0])
    for (split, first, count) in [("train", 0, 5), ("validation", 100, 2), ("test", 200, 3)] {
      let values = try file.dataset("\(split)/inputs").read(as: Int.self)
      #expect(values == (0..<count * 8).map { $0 + first })
    }
  }

  /// Recordings of patients: all of one are in a split.
  @Test func groupsAreThoseOfTheFile() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          for p in range(12):
              for r in range(4): f[f"chb{p:02}/rec{r}/x"] = np.full((3, 1), 10.0 * p + r)
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["{}/{}/x"])
    dataset.groups = "{}"
    dataset.plan = try SplitPlan("0.5,0.5")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let patients = try ["train", "validation"].map { split in
      Set(try file.dataset("\(split)/names").read(as: String.self).map { String($0.prefix(5)) })
    }
    #expect(patients[0].isDisjoint(with: patients[1]) && patients[0].union(patients[1]).count == 12)
  }

  /// AudioSet: a row of Booleans for each clip is no single class.
  @Test func rowsOfBooleans() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f["x"] = np.ones((4, 10, 2)); f["y"] = np.arange(20).reshape(4, 5) % 3 == 0
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["x"])
    dataset.targets = "y"
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      try file.dataset("train/targets").read(as: Int.self) == (0..<20).map { $0.isMultiple(of: 3) ? 1 : 0 })
    #expect(try file.dataset("train/targets").shape == [4, 5])
    #expect(try !file.contains("classes"))
    #expect(
      summary.text == "train 4 sequences of 10 steps of 2 features; targets: 5 numbers for each sequence")
  }

  /// One long recording with a few marks, as of detectors: the marks are not those of its steps.
  @Test func aSequenceAloneWithItsTarget() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f["strain"] = np.arange(64.0); f["steps"] = np.arange(64)
          f["mask"] = np.array([127, 3, 127, 127], "u4")
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["strain"])
    dataset.targets = "mask"
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(summary.text == "train 1 sequence of 64 steps of 1 feature; targets: 4 numbers for each sequence")
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 64])
    #expect(try file.dataset("train/targets").shape == [1, 4])
    dataset.targets = "steps"
    let stream = try fixture.make("stream.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(
      try stream.summary.text == "train 64 steps of 1 feature" && !stream.file.contains("train/offsets"))
  }

  /// Trials of MATLAB, time x trial x channel there: both `NTF` orders fit, and the output tells what was read.
  @Test func axesOfMATLABAreTold() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      smt = np.arange(6 * 4 * 3.0).reshape(6, 4, 3)
      with h5py.File("trials.mat", "w", userblock_size=512) as f:
          f["smt"] = smt.transpose(); f["smt"].attrs["MATLAB_class"] = np.bytes_("double")
      with open("trials.mat", "r+b") as f:
          f.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\\x00\\x02IM")
      """, in: fixture)
    var dataset = HierarchyDataset(files: [fixture.path("trials.mat")], inputs: ["smt"])
    dataset.axes = "TNF"
    let wrong = try fixture.make { try dataset.write(to: $0, progress: $1) }.summary
    #expect(
      wrong.text == """
        train 4 sequences of 3 steps of 6 features
        /smt: 6 x 4 x 3 in MATLAB, read as features x sequences x steps; --axes names MATLAB's last dimension first
        """)
    dataset.axes = "FNT"
    let (file, right) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(right.text.hasPrefix("train 4 sequences of 6 steps of 3 features\n"))
    // The second trial at its first step.
    #expect(try file.dataset("train/inputs").read(as: Int.self)[18..<21] == [3, 4, 5])
    dataset.targets = "none"
    #expect(fixture.failure { try dataset.write(to: $0, progress: $1) }.contains("no dataset 'none'"))
  }

  /// Structures in an array have the elements in each of their fields.
  @Test func elementsOfStructures() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f["a"] = np.arange(5.0); f["b"] = np.arange(7.0)
          f.create_dataset("Y/Data", data=np.array([f["a"].ref, f["b"].ref]).reshape(2, 1), dtype=h5py.ref_dtype)
      """, in: fixture)
    let wrong = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["Y/{}/Data"])
    #expect(
      fixture.failure { try wrong.write(to: $0, progress: $1) }.hasSuffix(
        "nothing matches 'Y/{}/Data'; write 'Y/Data/{}', an element of each structure"))
    let right = HierarchyDataset(files: [fixture.path("data.h5")], inputs: ["Y/Data/{}"])
    let (file, _) = try fixture.make { try right.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 5, 12])
  }

  /// RadioML: one-hot rows are classes to stratify by.
  @Test func oneHotRowsAreStrata() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f["X"] = np.arange(60 * 4 * 2.0).reshape(60, 4, 2); f["Y"] = np.eye(3, dtype="i8")[np.arange(60) // 20]
      """, in: fixture)
    let file = try File(opening: fixture.path("data.h5"))
    #expect(try file.dataset("Y").oneHotClasses() == (0..<60).map { $0 / 20 })
    #expect(try file.dataset("X").oneHotClasses() == nil)
  }

  /// Rates, names of channels and scales of dimensions beside the sequences are of no split.
  @Test func otherDatasetsInASplit() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          for s, n in (("train", 12), ("valid", 4)):
              f[f"{s}/inputs"] = np.ones((n, 10, 3)); f[f"{s}/targets"] = np.arange(n) % 3
              f[f"{s}/fs"] = 100.0; f[f"{s}/channels"] = np.array([b"a", b"b", b"c"])
      with h5py.File("wrong.h5", "w") as f:
          f["train/inputs"] = np.ones((12, 10, 3)); f["train/targets"] = np.arange(11)
      """, in: fixture)
    let path = fixture.path("data.h5")
    let recipe = try ConfigurationRecipe(DatasetFacts(path, progress: ProgressReporter()), path: path)
    #expect(try recipe.configuration().data.split.validation == "valid")
    let converter = DatasetConverter(file: fixture.path("data.h5"))
    let (file, summary) = try fixture.make { try converter.write(to: $0, progress: $1) }
    #expect(try file.contains("train/targets") && !file.contains("train/fs"))
    #expect(
      summary.notes.contains(
        "left out \(fixture.path("data.h5")) /train/channels, whose rows are neither sequences nor steps"),
      "\(summary.notes)")
    #expect(
      throws: WeftError.data(
        "\(fixture.path("wrong.h5")): dataset /train/targets: has 11 rows, but the group needs 12")
    ) { try DatasetFacts(fixture.path("wrong.h5"), progress: ProgressReporter()) }
  }
}
