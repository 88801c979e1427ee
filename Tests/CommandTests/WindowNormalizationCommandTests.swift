import Foundation
import TestSupport
import Testing

/// Forecasts of normalized windows from the command line, compared with NumPy around the network in ONNX Runtime.
@Suite(.enabled(if: Python.has("onnxruntime", "h5py"), Python.missing))
struct WindowNormalizationCommandTests {
  private static let data = #"""
    import h5py, numpy
    random = numpy.random.default_rng(5)
    with h5py.File("data.h5", "w") as file:
        for split in ["train", "validation", "test"]:
            series = [size * (7 + numpy.sin(numpy.arange(length)[:, None] / [2, 5]) + random.normal(size=(length, 2)) / 9)
                      for size, length in ((1, 60), (300, 45), (20, 31))]
            # A context that does not vary.
            series[2][:20] = 30
            file[split + "/inputs"] = numpy.concatenate(series).astype("float32")
            file[split + "/offsets"] = numpy.cumsum([0] + [len(values) for values in series])
    """#

  /// Maps windows to the units of the network and its outputs back, in double precision.
  private static let program = #"""
    import sys, h5py, numpy, onnxruntime
    level, season, unit, least = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    context, horizon = 12, 5
    plain, whole = (onnxruntime.InferenceSession(name, providers=["CPUExecutionProvider"])
                    for name in ("plain.onnx", "raw.onnx"))
    with h5py.File("data.h5") as data, h5py.File("p.h5") as found:
        values, offsets = data["test/inputs"][:].astype("float64"), data["test/offsets"][:]
        rows = list(zip(*(found[name][:] for name in ("series", "origin", "median", "quantiles"))))
    lengths = set()
    for series, origin, median, quantiles in rows:
        window = values[offsets[series] + max(origin - context, 0):offsets[series] + origin]
        lengths.add(len(window))
        mean = window.mean(0)
        place = mean if level == "mean" else window[-1]
        deviation = numpy.maximum(window.std(0), 1e-3 * numpy.sqrt((window ** 2).mean(0)))
        factor = {"deviation": deviation, "level": place, "one": numpy.ones_like(place)}[unit]
        scaled = ((window - place) / factor).astype("float32")
        outputs = plain.run(None, {"inputs": scaled[None]})[0].reshape(3, horizon, 2)
        start = place
        if season:
            start = window[[len(window) - season + step % season for step in range(horizon)]]
        expected = numpy.sort(outputs, axis=0) * factor + start
        size = numpy.abs(expected).max()
        assert (abs(median - expected[1]) < 1e-5 * size).all(), abs(median - expected[1]).max()
        assert (abs(quantiles[0] - expected[0]) < 1e-5 * size).all()
        if len(window) == context:
            for found, wanted in zip(whole.run(None, {"inputs": window[None].astype("float32")}), expected):
                assert (abs(found[0] - wanted) < 1e-4 * size).all(), abs(found[0] - wanted).max()
    assert lengths == {least, context}, lengths
    """#

  private static func configuration(_ keys: String, output: String = "last-step") -> String {
    """
    data: {file: data.h5, context: 12, horizon: 5, \(keys)}
    model: {cell: gru, hidden: 4, output: \(output)}
    loss: {kind: quantile, quantiles: [0.1, 0.5, 0.9]}
    training: {batch: 8, lanes: 2, steps: 30}

    """
  }

  private static func withRun(_ configuration: String, _ body: (URL) throws -> Void) throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(data, in: folder)
      #expect(made.status == 0, "\(made.output)")
      try Data(configuration.utf8).write(to: folder.appending(path: "train.yaml"))
      try Command.succeed("train", "train.yaml", "--output", "run", "--threads", "2", in: folder)
      try body(folder)
    }
  }

  @Test(arguments: [
    ("normalization: window", "mean", 0, "deviation"),
    ("normalization: window, relative_to: last", "last", 0, "deviation"),
    ("normalization: window, season: 6", "mean", 6, "deviation"),
    ("relative_to: mean", "mean", 0, "one"), ("relative_to: last, ratios: true", "last", 0, "level"),
    ("relative_to: last, ratios: true, least_context: 8", "last", 0, "level"),
    ("normalization: window, season: 6, least_context: 8", "mean", 6, "deviation"),
  ])
  func predictionsAreNumPys(keys: String, level: String, season: Int, unit: String) throws {
    try Self.withRun(Self.configuration(keys)) { folder in
      try Command.succeed("predict", "run", "--output", "p.h5", in: folder)
      try Command.succeed("export", "run", "--to", "onnx", "plain.onnx", in: folder)
      try Command.succeed("export", "run", "--to", "onnx", "--raw-inputs", "raw.onnx", in: folder)
      let result = try Python.run(
        Self.program, level, "\(season)", unit, keys.contains("least") ? "8" : "12", in: folder)
      #expect(result.status == 0, "\(result.output)")
    }
  }

  /// The same bits for any number of threads, with a linear function besides, and forecasts like those of `predict`.
  @Test(arguments: ["", ", least_context: 7"])
  func commandsAgree(keys: String) throws {
    let configuration = Self.configuration("normalization: window, standardize: true" + keys)
      .replacingOccurrences(
        of: "cell: gru, hidden: 4, output: last-step",
        with:
          "blocks: [{convolution: 4, width: 12, padding: causal}, {cell: gru, hidden: 4, residual: true}, {pool: last}]"
      )
    try Self.withRun(configuration) { folder in
      try Command.succeed("train", "train.yaml", "--output", "again", "--threads", "1", in: folder)
      for run in ["run", "again"] {
        try Command.succeed("predict", run, "--output", "\(run).csv", in: folder)
      }
      let first = try SmallRun.contents(folder, "run.csv")
      #expect(try first == SmallRun.contents(folder, "again.csv"))
      let evaluated = try Command.succeed("evaluate", "run", "--split", "test", "--json", in: folder)
      let metrics = try #require(
        try JSONSerialization.jsonObject(with: Data(evaluated.utf8)) as? [String: Any])
      let result = try Python.run(
        #"""
        import csv, json, sys
        errors = [abs(float(row[f"median_{target}"]) - float(row[f"target_{target}"]))
                  for row in csv.DictReader(open("run.csv")) for target in (0, 1) if row["target_0"]]
        print(json.dumps({"mae": sum(errors) / len(errors)}))
        """#, in: folder)
      let expected = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Double],
        "\(result.output)")
      let measured = try #require(metrics["mae"] as? Double)
      #expect(abs(measured / expected["mae", default: 0] - 1) < 1e-6)
      let forecast = try Command.succeed("forecast", "run", "--origin", "60", "--json", in: folder)
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(forecast.utf8)) as? [String: Any])
      let median = try #require((report["median"] as? [[Double]])?.first?.first)
      // The window at the end of the first series, by its first step.
      let line = String(decoding: first, as: UTF8.self).split(separator: "\n").first {
        $0.hasPrefix("0,60,60,")
      }
      let told = try #require(line?.split(separator: ",").dropFirst(4).first.flatMap { Double($0) })
      #expect(abs(told / median - 1) < 1e-6, "\(told), \(median)")
    }
  }

  @Test func whatCannotBeKnownIsRefused() throws {
    try Self.withRun(Self.configuration("normalization: window", output: "every-step")) { folder in
      try Command.succeed("forecast", "run", "--horizon", "9", in: folder)
      let step = try Command.run(["step", "run"], input: "1 2\n", in: folder)
      #expect(step.status != 0 && step.errors.split(separator: "\n").count == 1, "\(step.errors)")
      let raw = try Command.run("export", "run", "--to", "onnx", "--raw-inputs", "m.onnx", in: folder)
      #expect(
        raw.status == 2 && raw.errors.contains("a graph does not know where the context ends"),
        "\(raw.errors)")
    }
    try Self.withRun(Self.configuration("normalization: window")) { folder in
      for option in ["--ragged", "--streaming"] {
        let refused = try Command.run(
          "export", "run", "--to", "onnx", "--raw-inputs", option, "m.onnx", in: folder)
        #expect(
          refused.status == 2 && refused.errors.contains("scaled by the values of a whole context"),
          "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "m.onnx").path))
      }
    }
  }
}
