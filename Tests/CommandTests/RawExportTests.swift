import Foundation
import HDF5
import TestSupport
import Testing

/// Graphs that take and give values in the units of the data (`weft export --raw-inputs`), computed by ONNX Runtime and
/// compared with the forecasts of `weft`.
@Suite(.enabled(if: Python.has("onnxruntime", "h5py"), Python.missing))
struct RawExportTests {
  private static let context = 12
  private static let horizon = 5

  /// Outputs of the graph for the last steps of the test series, as JSON by name.
  private static let program = #"""
    import json, sys, h5py, numpy, onnxruntime
    context = int(sys.argv[1])
    with h5py.File("data.h5") as file:
        series = file["test/inputs"][-context:]
    session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
    found = session.run(None, {"inputs": series[None].astype("float32")})
    print(json.dumps({output.name: values[0].tolist() for output, values in zip(session.get_outputs(), found)}))
    """#

  @Test(
    arguments: ["squared-error", "gaussian", "student-t", "quantile"],
    ["", ", season: 6", ", normalization: window", ", season: 6, relative_to: mean, ratios: true"])
  func forecastsInUnitsOfTheData(loss: String, keys: String) throws {
    let folder = try TemporaryFolder()
    let place = URL(filePath: folder.path)
    try """
    data: {file: data.h5, context: \(Self.context), horizon: \(Self.horizon), standardize: true\(keys)}
    model: {cell: lstm, hidden: 4, output: last-step}
    loss: {kind: \(loss)}
    training: {batch: 8, lanes: 2, steps: 6}

    """.write(to: place.appending(path: "train.yaml"), atomically: true, encoding: .utf8)
    let file = try File(creating: folder.file("data.h5"))
    for split in ["train", "validation", "test"] {
      var values: [Float] = []
      for step in 0..<60 {
        values.append(Float(20 + 3 * sin(Double(step))))
        values.append(Float(step * step % 37 + 500))
      }
      try file.write("\(split)/inputs", values, shape: [60, 2])
    }
    try file.close()
    let trained = try Command.run("train", "train.yaml", "--output", "run", in: place)
    #expect(trained.status == 0, "\(trained.errors)")
    let exported = try Command.run("export", "run", "--to", "onnx", "--raw-inputs", "model.onnx", in: place)
    #expect(exported.status == 0, "\(exported.errors)")
    let forecast = try Command.run("forecast", "run", "--json", in: place)
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(forecast.output.utf8)) as? [String: Any])
    let result = try Python.run(Self.program, "\(Self.context)", in: place)
    #expect(result.status == 0, "\(result.output)")
    let outputs = try JSONDecoder().decode([String: [[Double]]].self, from: Data(result.output.utf8))
    let names = [
      "squared-error": ["outputs"], "gaussian": ["mean", "standard_deviation"],
      "student-t": ["degrees_of_freedom", "location", "scale"],
      "quantile": ["quantile_0.1", "quantile_0.5", "quantile_0.9"],
    ]
    #expect(outputs.keys.sorted() == names[loss])
    let median = try #require(
      outputs["outputs"] ?? outputs["mean"] ?? outputs["location"] ?? outputs["quantile_0.5"])
    expectEqual(median, report["median"])
    let levels = try #require(report["levels"] as? [Double])
    let quantiles = try #require(report["quantiles"] as? [[[Double]]])
    if loss == "gaussian", let deviation = outputs["standard_deviation"] {
      // Quantiles of the standard normal distribution.
      let normal = [(0.9, 1.281552), (0.95, 1.644854), (0.975, 1.959964)]
      var compared = 0
      for (index, level) in levels.enumerated() {
        guard let (_, z) = normal.first(where: { abs($0.0 - level) < 1e-9 }) else { continue }
        let upper = zip(median, deviation).map { zip($0, $1).map { $0 + z * $1 } }
        expectEqual(upper, quantiles[index])
        compared += 1
      }
      #expect(compared > 0, "\(levels)")
    }
    if loss == "quantile", let upper = outputs["quantile_0.9"] {
      let place = try #require(levels.firstIndex { $0 >= 0.9 })
      expectEqual(upper, quantiles[place])
    }
  }

  /// Lists of steps, each with two targets of different size.
  private func expectEqual(_ values: [[Double]], _ wanted: Any?) {
    let wanted = wanted as? [[Double]] ?? []
    #expect(values.count == Self.horizon && values.count == wanted.count)
    for (row, other) in zip(values, wanted) {
      #expect(row.count == 2 && other.count == 2)
      for (value, other) in zip(row, other) { #expect(abs(value - other) < 1e-4 * (1 + abs(other))) }
    }
  }

  @Test(arguments: [
    (["--to", "onnx", "--raw-inputs"], "--raw-inputs: run/best.h5: the inputs are tokens"),
    (["--to", "keras", "--raw-inputs"], "--raw-inputs: only graphs have scaling; export to onnx"),
    (["--to", "keras", "--streaming"], "--streaming: only graphs take states; export to onnx"),
    (["--to", "onnx", "--streaming", "--ragged"], "--ragged: a single step has no length"),
    (["--to", "onnx", "--module", "model.py"], "--module: only for state dictionaries"),
    (["--to", "safetensors", "--module", "sub/model.py"], "must be another file in the folder of"),
    (
      ["--to", "safetensors", "--probabilities"], "--probabilities: a file of weights contains no activation"
    ),
  ])
  func optionsThatDoNotFitAreRefused(options: [String], complaint: String) throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      let file = options[1] == "onnx" ? "m.onnx" : options[1] == "keras" ? "m.h5" : "m.safetensors"
      let result = try Command.run(["export", "run", file] + options, in: folder)
      #expect(result.status == 2 && result.errors.contains(complaint), "\(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: file).path))
    }
  }

  /// Probabilities sum to one; Weft's own classifier gives the same ones elsewhere.
  @Test func probabilitiesSumToOne() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      for streaming in [[], ["--streaming"]] {
        let exported = try Command.run(
          ["export", "run", "m.onnx", "--to", "onnx", "--probabilities", "--overwrite"] + streaming,
          in: folder)
        #expect(exported.status == 0, "\(exported.errors)")
        let result = try Python.run(
          """
          import numpy, onnxruntime
          session = onnxruntime.InferenceSession("m.onnx", providers=["CPUExecutionProvider"])
          feeds = {value.name: numpy.zeros([2 if isinstance(size, str) else size for size in value.shape],
                   "int64" if value.name == "inputs" else "float32") for value in session.get_inputs()}
          sums = session.run(["outputs"], feeds)[0].sum(-1)
          assert numpy.allclose(sums, 1, atol=1e-5), sums
          """, in: folder)
        #expect(result.status == 0, "\(result.output)")
      }
    }
  }

  /// Trains a model of numbers of categories beside features, with an embedding of each.
  private static func trainOnCategories(standardizes: Bool, in folder: URL) throws {
    let made = try Python.run(
      #"""
      import h5py, numpy
      random = numpy.random.default_rng(2)
      with h5py.File("data.h5", "w") as file:
          for split, count in (("train", 40), ("test", 12)):
              group = file.create_group(split)
              group["kind"] = random.integers(0, 5, (count, 7))
              group["color"] = random.integers(0, 3, (count, 7))
              group["features"] = (random.normal(size=(count, 7, 2)) * [3, 50] + [-1, 900]).astype("float32")
              group["targets"] = random.integers(0, 3, count)
      """#, in: folder)
    #expect(made.status == 0, "\(made.output)")
    try Data(
      """
      data:
        {file: data.h5, inputs: [kind, features, color], categories: [kind, color], targets: targets, standardize: \(standardizes)}
      model: {cell: gru, hidden: 6, output: last-step, embeddings: [4, 2]}
      training: {batch: 8, lanes: 2, steps: 9}

      """.utf8
    ).write(to: folder.appending(path: "train.yaml"))
    try Command.succeed("train", "train.yaml", "--output", "run", in: folder)
    try Command.succeed("predict", "run", "--split", "test", "--output", "p.h5", in: folder)
  }

  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["WEFT_INTEROP_PYTHON"] != nil,
      "WEFT_INTEROP_PYTHON names no Python; 'make interop' sets one up"))
  func categoriesInPyTorch() throws {
    let folder = try TemporaryFolder()
    try Self.trainOnCategories(standardizes: false, in: folder.url)
    let arguments = ["export", "run", "model.h5", "--to", "pytorch", "--module", "model.py"]
    let exported = try Command.run(arguments, in: folder.url)
    #expect(exported.status == 0, "\(exported.errors)")
    let result = try Python.run(
      #"""
      import subprocess, sys, h5py, numpy, torch
      subprocess.run([sys.executable, "model.py"], check=True)
      sys.path.insert(0, ".")
      import model
      with h5py.File("data.h5") as data, h5py.File("p.h5") as found:
          group = data["test"]
          parts = [group["kind"][:][..., None], group["features"][:], group["color"][:][..., None]]
          inputs = torch.tensor(numpy.concatenate(parts, axis=-1).astype("float32"))
          with torch.no_grad():
              outputs = model.load()(inputs).softmax(-1).numpy()
          assert abs(outputs - found["probabilities"][:]).max() < 1e-5, abs(outputs - found["probabilities"][:]).max()
      """#, in: folder.url, with: ProcessInfo.processInfo.environment["WEFT_INTEROP_PYTHON"] ?? "")
    #expect(result.status == 0, "\(result.output)")
  }

  /// Numbers of categories beside features, through an embedding of each.
  @Test(arguments: [false, true]) func categoriesAreEmbedded(isRaw: Bool) throws {
    try TemporaryFolder.use { folder in
      try Self.trainOnCategories(standardizes: isRaw, in: folder)
      let exported = try Command.run(
        ["export", "run", "model.onnx", "--to", "onnx", "--probabilities"] + (isRaw ? ["--raw-inputs"] : []),
        in: folder)
      #expect(exported.status == 0, "\(exported.errors)")
      let result = try Python.run(
        #"""
        import h5py, numpy, onnxruntime
        with h5py.File("data.h5") as data, h5py.File("p.h5") as found:
            group = data["test"]
            parts = [group["kind"][:][..., None], group["features"][:], group["color"][:][..., None]]
            inputs = numpy.concatenate(parts, axis=-1).astype("float32")
            session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
            outputs = session.run(None, {"inputs": inputs})[0]
            assert abs(outputs - found["probabilities"][:]).max() < 1e-5, abs(outputs - found["probabilities"][:]).max()
        """#, in: folder)
      #expect(result.status == 0, "\(result.output)")
      for (format, file) in [("keras-weights", "model.weights.h5"), ("pytorch", "model.h5")] {
        let refused = try Command.run("export", "run", file, "--to", format, in: folder)
        #expect(refused.status == 1 && refused.errors.contains("export to onnx"), "\(refused.errors)")
      }
    }
  }

  /// Losses whose outputs are logarithms of a mean.
  @Test(arguments: [("tweedie", "mean"), ("poisson", "rate")]) func logarithmsAreMeans(
    loss: String, name: String
  ) throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(
        #"""
        import h5py, numpy
        random = numpy.random.default_rng(2)
        with h5py.File("data.h5", "w") as file:
            for split, count in (("train", 40), ("test", 12)):
                file[split + "/inputs"] = random.normal(size=(count, 7, 2)).astype("float32")
                file[split + "/targets"] = random.poisson(2, (count, 1)).astype("float32")
        """#, in: folder)
      #expect(made.status == 0, "\(made.output)")
      try Data(
        """
        data: {file: data.h5}
        model: {cell: gru, hidden: 6, output: last-step}
        loss: {kind: \(loss)}
        training: {batch: 8, lanes: 2, steps: 9}

        """.utf8
      ).write(to: folder.appending(path: "train.yaml"))
      for arguments in [
        ["train", "train.yaml", "--output", "run"], ["export", "run", "plain.onnx", "--to", "onnx"],
        ["export", "run", "raw.onnx", "--to", "onnx", "--raw-inputs"],
      ] {
        let result = try Command.run(arguments, in: folder)
        #expect(result.status == 0, "\(result.errors)")
      }
      let result = try Python.run(
        #"""
        import sys, h5py, numpy, onnxruntime
        with h5py.File("data.h5") as data:
            inputs = {"inputs": data["test/inputs"][:]}
        plain, raw = (onnxruntime.InferenceSession(name, providers=["CPUExecutionProvider"])
                      for name in ("plain.onnx", "raw.onnx"))
        assert raw.get_outputs()[0].name == sys.argv[1]
        assert abs(numpy.exp(plain.run(None, inputs)[0]) - raw.run(None, inputs)[0]).max() < 1e-5
        """#, name, in: folder)
      #expect(result.status == 0, "\(result.output)")
    }
  }
}
