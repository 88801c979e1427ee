import Foundation
import TestSupport
import Testing

/// Files that are given in place of a configuration.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct WrongFileTests {
  private static let files = """
    import h5py, numpy as np, pickle
    with h5py.File("x.h5", "w") as f: f["train/inputs"] = np.zeros((9, 2)); f["train/targets"] = np.zeros(9)
    with h5py.File("signals", "w") as f: f["train/inputs"] = np.zeros((9, 2))
    with h5py.File("old.mat", "w", userblock_size=512) as f: f["X"] = np.zeros((9, 2))
    np.save("x.npy", np.zeros(3)); np.savez("arrays", a=np.zeros(3))
    pickle.dump({"a": 1}, open("x.pkl", "wb"))
    open("x.csv", "w").write("a,b\\n1,2\\n3,4\\n")
    open("table.dat", "w").write("a,b\\n1,2\\n3,4\\n")
    open("ink.xml", "w").write('<?xml version="1.0"?>\\n<a><b/></a>\\n')
    open("x.tfrecord", "wb").write(bytes(16))
    open("noise.bin", "wb").write(bytes(range(256)) * 8)
    """

  @Test(arguments: [
    (
      "data check x.h5 --config x.h5",
      "x.h5: is an HDF5 file, not a configuration; write one for it with: weft init x.h5"
    ),
    ("data describe x.h5 --config signals", "signals: is an HDF5 file, not a configuration"),
    ("bench model old.mat", "old.mat: is an HDF5 file, not a configuration"),
    ("tune x.h5", "x.h5: is an HDF5 file, not a configuration"),
    ("train x.npy", "weft data numpy x.npy"),
    ("train arrays.npz", "weft data numpy arrays.npz"),
    (
      "train x.pkl",
      "x.pkl: is no configuration: it is a Python pickle; load it in Python, save its arrays with numpy.savez"
    ),
    ("train x.csv", "x.csv: is a table, not an HDF5 dataset; run: weft data table x.csv --inputs a,b"),
    ("train table.dat", "table.dat: looks like a table, not a configuration; run: weft data table table.dat"),
    ("train ink.xml", "ink.xml: is XML, not a configuration; pandas makes a table"),
    ("train x.tfrecord", "it is of records of TensorFlow; read its examples with tensorflow"),
    (
      "train noise.bin",
      "noise.bin: is binary, not a configuration (YAML); 'weft init' writes one for a dataset"
    ),
  ])
  func isNamedWithTheWayOut(_ command: String, _ message: String) throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(Self.files, in: folder)
      #expect(made.status == 0, "\(made.output)")
      let result = try Command.run(command.split(separator: " ").map(String.init), in: folder)
      #expect(result.status == 2 && result.errors.contains(message), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }
  }

  /// Whatever its name, and also after the text that MATLAB writes before it.
  @Test func datasetsAreTrainedOn() throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(
        """
        import h5py, numpy as np
        with h5py.File("data.mat", "w", userblock_size=512) as f:
            for split in ["train", "test"]:
                f["X_" + split] = np.random.default_rng(1).normal(size=(40, 5, 3)); f["y_" + split] = np.arange(40) % 2
        """, in: folder)
      #expect(made.status == 0, "\(made.output)")
      let result = try Command.run(
        "train", "data.mat", "-o", "run", "--set", "training.epochs=1", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        result.output.contains("inputs: ['/X_{split}']") && result.output.contains("targets: '/y_{split}'"))
      #expect(result.output.contains("40 sequences of 5 steps of 3 features"), "\(result.output)")
      try Command.succeed("predict", "run", "data.mat", "-o", "p.csv", in: folder)
    }
  }

  /// As MATLAB writes its `XTrain` and `YTrain`: dimensions reversed, and vectors as matrices.
  @Test func arraysOfMATLABAreTrainedOn() throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(
        """
        import h5py, numpy as np
        def put(f, name, x): f[name] = x; f[name].attrs["MATLAB_class"] = np.bytes_("double")
        with h5py.File("data.mat", "w", userblock_size=512) as f:
            for split in ["Train", "Test"]:
                put(f, "X" + split, np.random.default_rng(1).normal(size=(40, 5, 3)))
                put(f, "Y" + split, (np.arange(40.0) % 2)[None])
        """, in: folder)
      #expect(made.status == 0, "\(made.output)")
      let text = try Command.succeed("init", "data.mat", in: folder)
      #expect(text.contains("40 sequences of 5 steps of 3 features"), "\(text)")
      let checked = try Command.succeed("data", "check", "--config", "train.yaml", in: folder)
      #expect(checked.contains("3 x 5 x 40 in MATLAB, read as features x steps x sequences"), "\(checked)")
    }
  }

  /// The statistics of `weft data describe` are those that training sees, as NumPy has them.
  @Test func statisticsAreOfWhatNumbersMean() throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(
        """
        import h5py, numpy as np
        stored = np.arange(60, dtype="i2").reshape(20, 3); stored[4, 1] = -999
        with h5py.File("x.h5", "w") as f:
            d = f.create_dataset("train/inputs", data=stored)
            d.attrs["scale_factor"] = 0.5; d.attrs["add_offset"] = 100.0; d.attrs["_FillValue"] = np.int16(-999)
            f["train/targets"] = np.arange(20) * 1.0; f["train/offsets"] = [0, 10, 20]
        x = np.where(stored == -999, np.nan, stored * 0.5 + 100)
        print(*("%.5g" % v for v in (np.nanmean(x, 0)[1], np.nanstd(x, 0)[1], np.nanmin(x, 0)[1], np.nanmax(x, 0)[1])))
        """, in: folder)
      #expect(made.status == 0, "\(made.output)")
      let text = try Command.succeed("data", "describe", "x.h5", in: folder)
      #expect(text.contains("read as: missing values -999.0, times 0.5, plus 100.0"), "\(text)")
      let words = made.output.split(separator: " ").map { $0.trimmingCharacters(in: .newlines) }
      let line = text.split(separator: "\n").first { $0.trimmingCharacters(in: .whitespaces).hasPrefix("1 ") }
      let found = (line ?? "").split(separator: " ").map(String.init)
      #expect(Array(found.dropFirst().prefix(4)) == words, "\(found) \(words)")
      #expect(line?.contains("1 non-finite") == true)
      // What is missing is known to the configuration that is made for the data.
      let made2 = try Command.run("init", "x.h5", in: folder)
      #expect(made2.status == 0, "\(made2.errors)")
      let yaml = try String(contentsOf: folder.appending(path: "train.yaml"), encoding: .utf8)
      #expect(yaml.contains("missing_inputs:"), "\(yaml)")
    }
  }
}
