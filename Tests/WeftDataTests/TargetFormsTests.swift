import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks

/// Targets as people store them: all mean the classes 0, 1, 2, 0, 1, 2.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct TargetFormsTests {
  private static let classes: [Int32] = [0, 1, 2, 0, 1, 2]

  private static func make(_ program: String, in folder: TemporaryFolder) throws -> Configuration {
    let before = """
      import h5py, numpy as np
      x = np.arange(48, dtype="f4").reshape(6, 4, 2)
      y = np.arange(6) % 3

      """
    let result = try Python.run(before + program, in: folder.url)
    #expect(result.status == 0, "\(result.output)")
    var configuration = Configuration()
    configuration.data.file = folder.file("data.h5")
    configuration.model.output = .lastStep
    configuration.training.batch = 6
    return configuration
  }

  private static func targets(_ configuration: Configuration) throws -> Targets<FeatureArray>? {
    try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(epoch: 0, index: 0).targets
  }

  @Test(
    arguments: [
      ("f['train/targets'] = y", nil),
      ("f['train/targets'] = y.reshape(-1, 1)", nil),
      ("f['train/targets'] = y.astype('f8')", nil),
      ("f['train/targets'] = y.astype('f4').reshape(-1, 1)", nil),
      ("f['train/targets'] = np.eye(3)[y]", nil),
      ("f['train/targets'] = np.eye(3, dtype='i1')[y]", nil),
      ("f['train/targets'] = np.eye(3, dtype=bool)[y]", nil),
      ("f['train/targets'] = np.array(['ant', 'bee', 'cow'], dtype='S3')[y]", ["ant", "bee", "cow"]),
      (
        "f.create_dataset('train/targets', data=[['ant', 'bee', 'cow'][i] for i in y])",
        ["ant", "bee", "cow"]
      ),
      (
        """
        kind = h5py.enum_dtype({"cow": 30, "ant": 10, "bee": 20}, basetype="i2")
            f["train"].create_dataset("targets", data=(y + 1) * 10, dtype=kind)
        """, ["ant", "bee", "cow"]
      ),
      (
        """
        f["train/targets"] = np.array(["bee", "ant", "cow"], dtype="S3")[y]
            f["classes"] = [b"bee", b"ant", b"cow"]
        """, ["bee", "ant", "cow"]
      ),
    ] as [(String, [String]?)])
  func classesAreFound(_ write: String, names: [String]?) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f["train/inputs"] = x
          \(write)
      """, in: folder)
    #expect(try Self.targets(configuration) == .classes(Self.classes))
    let dataset = try DatasetFile(configuration)
    #expect(try dataset.shape().targets == .tokens(3))
    #expect(dataset.traits.classes == names ?? [])
    // What a run on these data is compared with when it resumes.
    #expect(try dataset.fingerprint() == DatasetFile(configuration).fingerprint())
  }

  @Test func truthValuesAreTwoClasses() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f["train/inputs"] = x; f["train/targets"] = y == 1
      """, in: folder)
    #expect(try Self.targets(configuration) == .classes([0, 1, 0, 0, 1, 0]))
    #expect(try DatasetFile(configuration).traits.classes == ["FALSE", "TRUE"])
  }

  /// A class that only the validation data have counts.
  @Test func classesOfAllSplitsCount() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f["train/inputs"] = x; f["train/targets"] = y
          f["validation/inputs"] = x; f["validation/targets"] = y + 2
      """, in: folder)
    #expect(try DatasetFile(configuration).shape().targets == .tokens(5))
  }

  @Test func missingClassesAreIgnoredIfTold() throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      y = y.astype("f4"); y[3] = np.nan
      with h5py.File("data.h5", "w") as f: f["train/inputs"] = x; f["train/targets"] = y
      """, in: folder)
    let error = #expect(throws: WeftError.self) { try Self.targets(configuration) }
    #expect(
      error?.message.contains("the class at 3 is missing (NaN); set data.missing_targets") == true,
      "\(error?.message ?? "")")
    configuration.data.allowsMissingTargets = true
    #expect(try Self.targets(configuration) == .classes([0, 1, 2, -1, 1, 2]))
  }

  /// PyTorch's losses ignore −100, where Weft's ignore −1.
  @Test(arguments: ["i8", "i2", "f4"], [true, false])
  func classesThatPyTorchIgnoresAreIgnored(type: String, areNamed: Bool) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      y = np.array([[0, -100, 2, -1]] * 6, dtype="\(type)")
      with h5py.File("data.h5", "w") as f:
          f["train/inputs"] = x; f["train/targets"] = y
          if \(areNamed ? 1 : 0): f["classes"] = ["ant", "bee", "cow"]
      """, in: folder)
    configuration.model.output = .everyStep
    let dataset = try DatasetFile(configuration)
    #expect(try dataset.shape().targets == .tokens(3))
    let targets = try Self.targets(configuration)
    let expected: [Int32] = [0, -1, 2, -1]
    #expect(targets == .classes((0..<6).flatMap { _ in expected }))
    #expect(try dataset.classCounts(split: "train", classes: 3) == [6, 0, 6])
    let summary = try dataset.summary(split: "train")
    #expect(summary.contains("/train/targets: −100 marks targets to ignore, as in PyTorch"), "\(summary)")
    #expect(try CheckedData(dataset, splits: ["train"]).faults(threads: 2) { _ in }.map(\.text) == [])
  }

  /// Moods are −1, 0 and 1 in SEED, of which one would be ignored without a word.
  @Test(arguments: [false, true]) func classesFromMinusOneAreTold(areNamed: Bool) throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      y = np.array([1, 0, -1, -1, 0, 1])
      with h5py.File("data.h5", "w") as f:
          f["train/inputs"] = x; f["train/targets"] = y
          if \(areNamed ? 1 : 0): f["classes"] = ["neutral", "positive"]
      """, in: folder)
    let summary = try DatasetFile(configuration).summary(split: "train")
    #expect(
      summary.contains(
        "/train/targets: −1 marks targets to ignore, 2 of 6 that were looked at; if it is a class, number the classes from"
          + " 0") != areNamed, "\(summary)")
  }

  @Test func otherNegativeClassesAreErrors() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      y = np.array([0, -100, 2, -99, 1, 0])
      with h5py.File("data.h5", "w") as f: f["train/inputs"] = x; f["train/targets"] = y
      """, in: folder)
    let error = #expect(throws: WeftError.self) { try Self.targets(configuration) }
    #expect(
      error?.message.contains("class -99 at 3 is not between 0 and 2") == true, "\(error?.message ?? "")")
    let dataset = try DatasetFile(configuration)
    #expect(
      try CheckedData(dataset, splits: ["train"]).faults(threads: 2) { _ in }.map(\.text)
        == ["dataset /train/targets: class not between 0 and 2, once: sequence 3"])
  }

  @Test func rowsThatAreNotOneHotAreToldWithTheirPlace() throws {
    let folder = try TemporaryFolder()
    let configuration = try Self.make(
      """
      x = np.zeros((20, 4, 2), "f4"); hot = np.eye(3)[np.arange(20) % 3]; hot[17] = [1, 0, 1]
      with h5py.File("data.h5", "w") as f: f["train/inputs"] = x; f["train/targets"] = hot
      """, in: folder)
    var all = configuration
    all.training.batch = 20
    let error = #expect(throws: WeftError.self) { try Self.targets(all) }
    #expect(
      error?.message.contains("dataset /train/targets: the row at 17 is not one-hot") == true,
      "\(error?.message ?? "")")
  }

  @Test(arguments: ["labels.h5:/y", "{file}-labels.h5:/y"])
  func targetsAndMasksMayBeInAnotherFile(name: String) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      with h5py.File("data.h5", "w") as f: f["train/inputs"] = x
      for name in ["labels.h5", "data-labels.h5"]:
          with h5py.File(name, "w") as f:
              f["y"] = y; f["mask"] = np.array([1, 0, 1, 1, 1, 0])
      """, in: folder)
    configuration.data.targets = name
    #expect(try Self.targets(configuration) == .classes(Self.classes))
    configuration.data.mask = name.replacing(":/y", with: ":/mask")
    #expect(try Self.targets(configuration) == .classes([0, -1, 2, 0, 1, -1]))
    configuration.data.targets = name.replacing(":/y", with: ":/z")
    let error = #expect(throws: WeftError.self) { try Self.targets(configuration) }
    #expect(error?.message.contains("no dataset '/z'; name another with data.targets") == true)
  }

  /// What does not count may be anything.
  @Test(arguments: ["bool", "u1", "f4"]) func masksIgnoreTargets(type: String) throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      mask = np.ones((6, 4), bool); mask[1, 2] = mask[5, 0] = False
      steps = np.arange(24).reshape(6, 4) % 3; steps[1, 2] = 99
      values = np.arange(24, dtype="f4").reshape(6, 4); values[5, 0] = np.nan
      with h5py.File("data.h5", "w") as f:
          f["train/inputs"] = x; f["train/steps"] = steps; f["train/values"] = values
          f["train/mask"] = mask.astype("\(type)"); f["train/three"] = mask.reshape(6, 4, 1)
      """, in: folder)
    configuration.model.output = .everyStep
    configuration.model.outputSize = 3
    configuration.data.targets = "steps"
    configuration.data.mask = type == "u1" ? "three" : "mask"
    guard case .classes(let classes) = try Self.targets(configuration) else {
      Issue.record("classes are wanted")
      return
    }
    #expect(classes.enumerated().allSatisfy { $1 == ([6, 20].contains($0) ? -1 : Int32($0 % 3)) })
    configuration.data.targets = "values"
    configuration.model.outputSize = nil
    configuration.loss.kind = .squaredError
    guard case .values(let values) = try Self.targets(configuration) else {
      Issue.record("values are wanted")
      return
    }
    #expect(values.values.enumerated().allSatisfy { [6, 20].contains($0) ? $1.isNaN : $1 == Float($0) })
  }

  @Test func masksOfOtherShapesAreRefused() throws {
    let folder = try TemporaryFolder()
    var configuration = try Self.make(
      """
      with h5py.File("data.h5", "w") as f:
          f["train/inputs"] = x; f["train/targets"] = y; f["train/mask"] = np.ones(5)
      """, in: folder)
    configuration.data.mask = "mask"
    let error = #expect(throws: WeftError.self) { try Self.targets(configuration) }
    #expect(
      error?.message.contains(
        "dataset /train/mask: has type float64 and shape [5]; a mask needs one number for each")
        == true, "\(error?.message ?? "")")
  }
}
