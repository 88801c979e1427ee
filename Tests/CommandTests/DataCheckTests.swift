import Foundation
import TestSupport
import Testing

/// `weft data check`, and the same in the background of training.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct DataCheckCommandTests {
  private static func make(_ program: String, in folder: URL) throws {
    let made = try Python.run("import h5py, numpy as np\n" + program, in: folder)
    #expect(made.status == 0, "\(made.output)")
  }

  @Test func everyKindOfFaultIsToldAtOnce() throws {
    try TemporaryFolder.use { folder in
      try Self.make(
        """
        x = np.zeros((100, 2), "f4"); x[37, 1] = np.nan; x[50, 0] = np.inf
        with h5py.File("bad.h5", "w") as f:
            f["classes"] = ["a", "b"]
            f["train/inputs"] = x; f["train/offsets"] = np.arange(0, 101, 10); f["train/targets"] = np.arange(10) % 3
            f["test/inputs"] = x[:20] * 0; f["test/offsets"] = [0, 12, 7, 20]; f["test/targets"] = [0, 1, 0]
        with h5py.File("good.h5", "w") as f:
            f["train/inputs"] = np.zeros((20, 4, 2)); f["train/targets"] = np.arange(20) % 2
        """, in: folder)
      let bad = try Command.run("data", "check", "bad.h5", in: folder)
      #expect(bad.status == 1)
      #expect(bad.errors == "weft: error: bad.h5: 4 kinds of faults were found\n")
      for line in [
        "dataset /train/inputs: missing value (NaN), once: sequence 3, step 7, feature 1",
        "dataset /train/inputs: infinite value, once: sequence 5, step 0, feature 0",
        "dataset /train/targets: class not between 0 and 1, 3 times: sequence 2; sequence 5; sequence 8",
        "dataset /test/offsets: decreasing offsets, once: sequence 1 (12 to 7)",
      ] {
        #expect(bad.output.contains(line + "\n"), "\(bad.output)")
      }
      let json = try Command.run("data", "check", "bad.h5", "--json", in: folder)
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      let faults = try #require(report["faults"] as? [[String: Any]])
      #expect(json.status == 1 && faults.count == 4)
      #expect(faults.contains { $0["count"] as? Int == 3 && $0["dataset"] as? String == "/train/targets" })
      let good = try Command.run("data", "check", "good.h5", in: folder)
      #expect(good.status == 0 && good.errors.isEmpty)
      #expect(
        good.output.hasPrefix(
          "good.h5: train: 20 sequences of 4 steps of 2 features; targets: one of 2 classes"))
      #expect(good.output.hasSuffix("; no faults\n"))
    }
  }

  /// A file without Weft's names is read all the same.
  @Test func unknownDatasetsAreRead() throws {
    try TemporaryFolder.use { folder in
      try Self.make(
        """
        x = np.zeros((50, 3)); x[49, 2] = np.nan
        with h5py.File("x.h5", "w") as f: f["a/b"] = x; f["c"] = np.arange(5); f["d"] = ["text"]
        """, in: folder)
      let result = try Command.run("data", "check", "x.h5", in: folder)
      #expect(result.status == 1)
      #expect(
        result.output.contains("dataset /a/b: missing value (NaN), once: [49, 2]\n"), "\(result.output)")
    }
  }

  /// The bad row comes last in the file and in the epoch: the background finds it while the first rows are trained on. The
  /// network is so large that training takes seconds to get there, on a busy machine, too.
  @Test func trainingEndsBeforeABadRow() throws {
    try TemporaryFolder.use { folder in
      try Self.make(
        """
        x = np.random.default_rng(1).normal(size=(3000, 60, 4)).astype("f4"); x[2999, 3, 1] = np.nan
        with h5py.File("data.h5", "w") as f:
            f.create_dataset("train/inputs", data=x, chunks=(100, 60, 4)); f["train/targets"] = np.arange(3000) % 2
        """, in: folder)
      try Data(
        """
        data: {file: data.h5, shuffle: false}
        model: {cell: lstm, hidden: 256, output: last-step}
        training: {batch: 2, epochs: 1, log_every: 500}

        """.utf8
      ).write(to: folder.appending(path: "train.yaml"))
      let result = try Command.run("train", "train.yaml", "--output", "run", "--threads", "1", in: folder)
      #expect(result.status == 1)
      let message =
        "data.h5: dataset /train/inputs: missing value (NaN), once: sequence 2999, step 3, feature 1"
      #expect(result.errors.contains("weft: error: \(message); the last good checkpoint is run/checkpoint-"))
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "run").path)
      let steps = files.compactMap { name in
        name.hasPrefix("checkpoint-") ? Int(name.dropFirst(11).dropLast(3)) : nil
      }
      #expect(steps.count == 1 && steps[0] > 0 && steps[0] < 1499, "\(files)")
    }
  }

  /// 1,500 files, of which far fewer may be open at a time.
  @Test func manyFilesNeedFewDescriptorsAndLittleTime() throws {
    try TemporaryFolder.use { folder in
      try Self.make(
        """
        import os; os.mkdir("parts")
        for i in range(1500):
            with h5py.File(f"parts/{i:04}.h5", "w") as f:
                f["train/inputs"] = np.full((2, 3, 2), i, "f4"); f["train/targets"] = [i % 2, 1 - i % 2]
        layout = h5py.VirtualLayout((3000, 3, 2), "f4")
        for i in range(1500): layout[2 * i:2 * i + 2] = h5py.VirtualSource(f"parts/{i:04}.h5", "train/inputs", (2, 3, 2))
        with h5py.File("virtual.h5", "w") as f:
            f.create_virtual_dataset("train/inputs", layout); f["train/targets"] = np.arange(3000) % 2
        """, in: folder)
      try Data(
        """
        data: {files: parts/*.h5}
        model: {cell: gru, hidden: 4, output: last-step}
        training: {batch: 100, epochs: 1}

        """.utf8
      ).write(to: folder.appending(path: "train.yaml"))
      let few = try Command.shell(
        "ulimit -n 64; \"$WEFT\" train train.yaml --output run --threads 2; code=$?; times; exit $code",
        in: folder)
      #expect(few.status == 0, "\(few.errors)")
      #expect(few.output.contains("3000 sequences of 3 steps of 2 features"), "\(few.output)")
      // Processor time of the program and those that it starts: one for each file would take 45 seconds.
      let times = few.output.matches(of: /(\d+)m([\d.]+)s/).suffix(2).map {
        60 * (Double($0.1) ?? 0) + (Double($0.2) ?? 0)
      }
      #expect(times.count == 2 && times.reduce(0, +) < 25, "\(times)")
      let virtual = try Command.shell("ulimit -n 64; \"$WEFT\" data check virtual.h5", in: folder)
      #expect(virtual.status == 0, "\(virtual.errors)")
      #expect(virtual.output.contains("3000 sequences of 3 steps of 2 features"))
    }
  }

  @Test func datasetsThatAreNotReadDoNotEndTheCheck() throws {
    try TemporaryFolder.use { folder in
      try Self.make(
        """
        with h5py.File("sea.h5", "w") as f:
            f["sigma"] = np.zeros(5); f["sigma"].attrs["missing_value"] = "none"
            f["speed"] = np.array([1, np.inf])
        with h5py.File("records.h5", "w") as f: f["table"] = np.zeros(9, [("x", "f4"), ("y", "i4")])
        """, in: folder)
      let sea = try Command.run("data", "check", "sea.h5", in: folder)
      #expect(sea.status == 1 && sea.output.contains("dataset /speed: infinite value"), "\(sea.output)")
      #expect(
        sea.output.contains(
          "dataset /sigma: attribute 'missing_value' is not a number; delete or rename it if it is not the one of NetCDF"
        ), "\(sea.output)")
      let records = try Command.run("data", "check", "records.h5", in: folder)
      #expect(records.errors == "weft: error: records.h5: a fault was found\n")
      #expect(
        records.output.contains(
          "contains no dataset of numbers, but records: weft data hdf5 records.h5 --inputs /table"),
        "\(records.output)")
    }
  }

  @Test func unlabelledDataAreClassified() throws {
    try TemporaryFolder.use { folder in
      try Self.make(
        """
        x = np.random.default_rng(1).normal(size=(20, 3, 2)).astype("f4")
        with h5py.File("data.h5", "w") as f:
            f["train/inputs"] = x; f["train/targets"] = np.array([b"no", b"yes", b"maybe"])[np.arange(20) % 3]
        with h5py.File("new.h5", "w") as f: f["test/inputs"] = x[:5]
        """, in: folder)
      try Data(
        """
        data: {file: data.h5}
        model: {cell: gru, hidden: 4, output: last-step}
        training: {batch: 10, epochs: 1}

        """.utf8
      ).write(to: folder.appending(path: "train.yaml"))
      let trained = try Command.run("train", "train.yaml", "--output", "run", in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let result = try Command.run("classify", "run", "new.h5", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let lines = result.output.split(separator: "\n")
      #expect(lines.count == 5)
      #expect(lines.allSatisfy { line in ["no ", "yes ", "maybe "].contains { line.contains($0) } })
    }
  }
}
