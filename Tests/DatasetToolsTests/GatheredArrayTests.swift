import DatasetTools
import HDF5
import TestSupport
import Testing

/// Arrays of the same names in several files, against the arrays that NumPy saved.
@Suite("Gathered arrays", .enabled(if: Python.has("numpy"), Python.missing)) struct GatheredArrayTests {
  private func write(_ program: String, in fixture: Fixture) throws {
    let made = try Python.run("import numpy as np, os\n" + program, in: fixture.folder)
    #expect(made.status == 0, "\(made.output)")
  }

  private func dataset(_ names: [String], in fixture: Fixture) -> ArrayDataset {
    ArrayDataset(files: names.map { fixture.path($0) })
  }

  /// As Sleep-EDF has them: epochs of a night with their stages, and single values.
  @Test func archiveForEachSubject() throws {
    let fixture = try Fixture()
    try write(
      """
      for n, rows in (1, 3), (2, 2):
          np.savez(f"S{n}.npz", x=100 * n + np.arange(rows * 8.0, dtype="f4").reshape(rows, 4, 2),
                   y=np.arange(rows) % 2, fs=100.0, ch_label="EEG")
      """, in: fixture)
    let (file, summary) = try fixture.make {
      try dataset(["S1.npz", "S2.npz"], in: fixture).write(to: $0, progress: $1)
    }
    #expect(try file.dataset("train/inputs").shape == [5, 4, 2])
    #expect(
      try file.dataset("train/inputs").read(as: Float.self)
        == (0..<24).map { 100 + Float($0) } + (0..<16).map { 200 + Float($0) })
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1, 0, 0, 1])
    #expect(try file.dataset("train/files").read(as: String.self) == ["S1", "S1", "S1", "S2", "S2"])
    #expect(summary.notes.contains { $0.contains("--groups files") }, "\(summary.notes)")
    #expect(summary.notes.contains { $0.hasPrefix("left out ch_label, fs") }, "\(summary.notes)")
  }

  @Test func sequenceOfEachFile() throws {
    let fixture = try Fixture()
    try write(
      """
      for n, rows in (1, 3), (2, 2):
          np.savez(f"r{n}.npz", signal=np.full((rows, 2), n), age=np.array(30.5 + n), label=np.arange(rows))
      """, in: fixture)
    var steps = dataset(["r1.npz", "r2.npz"], in: fixture)
    steps.names = ["signal": "inputs", "label": "targets"]
    let (file, _) = try fixture.make { try steps.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/inputs").read(as: Int.self) == [1, 1, 1, 1, 1, 1, 2, 2, 2, 2])
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 5])
    #expect(try file.dataset("train/names").read(as: String.self) == ["r1", "r2"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1, 2, 0, 1])
    steps.names = ["signal": "inputs", "age": "targets"]
    let (ages, _) = try fixture.make { try steps.write(to: $0, progress: $1) }
    #expect(try ages.dataset("train/targets").read(as: Double.self) == [31.5, 32.5])
    #expect(try ages.dataset("train/targets").shape == [2])
  }

  /// As SMAP and MSL have them: a file for each channel, of the same name for training and tests.
  @Test func foldersOfSplits() throws {
    let fixture = try Fixture()
    try write(
      """
      for split, rows in ("train", 4), ("test", 2):
          os.mkdir(split)
          for n, name in enumerate(["P-1", "E-1"]):
              np.save(f"{split}/{name}.npy", np.full((rows, 3), n + 1.0))
              np.save(f"{split}/X.npy", np.arange(rows)); np.save(f"{split}/y.npy", np.arange(rows) * 2)
      """, in: fixture)
    let both = ["train/P-1.npy", "train/E-1.npy", "test/P-1.npy", "test/E-1.npy"]
    let (file, _) = try fixture.make { try dataset(both, in: fixture).write(to: $0, progress: $1) }
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 4, 8])
    #expect(try file.dataset("test/names").read(as: String.self) == ["P-1", "E-1"])
    #expect(try file.dataset("test/inputs").read(as: Double.self) == [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2])
    // One series for each split is a stream.
    let (stream, _) = try fixture.make {
      try dataset(["train/P-1.npy", "test/P-1.npy"], in: fixture).write(to: $0, progress: $1)
    }
    #expect(try stream.dataset("train/inputs").shape == [4, 3] && !stream.contains("train/offsets"))
    // Inputs and targets by their names, or as the user says.
    let pairs = ["train/X.npy", "train/y.npy", "test/X.npy", "test/y.npy"]
    let (named, _) = try fixture.make { try dataset(pairs, in: fixture).write(to: $0, progress: $1) }
    #expect(try named.dataset("test/targets").read(as: Int.self) == [0, 2])
    #expect(try named.dataset("train/inputs").read(as: Int.self) == [0, 1, 2, 3])
    var renamed = dataset(["train/P-1.npy", "test/P-1.npy"], in: fixture)
    renamed.names = ["P-1": "inputs"]
    let (own, _) = try fixture.make { try renamed.write(to: $0, progress: $1) }
    #expect(try own.dataset("test/inputs").shape == [2, 3])
  }

  @Test func foldersOfSubjects() throws {
    let fixture = try Fixture()
    try write(
      """
      for n in 1, 2:
          os.mkdir(f"s{n}"); np.savez(f"s{n}/data.npz", x=np.full((n, 2), n))
      """, in: fixture)
    let (file, _) = try fixture.make {
      try dataset(["s1/data.npz", "s2/data.npz"], in: fixture).write(to: $0, progress: $1)
    }
    #expect(try file.dataset("train/names").read(as: String.self) == ["s1/data", "s2/data"])
    #expect(try file.dataset("train/inputs").read(as: Int.self) == [1, 1, 2, 2, 2, 2])
  }

  /// Files that are named for splits are no subjects of one.
  @Test func filesOfSplits() throws {
    let fixture = try Fixture()
    try write(
      """
      for name, rows in ("train", 3), ("val", 1), ("har_test", 2), ("S1", 1):
          np.savez(f"{name}.npz", x=np.full((rows, 4, 2), rows), y=np.arange(rows))
      """, in: fixture)
    let names = ["train.npz", "val.npz", "har_test.npz"]
    let (file, summary) = try fixture.make { try dataset(names, in: fixture).write(to: $0, progress: $1) }
    #expect(summary.splits.map { "\($0.name) \($0.count)" } == ["train 3", "validation 1", "test 2"])
    #expect(try file.dataset("test/inputs").read(as: Int.self) == [Int](repeating: 2, count: 16))
    #expect(try file.dataset("validation/targets").read(as: Int.self) == [0])
    let failure = fixture.failure {
      try dataset(names + ["S1.npz"], in: fixture).write(to: $0, progress: $1)
    }
    #expect(failure.contains("S1.npz: its name and folder tell no split"), "\(failure)")
  }

  @Test func differences() throws {
    let fixture = try Fixture()
    try write(
      """
      os.mkdir("a"); os.mkdir("b")
      np.savez("1.npz", x=np.zeros((3, 2))); np.savez("2.npz", x=np.zeros((3, 4)))
      np.savez("3.npz", x=np.zeros((3, 2)), y=np.zeros(2)); np.savez("4.npz", x=np.zeros((3, 2)), y=np.zeros(2))
      np.savez("5.npz", q=np.zeros((3, 2)), r=np.zeros(3)); np.savez("6.npz", q=np.zeros((3, 2)), r=np.zeros(3))
      np.save("a/p.npy", np.zeros(3)); np.save("b/p.npy", np.zeros(3))
      """, in: fixture)
    for (files, message) in [
      (["1.npz", "2.npz"], "is float64 [3, 4], but in the first file float64 [3, 2]"),
      (
        ["3.npz", "4.npz"], "has the shape [2], but the inputs [3, 2]; targets need a row for each of theirs"
      ),
      (["5.npz", "6.npz"], "which become sequences of each file if the inputs are named: --name q=inputs"),
      (["a/p.npy", "b/p.npy"], "put each split in a folder of its own, train/p.npy and test/p.npy"),
    ] {
      let failure = fixture.failure { try dataset(files, in: fixture).write(to: $0, progress: $1) }
      #expect(failure.contains(message), "\(failure)")
    }
  }
}
