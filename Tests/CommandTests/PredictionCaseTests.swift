import Foundation
import TestSupport
import Testing

/// Predictions and metrics of data of less usual forms, compared with NumPy.
@Suite(.enabled(if: Python.has("h5py"), Python.missing))
struct PredictionCaseTests {
  private static let data = #"""
    import h5py, numpy
    random = numpy.random.default_rng(5)
    with h5py.File("data.h5", "w") as file:
        file["vocabulary"] = ["a", "b", "c", "d"]
        for split in ["train", "validation", "test"]:
            group = file.create_group(split)
            group["tokens"] = random.integers(0, 4, (12, 5))
            group["label"] = random.integers(0, 2, 12)
            group["ignored"] = numpy.full(12, -1)
    with h5py.File("numbers.h5", "w") as file:
        for split in ["train", "validation", "test"]:
            group = file.create_group(split)
            steps = numpy.arange(120)
            group["stream"] = numpy.stack([50 + 5 * numpy.sin(steps / 4), 1 + steps % 3], axis=1).astype("float32")
            group["counts"] = random.poisson(8 + 4 * numpy.sin(steps / 5))[:, None].astype("float32")
            group["noise"] = random.normal(size=(120, 2)).astype("float32")
            group["classes"] = random.integers(0, 3, 120)
        file["bare/stream"] = file["test/stream"][:]
    with h5py.File("dense.h5", "w") as file:
        for split in ["train", "validation", "test"]:
            file[f"{split}/inputs"] = random.normal(size=(6, 7, 2)).astype("float32")
            file[f"{split}/lengths"] = numpy.array([7, 3, 5, 1, 7, 2])
    """#

  private static func withData(_ configuration: String, _ body: (URL) throws -> Void) throws {
    try TemporaryFolder.use { folder in
      let made = try Python.run(data, in: folder)
      #expect(made.status == 0, "\(made.output)")
      try Data((configuration + "\n").utf8).write(to: folder.appending(path: "train.yaml"))
      try Command.succeed("train", "train.yaml", "--output", "run", in: folder)
      try body(folder)
    }
  }

  private static func check(_ program: String, in folder: URL) throws {
    let result = try Python.run("import h5py, json, numpy\n" + program, in: folder)
    #expect(result.status == 0, "\(result.output)")
  }

  private static let training = "training: {batch: 4, steps: 6, evaluate_every: 3}"

  /// The vocabulary of the inputs does not name the classes.
  @Test func classesOfTokensHaveNumbers() throws {
    try Self.withData(
      """
      data: {file: data.h5, inputs: tokens, targets: label}
      model: {cell: gru, hidden: 4, embedding: 3, output: last-step, output_size: 2}
      \(Self.training)
      """
    ) { folder in
      try Command.succeed("predict", "run", "-o", "p.csv", in: folder)
      let head = String(decoding: try SmallRun.contents(folder, "p.csv"), as: UTF8.self)
      #expect(
        head.hasPrefix("sequence,predicted,predicted_class,probability_0,probability_1,target,target_class\n")
      )
      try Command.succeed("predict", "run", "-o", "p.h5", in: folder)
      let ignored = try Command.run(
        "train", "train.yaml", "--output", "ignored", "--set", "data.targets=ignored", in: folder)
      let evaluated = try Command.run("evaluate", "ignored", in: folder)
      #expect(ignored.status != 0 || evaluated.status == 1)
    }
  }

  /// The next inputs are predicted and measured in their own units.
  @Test func nextStepsOfStreams() throws {
    try Self.withData(
      """
      data: {file: numbers.h5, inputs: stream, window: 10, standardize: true}
      model: {cell: gru, hidden: 4}
      loss: {kind: squared-error}
      \(Self.training)
      """
    ) { folder in
      try Command.succeed("predict", "run", "-o", "p.h5", in: folder)
      let evaluated = try Command.succeed("evaluate", "run", "--json", in: folder)
      try Data(evaluated.utf8).write(to: folder.appending(path: "e.json"))
      try Self.check(
        #"""
        with h5py.File("p.h5") as found, h5py.File("numbers.h5") as data:
            predictions, stream = found["predictions"][:], data["test/stream"][:]
            assert abs(predictions[:, 0] - 50).max() < 15
            errors = abs(predictions[:-1] - stream[1:]).mean(axis=0)
            report = json.load(open("e.json"))
            # Windows of evaluations end one step earlier, so that a few predictions have other pasts.
            assert abs(report["mae_0"] - errors[0]) < 0.2 and abs(report["mae_1"] - errors[1]) < 0.1
        """#, in: folder)
    }
  }

  /// Metrics, predictions and scores are called by the names in the file, of targets or of the inputs that come next, and
  /// targets are what the data hold, however they were scaled.
  @Test(arguments: [false, true]) func namesOfFeatures(hasTargets: Bool) throws {
    try TemporaryFolder.use { folder in
      let rows = (0..<300).map { step in
        String(
          format: "%d,%d,%.2f,%.1f", step, step % 9, 50 + 8 * sin(Double(step) / 5),
          1000 + Double(step % 7) / 10)
      }
      try Data(("t,k,\"wind, mean\",power\n" + rows.joined(separator: "\n") + "\n").utf8)
        .write(to: folder.appending(path: "t.csv"))
      let targets = hasTargets ? ["--targets", "wind, mean,power"] : []
      let inputs = hasTargets ? "k" : "wind, mean,power"
      let made = try Command.run(
        ["data", "table", "t.csv", "--inputs", inputs, "--time", "t", "--split", "0.7,0.1,0.2", "-o", "t.h5"]
          + targets,
        in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let configuration = """
        data: {file: t.h5, window: 10, standardize: true}
        model: {cell: gru, hidden: 4}
        loss: {kind: squared-error}
        \(Self.training)

        """
      try Data(configuration.utf8).write(to: folder.appending(path: "train.yaml"))
      try Command.succeed("train", "train.yaml", "--output", "run", in: folder)
      try Command.succeed("predict", "run", "-o", "p.csv", in: folder)
      let evaluated = try Command.succeed("evaluate", "run", "--json", in: folder)
      try Data(evaluated.utf8).write(to: folder.appending(path: "e.json"))
      try Self.check(
        #"""
        import csv
        with open("p.csv") as file: rows = list(csv.DictReader(file))
        with open("t.csv") as file: wanted = list(csv.DictReader(file))[-60:]
        report = json.load(open("e.json"))
        for name in ("wind, mean", "power"):
            assert report["mae_" + name] > 0 and report["rmse_" + name] > 0 and report["r2_" + name] < 1
            assert all(row["prediction_" + name] for row in rows)
            if "target_" + name in rows[0]:
                assert [float(row["target_" + name]) for row in rows] == [float(row[name]) for row in wanted]
        assert [float(row["time"]) for row in rows] == [float(row["t"]) for row in wanted]
        assert ("target_power" in rows[0]) == \#(hasTargets ? "True" : "False")
        """#, in: folder)
      if !hasTargets {
        try Command.succeed("predict", "run", "--outputs", "scores", "-o", "s.csv", in: folder)
        let head = String(decoding: try SmallRun.contents(folder, "s.csv"), as: UTF8.self)
        #expect(
          head.hasPrefix(
            "step,time,score,\"feature_score_wind, mean\",feature_score_power,\"value_wind, mean\",value_power\n"
          ))
      }
    }
  }

  /// Counts are not scaled, but their inputs are.
  @Test func scaledErrorsOfCounts() throws {
    try Self.withData(
      """
      data: {file: numbers.h5, inputs: counts, context: 12, horizon: 4, standardize: true}
      model: {cell: gru, hidden: 4, output: last-step}
      loss: {kind: poisson}
      \(Self.training)
      """
    ) { folder in
      try Self.checkScaledError(season: 1, in: folder)
      // Without the series among the inputs there is no such error.
      let other = try Command.run(
        "train", "train.yaml", "--output", "other", "--set", "data.inputs=noise", "--set",
        "data.targets=counts",
        "--set", "training.metric=mase", in: folder)
      #expect(other.status == 1 && other.errors.contains("'mase' is not a metric of this task"))
      // An interval that is too wide covers the most.
      let coverage = try Command.run(
        "train", "train.yaml", "--output", "other", "--set", "training.metric=coverage", in: folder)
      #expect(coverage.status == 1 && coverage.errors.contains("'coverage' is not a metric of this task"))
    }
  }

  @Test func autoencodersOfSequences() throws {
    try Self.withData(
      """
      data: {file: dense.h5, standardize: true}
      model: {kind: autoencoder, cell: gru, hidden: 4}
      loss: {kind: squared-error}
      \(Self.training)
      """
    ) { folder in
      try Command.succeed("predict", "run", "-o", "p.h5", in: folder)
      try Self.check(
        #"""
        with h5py.File("p.h5") as found, h5py.File("dense.h5") as data:
            lengths, dense = data["test/lengths"][:], data["test/inputs"][:]
            assert (numpy.diff(found["offsets"][:]) == lengths).all()
            steps = numpy.concatenate([row[:n] for row, n in zip(dense, lengths)])
            assert abs(found["values"][:] - steps).max() < 1e-5
            assert abs(found["scores"][:] - found["feature_scores"][:].sum(axis=1)).max() < 1e-6
        """#, in: folder)
    }
  }

  /// Inputs and targets that are differences have units of their own.
  @Test(arguments: [
    ("relative_to: mean", 1), ("relative_to: last, ratios: true", 1), ("season: 4", 4),
    ("season: 4, relative_to: mean", 4),
  ])
  func scaledErrorsOfDifferences(keys: String, season: Int) throws {
    try Self.withData(
      """
      data: {file: numbers.h5, inputs: stream, context: 12, horizon: 4, standardize: true, \(keys)}
      model: {cell: gru, hidden: 4, output: last-step}
      loss: {kind: absolute-error}
      \(Self.training)
      """
    ) { folder in try Self.checkScaledError(season: season, in: folder) }
  }

  /// Compares the scaled error of an evaluation with that of the predictions.
  private static func checkScaledError(season: Int, in folder: URL) throws {
    try Command.succeed("predict", "run", "-o", "p.h5", in: folder)
    let evaluated = try Command.succeed("evaluate", "run", "--json", in: folder)
    try Data(evaluated.utf8).write(to: folder.appending(path: "e.json"))
    try check(
      #"""
      report, season = json.load(open("e.json")), SEASON
      with h5py.File("p.h5") as found, h5py.File("numbers.h5") as data:
          medians, targets, scaled = found["median"][:], found["targets"][:], []
          for origin, median, target in zip(found["origin"][:], medians, targets):
              if numpy.isnan(target).any():
                  continue
              series = data["test/stream" if target.shape[1] == 2 else "test/counts"][origin - 12:origin]
              naive = abs(series[season:] - series[:-season]).mean(axis=0)
              scaled += [e / n for e, n in zip(abs(median - target).mean(axis=0), naive) if n > 1e-6]
      assert abs(report["mase"] / numpy.mean(scaled) - 1) < 1e-4, (report["mase"], numpy.mean(scaled))
      """#.replacingOccurrences(of: "SEASON", with: "\(season)"), in: folder)
  }

  /// A file without targets is predicted where its inputs are right.
  @Test func streamsWithoutTargets() throws {
    try Self.withData(
      """
      data: {file: numbers.h5, inputs: stream, targets: classes, window: 10}
      model: {cell: gru, hidden: 4}
      \(Self.training)
      """
    ) { folder in
      try Command.succeed("predict", "run", "-o", "p.h5", in: folder)
      try Command.succeed("predict", "run", "numbers.h5", "--split", "bare", "-o", "bare.h5", in: folder)
      try Self.check(
        #"""
        with h5py.File("p.h5") as found, h5py.File("bare.h5") as bare:
            assert (found["probabilities"][:] == bare["probabilities"][:]).all() and "targets" not in bare
        with h5py.File("numbers.h5") as data, h5py.File("only.h5", "w") as only:
            only["week/stream"] = data["bare/stream"][:]
        """#, in: folder)
      // The only group needs no name.
      try Command.succeed("predict", "run", "only.h5", "-o", "only-p.h5", in: folder)
      try Self.check(
        #"""
        with h5py.File("bare.h5") as found, h5py.File("only-p.h5") as only:
            assert (found["probabilities"][:] == only["probabilities"][:]).all()
        """#, in: folder)
    }
  }

  /// Numbers that are missing or too large are refused, and so are the states of another model.
  @Test func stepsAreChecked() throws {
    try Self.withData(
      """
      data: {file: numbers.h5, inputs: stream, window: 10}
      model: {cell: gru, hidden: 4}
      loss: {kind: squared-error}
      \(Self.training)
      """
    ) { folder in
      func step(_ line: String, _ arguments: String...) throws -> Command.Result {
        try Command.run(["step"] + arguments, input: line + "\n", in: folder)
      }
      #expect(try step("1, 2", "run", "--state", "s.h5").status == 0)
      for (line, reason) in [
        ("1,,2", "'' is not a number"), ("0x10 1", "'0x10' is not a number"),
        ("1e39 1", "step 0: number 0 is 1e+39, which is not finite in single precision"),
      ] {
        let result = try step(line, "run")
        #expect(result.errors == "weft: error: standard input:1: \(reason)\n" && result.status == 1)
      }
      try Command.succeed("train", "train.yaml", "--output", "other", "--set", "training.seed=2", in: folder)
      let other = try step("1 2", "other", "--state", "s.h5")
      #expect(
        other.errors == "weft: error: s.h5: contains the states of another model than other/best.h5\n"
          && other.status == 1)
    }
  }
}
