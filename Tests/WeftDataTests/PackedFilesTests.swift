import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks

/// What numbers mean by the attributes of NetCDF and by the layout of their file, in files made by h5py.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct PackedFilesTests {
  private static func make(
    _ program: String, files: [String] = ["a.h5"], in folder: TemporaryFolder
  ) throws -> Configuration {
    let before = """
      import h5py, numpy as np
      y = np.arange(12) % 2
      def make(name, x, y=y, attributes={}, of_targets={}, **others):
          with h5py.File(name, "w") as f:
              f["train/inputs"] = x; f["train/targets"] = y
              f["train/inputs"].attrs.update(attributes); f["train/targets"].attrs.update(of_targets)
              for path, values in others.items(): f[path.replace("__", "/")] = values
      x = np.ones((12, 8, 3), "f4")

      """
    let made = try Python.run(before + program, in: folder.url)
    #expect(made.status == 0, "\(made.output)")
    var configuration = Configuration()
    if files.count == 1 {
      configuration.data.file = folder.file(files[0])
    } else {
      configuration.data.files = files.map { folder.file($0) }
    }
    configuration.model.output = .lastStep
    configuration.training.batch = 24
    return configuration
  }

  private static func batch(_ configuration: Configuration) throws -> Minibatch {
    try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
  }

  private static func classes(_ configuration: Configuration) throws -> [Int32] {
    guard case .classes(let classes)? = try batch(configuration).targets else { return [] }
    return classes
  }

  private static func failure(_ configuration: Configuration) -> String {
    do {
      _ = try batch(configuration)
      return "nothing"
    } catch { return "\(error)" }
  }

  /// Files of different years, each packed by itself.
  @Test(
    arguments: [
      ("{'scale_factor': 0.5}", "{'scale_factor': 0.25, 'add_offset': 1.0}", [50, 26]),
      ("{}", "{'scale_factor': 0.5}", [100, 50]), ("{'add_offset': 1.0}", "{}", [101, 100]),
    ] as [(String, String, [Float])], [false, true])
  func everyFileHasItsOwnScale(_ wanted: (first: String, second: String, values: [Float]), areTargets: Bool)
    throws
  {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      areTargets
        ? """
        for name, a in (("a.h5", \(wanted.first)), ("b.h5", \(wanted.second))):
            make(name, x, np.full((12, 1), 100, "i2"), of_targets=a)
        """
        : """
        for name, a in (("a.h5", \(wanted.first)), ("b.h5", \(wanted.second))):
            make(name, np.full((12, 8, 3), 100, "i2"), attributes=a)
        """, files: ["a.h5", "b.h5"], in: folder)
    if areTargets { configuration.loss.kind = .squaredError }
    let batch = try Self.batch(configuration)
    let values: [Float]
    if areTargets {
      guard case .values(let features)? = batch.targets else {
        Issue.record("no values")
        return
      }
      values = features.values
    } else {
      values = try #require(batch.inputs.features).values
    }
    let half = values.count / 2
    let firsts = values.contains(wanted.values[0]) && values.contains(wanted.values[1])
    #expect(
      firsts && values.count { $0 == wanted.values[0] } == half
        && values.count { $0 == wanted.values[1] } == half)
    // What is measured over both files follows from what they mean.
    configuration.data.standardizes = true
    let scaling = try DatasetFile(configuration).traits.scaling
    if !areTargets {
      #expect(
        try #require(scaling.inputs).means
          == [Float](repeating: (wanted.values[0] + wanted.values[1]) / 2, count: 3))
    }
  }

  /// What the NetCDF library writes for a missing value without `_FillValue`, and gives to HDF5 as the fill value. In other
  /// files it is a number.
  @Test(
    arguments: [
      ("f4", "9.969209968386869e36", "missing values 9.96921e+36"),
      ("i2", "-32767", "missing values -32767.0"),
      ("i8", "-9223372036854775806", "missing values -9.223372e+18"),
      ("u2", "65535", "missing values 65535.0"),
    ])
  func theFillValueOfTheLibraryIsMissing(_ type: String, _ fill: String, _ note: String) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      make("a.h5", np.zeros(1))
      z = np.full((12, 8, 3), 7, "\(type)"); z[:, 2, 1] = \(fill)
      with h5py.File("a.h5", "a") as f:
          del f["train/inputs"]
          f.create_dataset("train/inputs", data=z, fillvalue=np.array(\(fill), "\(type)"))
          f["train/other"] = z
      """, in: folder)
    configuration.data.missingInputs = .zero
    let values = try #require(try Self.batch(configuration).inputs.features).values
    #expect(values.count { $0 == 0 } == 12 && values.count { $0 == 7 } == values.count - 12)
    let summary = try DatasetFile(configuration).summary(split: "train")
    #expect(summary.contains("/train/inputs: \(note)"), "\(summary)")
    configuration.data.inputs = ["other"]
    #expect(try #require(try Self.batch(configuration).inputs.features).values.contains { abs($0) > 30_000 })
  }

  @Test func theMissingValuesOfTheSecondFileAreMissing() throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      make("a.h5", np.full((12, 8, 3), 7, "i2"))
      z = np.full((12, 8, 3), 7, "i2"); z[:, 2, 1] = -99; make("b.h5", z, attributes={"_FillValue": np.int16(-99)})
      """, files: ["a.h5", "b.h5"], in: folder)
    #expect(
      Self.failure(configuration).contains("b.h5: dataset /train/inputs: the value in row 0 is missing"))
    configuration.data.missingInputs = .zero
    let values = try #require(try Self.batch(configuration).inputs.features).values
    #expect(values.count { $0 == 0 } == 12 && values.count { $0 == 7 } == values.count - 12)
    let summary = try DatasetFile(configuration).summary(split: "train")
    #expect(summary.hasSuffix("b.h5: /train/inputs: missing values -99.0"), "\(summary)")
  }

  @Test(
    arguments: [
      ("i1", -56, "{'_Unsigned': 'true'}", 200 as Float?, "unsigned"),
      ("u1", 200, "{'_Unsigned': 'false'}", -56, "signed"),
      ("i1", -1, "{'_Unsigned': 'true', '_FillValue': np.int8(-1)}", nil, "unsigned, missing values 255.0"),
      ("i2", 50, "{'valid_range': np.array([0, 40], 'i2')}", nil, "valid from 0.0 to 40.0"),
      ("i2", 40, "{'valid_range': np.array([0, 40], 'i2')}", 40, "valid from 0.0 to 40.0"),
      ("f4", -1, "{'valid_min': 0.0}", nil, "valid from 0.0"),
      ("f4", 9, "{'valid_max': np.float32(8)}", nil, "valid up to 8.0"),
      ("i2", 50, "{'valid_max': 30.0, 'scale_factor': 0.5}", 25, "valid up to 30.0, times 0.5"),
      ("i2", 50, "{'valid_max': 20.0, 'scale_factor': 0.5}", nil, "valid up to 20.0, times 0.5"),
    ] as [(String, Int, String, Float?, String)])
  func signsAndValidNumbers(
    _ type: String, _ stored: Int, _ attributes: String, _ wanted: Float?, _ note: String
  ) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      make("a.h5", np.full((12, 8, 3), \(stored), "\(type)") * np.ones(1, "\(type)"), attributes=\(attributes))
      with h5py.File("a.h5", "a") as f: f["train/inputs"][:, :, 1:] = 1
      """, in: folder)
    configuration.data.missingInputs = .zero
    let values = try #require(try Self.batch(configuration).inputs.features).values
    let one: Float = attributes.contains("scale_factor") ? 0.5 : 1
    #expect(Array(values[..<3]) == [wanted ?? 0, one, one])
    let summary = try DatasetFile(configuration).summary(split: "train")
    #expect(summary.hasSuffix("/train/inputs: \(note)"), "\(summary)")
  }

  @Test func marksAreNoClasses() throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      z = y.astype("i1"); z[5] = 127; make("a.h5", x, z, of_targets={"_FillValue": np.int8(127)})
      """, in: folder)
    let failure = Self.failure(configuration)
    #expect(
      failure.contains("a.h5: dataset /train/targets: the class at 5 is missing")
        && failure.contains("set data.missing_targets"), "\(failure)")
    configuration.data.allowsMissingTargets = true
    #expect(try DatasetFile(configuration).shape().targets == .tokens(2))
    #expect(try Self.classes(configuration) == (0..<12).map { $0 == 5 ? -1 : $0 % 2 })
  }

  /// Padding, of which the labels may be anything.
  @Test(arguments: ["lengths", "mask", "NaN"]) func paddingHasNoClass(way: String) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      z = np.arange(96).reshape(12, 8) % 3; z[:, 5:] = 99
      way = "\(way)"
      if way == "NaN": x[:, 5:] = np.nan
      others = {"lengths": {"train__lengths": np.full(12, 5)}, "mask": {"train__counts": z < 99}, "NaN": {}}
      make("a.h5", x, z, **others[way])
      """, in: folder)
    configuration.model.output = .everyStep
    if way == "mask" { configuration.data.mask = "counts" }
    let dataset = try DatasetFile(configuration)
    #expect(try dataset.shape().targets == .tokens(3))
    #expect(try CheckedData(dataset, splits: ["train"]).faults(threads: 2) { _ in }.map(\.text) == [])
    #expect(try Self.classes(configuration).allSatisfy { $0 < 3 })
  }

  @Test(
    arguments: [
      ("np.array([0, 1, -1] * 4)", "one of 2 classes"),
      ("np.array([0.0, 1.0, -1.0] * 4)", "one of 2 classes"),
      ("np.array([1, -1] * 6)", "contains −1"), ("np.array([0, -1] * 6)", "contains −1"),
    ]) func ignoredTargetsAreNoClass(_ targets: String, _ wanted: String) throws
  {
    let folder = try TemporaryFolder()
    let configuration = try Self.make("make('a.h5', x, \(targets))", in: folder)
    if wanted.hasPrefix("one") {
      let summary = try DatasetFile(configuration).summary(split: "train")
      #expect(summary.contains(wanted), "\(summary)")
      #expect(try Self.classes(configuration).prefix(3) == [0, 1, -1])
    } else {
      #expect(Self.failure(configuration).contains(wanted))
    }
  }

  /// Reviews of words with a class each, as IMDB.
  @Test func aClassOfASequenceIsNoToken() throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      make("a.h5", np.arange(96).reshape(12, 8) % 49 + 1, vocabulary=[f"w{i}" for i in range(50)])
      make("b.h5", np.arange(96).reshape(12, 8) % 50, np.arange(96).reshape(12, 8) % 49, vocabulary=[f"w{i}" for i in range(50)])
      """, in: folder)
    #expect(try DatasetFile(configuration).shape().inputs == .tokens(50))
    #expect(try DatasetFile(configuration).shape().targets == .tokens(2))
    // The next token at each step is one of the vocabulary.
    configuration.data.file = folder.file("b.h5")
    configuration.model.output = .everyStep
    #expect(try DatasetFile(configuration).shape().targets == .tokens(50))
  }

  @Test func lengthsAreWhole() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make("make('a.h5', x, train__lengths=np.full(12, 4.7))", in: folder)
    #expect(
      Self.failure(configuration).contains("a.h5: dataset /train/lengths: 4.7 at 0 is not a whole number"))
  }

  /// Equal numbers of two enumerations that mean different classes.
  @Test func enumerationsOfFilesAreOne() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      for name, members in (("a.h5", {"a": 0, "b": 1}), ("b.h5", {"a": 1, "b": 2})):
          make(name, x)
          with h5py.File(name, "a") as f:
              del f["train/targets"]
              kind = h5py.enum_dtype(members, basetype="i1")
              f["train"].create_dataset("targets", data=y + members["a"], dtype=kind)
      """, files: ["a.h5", "b.h5"], in: folder)
    #expect(Self.failure(configuration).contains("merge them with weft data merge"))
  }
}
