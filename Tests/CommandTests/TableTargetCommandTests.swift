import Foundation
import TestSupport
import Testing

/// Models of what tables are to predict, compared with NumPy.
@Suite(.enabled(if: Python.has("h5py"), Python.missing)) struct TableTargetCommandTests {
  private static func write(_ rows: [String], _ name: String, in folder: URL) throws {
    try Data((rows.joined(separator: "\n") + "\n").utf8).write(to: folder.appending(path: name))
  }

  /// The scaled error is that of the forecast column, wherever it is among the inputs.
  @Test func oneOfSeveralInputsIsForecast() throws {
    try TemporaryFolder.use { folder in
      try Self.write(
        ["load,OT"] + (0..<300).map { "\($0 * 31 % 17),\(100 * ($0 * 7919 % 101))" }, "t.csv", in: folder)
      try Command.succeed(
        "data", "table", "t.csv", "--inputs", "*", "--targets", "OT", "--horizon", "3", "--split",
        "0.6,0.2,0.2", "--configuration", "t.yaml", "--output", "t.h5", in: folder)
      try Command.succeed(
        "train", "t.yaml", "--set", "training.steps=10", "--set", "training.evaluate_every=10", "--output",
        "run", in: folder)
      let report = try Command.succeed("evaluate", "run", "--split", "test", "--json", in: folder)
      try Data(report.utf8).write(to: folder.appending(path: "e.json"))
      try Command.succeed("predict", "run", "--split", "test", "--output", "p.h5", in: folder)
      let checked = try Python.run(
        #"""
        import h5py, json, numpy
        report = json.load(open("e.json"))
        series = numpy.loadtxt("t.csv", delimiter=",", skiprows=1)[:, 1]
        with h5py.File("p.h5") as found, h5py.File("t.h5") as data:
            # The test split begins with the six rows before its own.
            series = series[-len(data["test/inputs"]):]
            assert (data["test/inputs"][:, 1] == series).all() and data["test/inputs"].shape[1] == 2
            medians, targets = found["median"][:, :, 0], found["targets"][:, :, 0]
            scaled, errors = [], []
            for origin, median, target in zip(found["origin"][:], medians, targets):
                if numpy.isnan(target).any():
                    continue
                assert (target == series[origin:origin + 3]).all()
                context = series[origin - 6:origin]
                errors.append(abs(median - target).mean())
                scaled.append(errors[-1] / abs(numpy.diff(context)).mean())
        assert abs(report["mae"] / numpy.mean(errors) - 1) < 1e-4, (report["mae"], numpy.mean(errors))
        assert abs(report["mase"] / numpy.mean(scaled) - 1) < 1e-4, (report["mase"], numpy.mean(scaled))
        """#, in: folder)
      #expect(checked.status == 0, "\(checked.output)")
    }
  }

  /// Each name follows from the one before it, which a model learns in a moment.
  @Test func theNextNameIsPredicted() throws {
    try TemporaryFolder.use { folder in
      let cycle = ["register", "pay", "ship", "close"]
      try Self.write(
        ["case,activity"] + (0..<400).map { "c\($0 / 10),\(cycle[($0 % 10 + $0 / 10) % 4])" }, "t.csv",
        in: folder)
      try Command.succeed(
        "data", "table", "t.csv", "--group", "case", "--inputs", "activity", "--next", "activity", "--split",
        "0.6,0.2,0.2", "--output", "t.h5", in: folder)
      try Command.succeed("train", "t.h5", "--output", "run", in: folder)
      let report = try Command.succeed("evaluate", "run", "--split", "test", "--json", in: folder)
      let json = try JSONSerialization.jsonObject(with: Data(report.utf8)) as? [String: Any]
      #expect((json?["accuracy"] as? Double ?? 0) > 0.99)
      // The last row of a case has no target.
      let count = try #require(json?["count"] as? Int)
      #expect(count > 0 && count.isMultiple(of: 9))
    }
  }

  @Test func classesThatAreNeverPredictedAreTold() throws {
    try TemporaryFolder.use { folder in
      try Self.write(
        ["x,kind"] + (0..<300).map { "\($0 * 7919 % 101),\($0 % 60 == 7 ? "rare" : "usual")" }, "t.csv",
        in: folder)
      try Command.succeed(
        "data", "table", "t.csv", "--inputs", "x", "--targets", "kind", "--split", "0.6,0.2,0.2", "--output",
        "t.h5", in: folder)
      for (name, steps) in [("late", "80"), ("early", "1")] {
        try Command.succeed(
          "train", "t.h5", "--set", "training.steps=\(steps)", "--set", "training.epochs=null", "--set",
          "training.evaluate_every=\(steps)", "--output", name, in: folder)
        let evaluated = try Command.run("evaluate", name, "--split", "test", in: folder)
        try Command.succeed("predict", name, "--split", "test", "--output", "\(name).csv", in: folder)
        let predicted = try String(contentsOf: folder.appending(path: "\(name).csv"), encoding: .utf8)
        let isPredicted = predicted.split(separator: "\n").contains { $0.split(separator: ",")[2] == "rare" }
        #expect(
          evaluated.errors.contains(
            "The class 'rare' is never predicted, but 1 target is of it; loss.class_weights") == !isPredicted)
      }
    }
  }
}
