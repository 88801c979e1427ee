import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase

/// What becomes of datasets that differ in type or meaning where they become one, in files made by h5py.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct JoiningTests {
  private static func make(_ program: String, in fixture: Fixture) throws {
    let made = try Python.run(
      """
      import h5py, numpy as np
      y = np.arange(12) % 2
      def make(name, x, y=y, type=None, **attributes):
          with h5py.File(name, "w") as f:
              f["train/inputs"] = x; f["train"].create_dataset("targets", data=y, dtype=type)
              f["train/inputs"].attrs.update(attributes)

      """ + program, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
  }

  private static func merged(_ fixture: Fixture) throws -> (file: File, summary: ConversionSummary) {
    let files = [fixture.path("a.h5"), fixture.path("b.h5")]
    return try fixture.make { try DatasetMerger(files: files).write(to: $0, progress: $1) }
  }

  /// The types are those of `numpy.result_type`.
  @Test(
    arguments: [
      ("i2", "1", "f4", "0.5", "float32", 0.5), ("u1", "200", "i4", "70000", "int32", 70000),
      ("f2", "1", "f4", "1e5", "float32", 1e5), ("?", "1", "f4", "0.5", "float32", 0.5),
      ("f4", "0.5", "f8", "1e300", "float64", 1e300), ("u2", "1", "i2", "-5", "int32", -5),
      ("i4", "1", "f4", "0.5", "float64", 0.5), ("u8", "1", "i8", "-7", "float64", -7),
    ] as [(String, String, String, String, String, Double)])
  func mergingFindsATypeThatHoldsBoth(
    _ first: String, _ one: String, _ second: String, _ other: String, _ type: String, _ value: Double
  ) throws {
    let fixture = try Fixture()
    try Self.make(
      """
      make("a.h5", np.full((12, 8, 3), \(one), "\(first)"), y.astype("i1"))
      make("b.h5", np.full((12, 8, 3), \(other), "\(second)"), y + 0.25)
      assert np.result_type("\(first)", "\(second)") == "\(type)"
      """, in: fixture)
    let (file, summary) = try Self.merged(fixture)
    let inputs = try file.dataset("train/inputs")
    #expect("\(inputs.datatype)" == type)
    let values = try inputs.read(as: Double.self)
    #expect(values[..<288].allSatisfy { $0 == Double(one) })
    #expect(values[288...].allSatisfy { $0 == value })
    #expect(try file.dataset("train/targets").read(as: Double.self)[11...13] == [1, 0.25, 1.25])
    #expect(summary.notes.contains { $0.hasPrefix("inputs: ") && $0.hasSuffix("become \(type)") })
  }

  /// Equal numbers that mean something else are not put together.
  @Test(arguments: [
    ("make('a.h5', x, units='K'); make('b.h5', x, units='degC')", "its attribute 'units' is 'degC'"),
    (
      "make('a.h5', x, flag_values=[0, 1], flag_meanings='a b'); make('b.h5', x, flag_values=[0, 1], flag_meanings='b a')",
      "its attribute 'flag_meanings' is 'b a', but that of"
    ),
    (
      "make('a.h5', x); make('b.h5', x); h5py.File('b.h5', 'a').attrs['preparation'] = '{}'",
      "b.h5: its attribute 'preparation' differs from that of"
    ),
    (
      "make('a.h5', x); make('b.h5', x, np.zeros(5))\n"
        + "for n in 'ab':\n  f = h5py.File(n + '.h5', 'a'); del f['train/inputs']; f['train/inputs'] = np.zeros((12, 2)); "
        + "f['train/offsets'] = [0, 1, 3, 5, 7, 12]",
      "b.h5: group /train: 'targets' has a row for each sequence, but that of"
    ),
  ]) func otherMeaningsAreRefused(_ program: String, _ message: String) throws {
    let fixture = try Fixture()
    try Self.make("x = np.zeros((12, 8, 3), 'f4')\n" + program, in: fixture)
    let files = [fixture.path("a.h5"), fixture.path("b.h5")]
    let failure = fixture.failure { try DatasetMerger(files: files).write(to: $0, progress: $1) }
    #expect(failure.contains(message), "\(failure)")
  }

  @Test func otherDistancesOfStepsAreTold() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      x = np.zeros((12, 8, 3), 'f4'); make('a.h5', x); make('b.h5', x)
      h5py.File('a.h5', 'a').attrs['seconds_per_step'] = 3600.0
      h5py.File('b.h5', 'a').attrs['seconds_per_step'] = 60.0
      """, in: fixture)
    let (_, summary) = try Self.merged(fixture)
    #expect(
      summary.notes.contains {
        $0.hasPrefix("the distance of steps is 3600 seconds in ") && $0.contains("but 60 seconds in ")
      }, "\(summary.notes)")
  }

  @Test func whatNoTypeHoldsIsRefused() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      make("a.h5", np.full((12, 8, 3), 2**53 + 1, "i8")); make("b.h5", np.full((12, 8, 3), 0.5, "f4"))
      """, in: fixture)
    let files = [fixture.path("a.h5"), fixture.path("b.h5")]
    let failure = fixture.failure { try DatasetMerger(files: files).write(to: $0, progress: $1) }
    #expect(
      failure.contains("a.h5: dataset /train/inputs: contains 9007199254740993, which float64 cannot hold"),
      "\(failure)")
  }

  @Test func halfPrecisionThatWouldBeInfiniteIsRefused() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      x = np.full((12, 8, 3), 65504, "f4"); make("a.h5", x); x[3, 2, 1] = 70000; make("b.h5", x)
      """, in: fixture)
    var converter = DatasetConverter(file: fixture.path("a.h5"))
    converter.floatKind = .float16
    let (file, _) = try fixture.make { try converter.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Float.self).allSatisfy { $0 == 65504 })
    converter = DatasetConverter(file: fixture.path("b.h5"))
    converter.floatKind = .float16
    for layout in [DatasetConverter.Layout.same, .ragged] {
      converter.layout = layout
      let failure = fixture.failure { try converter.write(to: $0, progress: $1) }
      #expect(
        failure.hasSuffix(
          "b.h5: dataset /train/inputs: contains 70000.0, which float16 cannot hold (at most 65504; use float32)"
        ),
        "\(failure)")
    }
  }

  /// Files of different years that are packed differently.
  @Test(
    arguments: [
      ("scale_factor=0.5, _FillValue=np.int16(-99)", "scale_factor=0.25, add_offset=1.0", [50, 26], 1),
      ("scale_factor=0.5, _FillValue=np.int16(-99)", "", [50, 100], 1),
      ("", "scale_factor=0.5, missing_value=np.int16(-99)", [100, 50], 1),
    ] as [(String, String, [Double], Int)])
  func mergingUnpacksWhatIsPackedDifferently(
    _ first: String, _ second: String, _ values: [Double], _ missing: Int
  ) throws {
    let fixture = try Fixture()
    try Self.make(
      """
      x = np.full((12, 8, 3), 100, "i2"); x[0, 0, 0] = -99
      make("a.h5", x, **dict(\(first))); make("b.h5", x, **dict(\(second)))
      """, in: fixture)
    let inputs = try Self.merged(fixture).file.dataset("train/inputs")
    #expect("\(inputs.datatype)" == "float32")
    let read = try inputs.read(as: Double.self)
    #expect([read[1], read[289]] == values)
    #expect([read[0], read[288]].count { $0.isNaN } == missing)
    #expect(try !inputs.attributes.contains("scale_factor") && !inputs.attributes.contains("_FillValue"))
  }

  /// Rows of columns in another order, of other columns, categories or times are not those of the first file.
  @Test(
    arguments: [
      ("x,y\n1,2\n3,4\n", "y,x\n2,1\n4,3\n", "*", nil, "its features are y, x, but"),
      ("x,y\n1,2\n3,4\n", "x,z\n1,2\n3,4\n", "*", nil, "its features are x, z, but"),
      ("c,x\na,1\nb,2\n", "c,x\nb,1\nc,2\n", "*", nil, "/categories/c differs from that of"),
      ("t,x\n0,1\n1,2\n", "t,x\n2026-01-01,1\n2026-01-02,2\n", "x", "t", "but those of"),
    ] as [(String, String, String, String?, String)])
  func columnsOfOtherMeaningAreRefused(
    first: String, second: String, inputs: String, time: String?, message: String
  ) throws {
    let fixture = try Fixture()
    var files: [String] = []
    for (name, text) in [("a", first), ("b", second)] {
      var dataset = TableDataset(file: try fixture.write(text, "\(name).csv"), inputs: [inputs])
      dataset.time = time
      try fixture.make("\(name).h5") { try dataset.write(to: $0, progress: $1) }
      files.append(fixture.path("\(name).h5"))
    }
    let failure = fixture.failure { try DatasetMerger(files: files).write(to: $0, progress: $1) }
    #expect(failure.hasPrefix("\(files[1]): ") && failure.contains(message), "\(failure)")
    // The same columns are joined, and streams become one.
    try fixture.make("c.h5") { writer, progress in
      var dataset = TableDataset(file: fixture.path("a.csv"), inputs: [inputs])
      dataset.time = time
      return try dataset.write(to: writer, progress: progress)
    }
    let same = [files[0], fixture.path("c.h5")]
    let (_, summary) = try fixture.make { try DatasetMerger(files: same).write(to: $0, progress: $1) }
    #expect(summary.text == "train 4 steps\nthe streams of 2 files follow one another as one")
  }

  @Test func namesOfSeveralSeriesAreTold() throws {
    let fixture = try Fixture()
    let path = try fixture.write("g,x\na,1\na,2\nb,3\n", "t.csv")
    var dataset = TableDataset(file: path, inputs: ["x"])
    dataset.group = "g"
    for name in ["a.h5", "b.h5"] { try fixture.make(name) { try dataset.write(to: $0, progress: $1) } }
    let (_, summary) = try Self.merged(fixture)
    #expect(
      summary.notes == [
        "2 names in 'names' belong to several sequences of a split, such as 'a', which data.scaling_by: series does not"
          + " tell apart"
      ])
  }

  @Test func equalPackingStays() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      x = np.full((12, 8, 3), 100, "i2"); make("a.h5", x, scale_factor=0.5); make("b.h5", x, scale_factor=0.5)
      """, in: fixture)
    let inputs = try Self.merged(fixture).file.dataset("train/inputs")
    #expect("\(inputs.datatype)" == "int16")
    #expect(try inputs.attributes.value("scale_factor", as: Double.self) == 0.5)
  }

  /// Equal numbers mean different classes in the two files.
  /// The fill value of HDF5 is that of the NetCDF library, and no attribute says so.
  @Test func aMarkThatIsImpliedBecomesAnAttribute() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      for name in ("a.h5", "b.h5"):
          make(name, np.ones(1))
          with h5py.File(name, "a") as f:
              del f["train/inputs"]
              z = np.full((12, 8, 3), 7, "i2"); z[0, 0, 0] = -32767
              f.create_dataset("train/inputs", data=z, fillvalue=np.int16(-32767))
      """, in: fixture)
    let inputs = try Self.merged(fixture).file.dataset("train/inputs")
    #expect("\(inputs.datatype)" == "int16")
    #expect(try inputs.read(as: Int.self)[0] == -32767)
    #expect(try inputs.attributes.value("_FillValue", as: Int.self) == -32767)
  }

  @Test func enumerationsAreJoinedByName() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      x = np.zeros((12, 8, 3), "f4")
      def kind(**members): return h5py.enum_dtype(members, basetype="i1")
      make("a.h5", x, y, kind(a=0, b=1)); make("b.h5", x, y, kind(b=0, a=1))
      """, in: fixture)
    let (file, _) = try Self.merged(fixture)
    #expect(try file.dataset("classes").read(as: String.self) == ["a", "b"])
    let classes = (0..<12).map { $0 % 2 }
    #expect(try file.dataset("train/targets").read(as: Int.self) == classes + classes.map { 1 - $0 })
    let splitter = DatasetSplitter(
      file: fixture.path("b.h5"), assignment: .fold(1, of: 2, seed: 1, groups: nil, stratify: "targets"))
    let (divided, _) = try fixture.make("divided.h5") { try splitter.write(to: $0, progress: $1) }
    #expect(try divided.dataset("classes").read(as: String.self) == ["b", "a"])
    let parts = try ["train", "validation"].map { try divided.dataset("\($0)/targets").read(as: Int.self) }
    #expect(parts.joined().sorted() == classes.sorted())
    var converter = DatasetConverter(file: fixture.path("b.h5"))
    converter.layout = .ragged
    let (ragged, _) = try fixture.make("ragged.h5") { try converter.write(to: $0, progress: $1) }
    #expect(try ragged.dataset("classes").read(as: String.self) == ["b", "a"])
    #expect(try ragged.dataset("train/targets").read(as: Int.self) == classes)
  }

  @Test func missingStepsAtTheEndAreNoSteps() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      x = np.ones((12, 8, 3), "f4")
      for i in range(12): x[i, 1 + i % 8:] = np.nan
      x[5, 2, 0] = np.nan; make("a.h5", x); x[7] = np.nan; make("b.h5", x)
      """, in: fixture)
    var converter = DatasetConverter(file: fixture.path("a.h5"))
    converter.layout = .ragged
    let (file, _) = try fixture.make { try converter.write(to: $0, progress: $1) }
    let offsets = try file.dataset("train/offsets").read(as: Int.self)
    #expect(zip(offsets, offsets.dropFirst()).map { $1 - $0 } == (0..<12).map { 1 + $0 % 8 })
    #expect(try file.dataset("train/inputs").read(as: Float.self).count { $0.isNaN } == 1)
    converter = DatasetConverter(file: fixture.path("b.h5"))
    converter.layout = .ragged
    #expect(
      fixture.failure { try converter.write(to: $0, progress: $1) }.contains(
        "b.h5: dataset /train/inputs: row 7 has no values"))
  }

  /// Nothing in the file tells whether these are of steps.
  @Test(arguments: [("8", true), ("8, 1", false), ("5", false)])
  func numbersAsManyAsStepsAreTold(_ shape: String, _ areTold: Bool) throws {
    let fixture = try Fixture()
    try Self.make("make('a.h5', np.ones((12, 8, 3), 'f4'), np.ones((12, \(shape)), 'f4'))", in: fixture)
    var converter = DatasetConverter(file: fixture.path("a.h5"))
    converter.layout = .ragged
    let notes = try fixture.make { try converter.write(to: $0, progress: $1) }.summary.notes
    let note =
      "/train/targets: 8 targets for each sequence, as many as its steps, were kept as targets of the whole sequence; if there"
      + " is one for each step, store them as [12, 8, 1]"
    #expect(notes.contains(note) == areTold, "\(notes)")
  }

  /// Arrays at the root with everything that belongs to the sequences.
  @Test func everythingOfASequenceIsDivided() throws {
    let fixture = try Fixture()
    try Self.make(
      """
      with h5py.File("root.h5", "w") as f:
          f["X"] = np.arange(12 * 8 * 3.0).reshape(12, 8, 3); f["y"] = y; f["lengths"] = np.arange(12) % 8 + 1
          f["mask"] = np.arange(96).reshape(12, 8) % 2; f["names"] = [f"s{i}" for i in range(12)]; f["axis"] = np.arange(8)
          f["strat_fold"] = np.arange(12) % 10 + 1; f["classes"] = ["a", "b"]
      with h5py.File("bad.h5", "w") as f:
          f["X"] = np.zeros((12, 8, 3)); f["y"] = y; f["lengths"] = np.full(12, 4.7)
      """, in: fixture)
    var splitter = DatasetSplitter(file: fixture.path("root.h5"), assignment: .names("strat_fold"))
    splitter.rootNames = ["X": "inputs", "y": "targets"]
    #expect(
      fixture.failure { try splitter.write(to: $0, progress: $1) }.contains(
        "--values train=1-8,validation=9,test=10"))
    splitter.assignment = .values(
      "strat_fold",
      [("train", 1...8), ("validation", 9...9), ("test", 10...10)].map {
        SplitAssignment.ValueRange(split: $0, values: $1)
      })
    let (file, summary) = try fixture.make { try splitter.write(to: $0, progress: $1) }
    #expect(summary.splits.map(\.count) == [10, 1, 1])
    let train = [0, 1, 2, 3, 4, 5, 6, 7, 10, 11]
    #expect(try file.dataset("train/lengths").read(as: Int.self) == train.map { $0 % 8 + 1 })
    #expect(try file.dataset("train/names").read(as: String.self) == train.map { "s\($0)" })
    #expect(try file.dataset("validation/mask").read(as: Int.self) == (0..<8).map { $0 % 2 })
    #expect(try file.dataset("validation/inputs").read(as: Int.self) == Array(192..<216))
    #expect(try file.dataset("axis").shape == [8] && file.dataset("classes").shape == [2])
    #expect(try !file.contains("lengths") && !file.contains("mask"))
    #expect(summary.notes.contains("divided along with the inputs: lengths, mask, names, strat_fold"))
    splitter = DatasetSplitter(file: fixture.path("bad.h5"), assignment: .contents(try SplitPlan("0.5,0.5")))
    splitter.rootNames = ["X": "inputs", "y": "targets"]
    #expect(
      fixture.failure { try splitter.write(to: $0, progress: $1) }.hasSuffix(
        "bad.h5: dataset /lengths: 4.7 at 0 is not a whole number"))
  }
}
