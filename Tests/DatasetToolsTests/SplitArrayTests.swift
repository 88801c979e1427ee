import Foundation
import HDF5
import TestSupport
import Testing
import WeftBase

@testable import DatasetTools

/// Arrays whose names tell their splits.
@Suite struct SplitArrayTests {
  @Test(arguments: [
    (
      ["X_train", "X_test", "y_train", "y_test"], "X_{split}", "y_{split}",
      ["train": "train", "test": "test"]
    ),
    (
      ["x_train", "x_val", "y_train", "y_val"], "x_{split}", "y_{split}",
      ["train": "train", "validation": "val"]
    ),
    (
      ["train_x", "train_y", "dev_x", "dev_y"], "{split}_x", "{split}_y",
      ["train": "train", "validation": "dev"]
    ),
    (["trainX", "trainY", "testX", "testY"], "{split}X", "{split}Y", ["train": "train", "test": "test"]),
    (
      ["features_training", "labels_training", "features_testing", "labels_testing"], "features_{split}",
      "labels_{split}", ["train": "training", "test": "testing"]
    ),
    (["X_tr", "Y_tr", "X_te", "Y_te"], "X_{split}", "Y_{split}", ["train": "tr", "test": "te"]),
    (
      ["train/X", "train/y", "test/X", "test/y"], "{split}/X", "{split}/y",
      ["train": "train", "test": "test"]
    ),
    // Without targets for the test.
    (["X_train", "y_train", "X_test"], "X_{split}", "y_{split}", ["train": "train"]),
  ])
  func namesTellSplits(
    _ names: [String], _ inputs: String, _ targets: String, _ words: [String: String]
  ) throws {
    let arrays = try #require(SplitArrays(names: names))
    #expect(arrays.inputs == inputs && arrays.targets == targets)
    #expect(arrays.words == words)
  }

  @Test(arguments: [["X", "y"], ["string", "metre"], ["X_test", "y_test"], ["strain_x"], []])
  func otherNamesDoNot(_ names: [String]) { #expect(SplitArrays(names: names) == nil) }

  /// `weft init` and `weft train` read them as they are.
  @Test(.enabled(if: Python.has("h5py"), Python.missing)) func recipesNameThem() throws {
    let fixture = try Fixture()
    let made = try Python.run(
      """
      import h5py, numpy as np
      with h5py.File("x.h5", "w") as f:
          for split, n in [("train", 60), ("val", 20), ("test", 10)]:
              f["X_" + split] = np.random.default_rng(n).normal(5, 2, (n, 7, 3)).astype("f4")
              f["y_" + split] = np.arange(n) % 4
      """, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
    let facts = try DatasetFacts(fixture.path("x.h5"), progress: ProgressReporter())
    #expect(facts.understanding.contains("60 sequences of 7 steps of 3 features; targets: one of 4 classes"))
    #expect(facts.validation?.sequences == 20)
    let recipe = try ConfigurationRecipe(facts, path: fixture.path("x.h5"))
    let data = try recipe.configuration().data
    #expect(data.inputs == ["/X_{split}"] && data.targets == "/y_{split}")
    #expect(data.split.validation == "val" && data.split.train == "train")
    let description = try DatasetDescription(fixture.path("x.h5"), progress: ProgressReporter())
    #expect(description.splits.map(\.name) == ["train", "validation", "test"])
    #expect(description.splits.map(\.sequences) == [60, 20, 10])
    // Converted, they are groups.
    let (file, _) = try fixture.make {
      try DatasetConverter(file: fixture.path("x.h5")).write(to: $0, progress: $1)
    }
    #expect(try file.dataset("validation/inputs").shape == [20, 7, 3])
    #expect(try file.dataset("test/targets").read(as: Int.self) == (0..<10).map { $0 % 4 })
    #expect(try !file.contains("X_train"))
  }

  @Test(.enabled(if: Python.has("h5py"), Python.missing)) func archivesOfNumPyToo() throws {
    let fixture = try Fixture()
    let made = try Python.run(
      """
      import numpy as np
      x = np.arange(24.0).reshape(4, 3, 2)
      np.savez("x.npz", x_train=x, y_train=[0, 1, 0, 1], x_test=x[:2] + 1, y_test=[1, 1])
      """, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
    let (file, _) = try fixture.make {
      try ArrayDataset(files: [fixture.path("x.npz")]).write(to: $0, progress: $1)
    }
    #expect(try file.dataset("train/inputs").read(as: Int.self) == Array(0..<24))
    #expect(try file.dataset("test/inputs").read(as: Int.self) == Array(1..<13))
    #expect(try file.dataset("test/targets").read(as: Int.self) == [1, 1])
  }

  /// What is said of files without groups of sequences.
  @Test(
    .enabled(if: Python.has("h5py"), Python.missing),
    arguments: [
      ("f['labels'] = y; f['signals'] = x", "weft data split x.h5 --inputs signals --targets labels"),
      (
        "f['video'] = np.zeros((6, 4, 8, 8, 3)); f['label'] = y",
        "weft data hdf5 x.h5 --inputs video --targets label --axes NTFFF"
      ),
      (
        "f['t'] = np.zeros(5, [('a', 'f4'), ('b', 'i4')])",
        "records: weft data hdf5 x.h5 --inputs /t --split 0.8,0.1,0.1 --output sequences.h5"
      ),
      (
        "f.create_dataset('c', data=np.array([f.create_dataset('r/0', data=y).ref], dtype=h5py.ref_dtype))",
        "references, such as cells of MATLAB: weft data hdf5 x.h5 --inputs /c"
      ),
      (
        "[f.create_dataset(f'data/demo_{i}/actions', data=y) for i in range(3)]",
        "a group for each sequence: weft data hdf5 x.h5 --inputs 'data/{}/actions'"
      ),
      (
        "[f.create_dataset(f'S{i % 2}/rec{j}/mfcc', data=x[i]) for i in range(2) for j in range(2)]",
        "a group for each sequence: weft data hdf5 x.h5 --inputs '{}/{}/mfcc'"
      ),
      (
        "f['df/table'] = np.zeros(5, [('index', 'i8'), ('values', 'f8', (2,))])",
        "records: weft data hdf5 x.h5 --inputs /df/table"
      ),
      (
        "f['observations'] = x[0]; f['actions'] = x[0]; f['terminals'] = y[:4]; f['timeouts'] = y[:4]",
        "weft data hdf5 x.h5 --inputs observations --targets actions --ends terminals,timeouts"
      ),
      (
        "f['lat'] = np.arange(4); f['lat'].make_scale(); f['temp'] = x; f['temp'].dims[0].label = 'time'",
        "at the root (temp); temp has the dimensions time, ?, ?: weft data hdf5 x.h5 --inputs temp"
      ),
      ("f['X'] = x + 1j; f['y'] = y", "complex numbers in X; save their parts as features"),
      ("f.create_group('empty')", "'weft inspect' shows what it contains"),
    ])
  func adviceFitsTheFile(_ program: String, _ message: String) throws {
    let fixture = try Fixture()
    let made = try Python.run(
      """
      import h5py, numpy as np
      x = np.zeros((6, 4, 2)); y = np.arange(6) % 2
      with h5py.File("x.h5", "w") as f: \(program)
      """, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
    let file = try File(opening: fixture.path("x.h5"))
    let advice = try FileAdvice.failure(file).message.replacing(fixture.path("x.h5"), with: "x.h5")
    #expect(advice.contains(message), "\(advice)")
  }
}
