import Foundation
import HDF5
import TestSupport
import Testing

/// `weft predict`, compared with ONNX Runtime on the exported graphs, read by h5py, NumPy and Python's csv and json.
@Suite(.enabled(if: Python.has("onnxruntime", "h5py"), Python.missing))
struct PredictTests {
  /// Ragged sequences of three features with classes of sequences and values of each step, and a series.
  private static let data = #"""
    import h5py, numpy
    random = numpy.random.default_rng(1)
    with h5py.File("classes.h5", "w") as classes, h5py.File("values.h5", "w") as values, h5py.File("series.h5", "w") as series:
        classes["classes"] = ["low", "mid, \"x\"", "high"]
        for split, count in [("train", 40), ("validation", 10), ("test", 11)]:
            lengths = random.integers(1, 9, count)
            offsets = numpy.concatenate([[0], numpy.cumsum(lengths)])
            x = random.normal(size=(offsets[-1], 3)).astype("float32")
            for file in (classes, values):
                file[f"{split}/inputs"] = x
                file[f"{split}/offsets"] = offsets
            classes[f"{split}/targets"] = random.integers(0, 3, count)
            values[f"{split}/targets"] = numpy.stack([1000 + 100 * x[:, 0], x[:, 1]], axis=1)
            steps = numpy.arange(10 * count)
            series[f"{split}/inputs"] = (20 + 5 * numpy.sin(steps / 5))[:, None].astype("float32")
        classes["unlabeled/inputs"] = classes["test/inputs"][:]
        classes["unlabeled/offsets"] = classes["test/offsets"][:]
    """#

  /// - Parameter program: What makes the data.
  private static func withRun(
    _ configuration: String, making program: String = data, _ body: (URL) throws -> Void
  ) throws {
    let folder = try TemporaryFolder()
    let place = URL(filePath: folder.path)
    let made = try Python.run(program, in: place)
    #expect(made.status == 0, "\(made.output)")
    try Data(configuration.utf8).write(to: place.appending(path: "train.yaml"))
    try Command.succeed("train", "train.yaml", "--output", "run", in: place)
    try body(place)
  }

  private static func check(_ program: String, in folder: URL) throws {
    let result = try Python.run(program, in: folder)
    #expect(result.status == 0, "\(result.output)")
  }

  private static let classifier = """
    data: {file: classes.h5}
    model: {cell: gru, hidden: 8, output: last-step}
    training: {batch: 4, steps: 10, evaluate_every: 10}

    """

  @Test func classesOfSequences() throws {
    try Self.withRun(Self.classifier) { folder in
      try Command.succeed(
        "export", "run", "--to", "onnx", "--ragged", "--probabilities", "model.onnx", in: folder)
      for output in ["p.h5", "p.csv", "p.npy", "p.jsonl"] {
        let text = try Command.succeed("predict", "run", "--output", output, in: folder)
        #expect(text == "\(output): 11 sequences of test\n")
      }
      try Command.succeed("predict", "run", "classes.h5", "--split", "unlabeled", "-o", "u.h5", in: folder)
      try Command.succeed("predict", "run", "--outputs", "states", "-o", "states.h5", in: folder)
      try Self.check(
        #"""
        import csv, json, h5py, numpy, onnxruntime
        session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
        with h5py.File("classes.h5") as data, h5py.File("p.h5") as found, h5py.File("u.h5") as unlabeled:
            inputs, offsets = data["test/inputs"][:], data["test/offsets"][:]
            names = [name.decode() for name in found["classes"][:]]
            assert names == ["low", "mid, \"x\"", "high"], names
            assert (found["sequence"][:] == numpy.arange(11)).all()
            assert (found["targets"][:] == data["test/targets"][:]).all()
            probabilities = found["probabilities"][:]
            assert probabilities.dtype == numpy.float32 and "targets" not in unlabeled
            assert (unlabeled["probabilities"][:] == probabilities).all()
            for number in range(11):
                x = inputs[offsets[number]:offsets[number + 1]]
                wanted = session.run(None, {"inputs": x[None], "lengths": numpy.array([len(x)], dtype="int32")})[0][0]
                assert abs(wanted - probabilities[number]).max() < 1e-5, (number, wanted, probabilities[number])
                assert wanted.argmax() == found["predicted"][number]
        rows = list(csv.DictReader(open("p.csv", newline="")))
        lines = [json.loads(line) for line in open("p.jsonl")]
        assert len(rows) == len(lines) == 11
        for number, (row, line) in enumerate(zip(rows, lines)):
            assert int(row["sequence"]) == line["sequence"] == number
            assert row["predicted_class"] == line["predicted_class"] == names[probabilities[number].argmax()]
            for index, name in enumerate(names):
                assert numpy.float32(row["probability_" + name]) == probabilities[number, index]
                assert numpy.float32(line["probability_" + name]) == probabilities[number, index]
        assert (numpy.load("p.npy") == probabilities).all()
        with h5py.File("states.h5") as states:
            assert states["states"].shape == (11, 8) and abs(states["states"][:]).max() <= 1
        """#, in: folder)
    }
  }

  @Test func valuesOfEachStepInUnitsOfTheData() throws {
    try Self.withRun(
      """
      data: {file: values.h5, standardize: true}
      model: {cell: lstm, hidden: 8}
      loss: {kind: squared-error}
      training: {batch: 4, steps: 20, evaluate_every: 10}

      """
    ) { folder in
      try Command.succeed("export", "run", "--to", "onnx", "--raw-inputs", "model.onnx", in: folder)
      try Command.succeed("predict", "run", "--output", "p.h5", in: folder)
      try Self.check(
        #"""
        import h5py, numpy, onnxruntime
        session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
        with h5py.File("values.h5") as data, h5py.File("p.h5") as found:
            inputs, offsets = data["test/inputs"][:], data["test/offsets"][:]
            assert (found["offsets"][:] == offsets).all()
            assert abs(found["targets"][:] - data["test/targets"][:]).max() < 1e-3
            for number in range(11):
                steps = slice(offsets[number], offsets[number + 1])
                wanted = session.run(None, {"inputs": inputs[steps][None]})[0][0]
                assert (abs(wanted - found["predictions"][steps]) < [1e-2, 1e-4]).all()
                assert (found["sequence"][steps] == number).all()
                assert (found["step"][steps] == numpy.arange(len(wanted))).all()
        """#, in: folder)
    }
  }

  /// All windows of an evaluation, and the one at the end of the series.
  @Test func windowsOfForecasts() throws {
    try Self.withRun(
      """
      data: {file: series.h5, standardize: true, context: 12, horizon: 4}
      model: {cell: gru, hidden: 8, output: last-step}
      loss: {kind: quantile}
      training: {batch: 8, steps: 20, evaluate_every: 10}

      """
    ) { folder in
      try Command.succeed("export", "run", "--to", "onnx", "--raw-inputs", "model.onnx", in: folder)
      try Command.succeed("predict", "run", "--output", "p.h5", in: folder)
      try Command.succeed("predict", "run", "--output", "p.csv", in: folder)
      let forecast = try Command.succeed("forecast", "run", "--json", in: folder)
      try Data(forecast.utf8).write(to: folder.appending(path: "forecast.json"))
      try Self.check(
        #"""
        import csv, json, h5py, numpy, onnxruntime
        session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        with h5py.File("series.h5") as data, h5py.File("p.h5") as found:
            series, origins = data["test/inputs"][:], found["origin"][:]
            assert origins.tolist() == list(range(12, 107, 4)) + [110], origins
            assert found["levels"][:].tolist() == [0.1, 0.5, 0.9]
            for row, origin in enumerate(origins):
                wanted = session.run(None, {"inputs": series[None, origin - 12:origin]})
                for index, name in enumerate(["quantile_0.1", "quantile_0.5", "quantile_0.9"]):
                    assert abs(wanted[names.index(name)][0] - found["quantiles"][row, index]).max() < 1e-4
                known = series[origin:origin + 4]
                assert (found["targets"][row, :len(known)] == known).all()
                assert numpy.isnan(found["targets"][row, len(known):]).all()
            last = json.load(open("forecast.json"))
            assert abs(numpy.array(last["median"]) - found["median"][-1]).max() < 1e-4
            rows = list(csv.DictReader(open("p.csv")))
            assert [int(row["step"]) for row in rows[:6]] == [12, 13, 14, 15, 16, 17]
            assert abs(float(rows[5]["median"]) - found["median"][1, 1, 0]) < 1e-6
            assert rows[-1]["target"] == ""
        """#, in: folder)
    }
  }

  /// What follows each of several series, as the exported graph forecasts it from their last steps.
  @Test func futureOfEachSeries() throws {
    try Self.withRun(
      """
      data: {file: shops.h5, standardize: true, context: 12, horizon: 4}
      model: {cell: gru, hidden: 8, output: last-step}
      loss: {kind: quantile}
      training: {batch: 8, steps: 20}

      """,
      making: #"""
        import h5py, numpy
        with h5py.File("shops.h5", "w") as file:
            lengths = [40, 12, 11, 60, 25, 33, 90, 17, 44, 13, 51]
            offsets = numpy.concatenate([[0], numpy.cumsum(lengths)])
            file["train/inputs"] = (20 + 5 * numpy.sin(numpy.arange(offsets[-1]) / 5))[:, None].astype("float32")
            file["train/offsets"] = offsets
            file["train/names"] = [f"shop {number}" for number in range(len(lengths))]
        """#
    ) { folder in
      try Command.succeed("export", "run", "--to", "onnx", "--raw-inputs", "model.onnx", in: folder)
      let output = try Command.succeed(
        "predict", "run", "--outputs", "future", "--output", "f.csv", in: folder)
      // One of the eleven series is shorter than the context.
      #expect(
        output == """
          f.csv: 10 windows of train
          not forecast: 1 of 11 series, which has fewer than 12 steps (data.context)

          """)
      try Command.succeed("predict", "run", "--outputs", "future", "--output", "f.h5", in: folder)
      try Self.check(
        #"""
        import csv, h5py, onnxruntime
        session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        rows = list(csv.DictReader(open("f.csv")))
        assert "target" not in rows[0] and len(rows) == 40, rows[0]
        with h5py.File("shops.h5") as data, h5py.File("f.h5") as found:
            offsets, inputs = data["train/offsets"][:], data["train/inputs"][:]
            long = [number for number in range(11) if offsets[number + 1] - offsets[number] >= 12]
            assert found["series"][:].tolist() == long and "targets" not in found
            for row, number in enumerate(long):
                end = offsets[number + 1]
                assert found["origin"][row] == end - offsets[number]
                wanted = session.run(None, {"inputs": inputs[None, end - 12:end]})
                for index, name in enumerate(["quantile_0.1", "quantile_0.5", "quantile_0.9"]):
                    assert abs(wanted[names.index(name)][0] - found["quantiles"][row, index]).max() < 1e-4
                for step in range(4):
                    cells = rows[4 * row + step]
                    assert cells["name"] == f"shop {number}" and int(cells["ahead"]) == step + 1
                    assert abs(float(cells["median"]) - found["median"][row, step, 0]) < 1e-6
        """#, in: folder)
    }
  }

  /// The steps of a stream, with carried state, as one pass of the exported graph.
  @Test func stepsOfAStream() throws {
    try SmallRun.withFolder { folder in
      try Command.succeed("train", "small.yaml", "--output", "run", in: folder)
      try Command.succeed("export", "run", "--to", "onnx", "--probabilities", "model.onnx", in: folder)
      try Command.succeed("predict", "run", "--output", "p.h5", in: folder)
      try Self.check(
        #"""
        import h5py, numpy, onnxruntime
        session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
        with h5py.File("text.h5") as data, h5py.File("p.h5") as found:
            name = session.get_inputs()[0]
            tokens = data["test/tokens"][:].astype("int64" if "64" in name.type else "int32")
            wanted = session.run(None, {name.name: tokens[None]})[0][0]
            assert found["probabilities"].shape == (50, 9) and abs(wanted - found["probabilities"][:]).max() < 1e-5
            assert (found["step"][:] == numpy.arange(50)).all()
        """#, in: folder)
    }
  }

  @Test func refusals() throws {
    try Self.withRun(Self.classifier) { folder in
      func fails(_ arguments: String..., status: Int32, _ message: String) throws {
        let result = try Command.run(["predict", "run"] + arguments, in: folder)
        #expect(result.status == status && result.errors == "weft: error: \(message)\n", "\(result.errors)")
      }
      try fails(
        "-o", "p.txt", status: 2,
        "--output p.txt: the extension names the format; use .h5, .csv, .npy, .jsonl")
      try fails(
        "-o", "p.csv", "--outputs", "scores", status: 2,
        "run/best.h5: the model has no scores; choose --outputs predictions or states")
      try fails(
        "-o", "p.csv", "--outputs", "future", status: 2,
        "run/best.h5: the model has no future; choose --outputs predictions or states")
      // Neither what is named nor what the run reads by itself, by any path.
      let data = try Data(contentsOf: folder.appending(path: "classes.h5"))
      for output in ["classes.h5", "./classes.h5", "run/../classes.h5"] {
        let what = output == "classes.h5" ? "an input" : "the input classes.h5 under another name"
        let message = "--output \(output): is \(what); name another file"
        try fails("-o", output, "--overwrite", status: 2, message)
        try fails("classes.h5", "-o", output, "--overwrite", status: 2, message)
      }
      #expect(try Data(contentsOf: folder.appending(path: "classes.h5")) == data)
      try fails("-o", "p.csv", "--split", "none", status: 1, "classes.h5: no split 'none'")
      try fails("-o", "no/p.csv", status: 1, "no/p.csv: cannot be written: No such file or directory")
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "p.csv").path))
    }
  }
}
