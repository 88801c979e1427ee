import Foundation
import HDF5
import TestSupport
import Testing

/// The recipes of `datasets`, on less data or for less time, perform far better than chance.
@Suite struct RecipeTests {
  /// Trains with a recipe's configuration and calls `body` with the folder, which contains `run`.
  private static func train(
    _ recipe: String, configuration: String = "train.yaml", _ settings: [String],
    data: ((File) throws -> Void)? = nil, _ body: (URL) throws -> Void
  ) throws {
    try TemporaryFolder.use { folder in
      var settings = settings
      if let data {
        let file = try File(creating: folder.appending(path: "data.h5").path)
        try data(file)
        try file.close()
        settings.append("data.file=\(folder.appending(path: "data.h5").path)")
      }
      let result = try Command.run(
        ["train", "datasets/\(recipe)/\(configuration)", "--output", folder.appending(path: "run").path]
          + settings.flatMap { ["--set", $0] })
      #expect(result.status == 0, "\(result.errors)")
      try body(folder)
    }
  }

  private static func report(_ arguments: [String], in folder: URL) throws -> [String: Any] {
    let result = try Command.run(arguments + ["--json"], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  private static func metric(_ name: String, in folder: URL) throws -> Double {
    let report = try report(
      ["evaluate", folder.appending(path: "run").path, "--split", "test"], in: Command.packageFolder)
    return try #require(report[name] as? Double)
  }

  /// Nine speakers.
  @Test func vowels() throws {
    try Self.train(
      "japanese-vowels", ["training.epochs=12", "training.evaluate_every=0", "training.average_decay=0"]
    ) {
      let accuracy = try Self.metric("accuracy", in: $0)
      #expect(accuracy > 0.85)
    }
  }

  /// The naive daily forecast has an error of 0.0958 °F.
  @Test func temperatures() throws {
    try Self.train(
      "seattle-temperatures",
      ["training.epochs=2", "training.average_decay=0", "model.hidden=16", "loss.kind=student-t"]
    ) {
      let error = try Self.metric("mae", in: $0)
      #expect(error < 0.08)
      let coverage = try Self.metric("coverage", in: $0)
      #expect(coverage > 0.6 && coverage < 0.99)
    }
  }

  /// Pulses of 20 steps, and noise over five of them, far from the ends of the pulses' range.
  private static func writePulses(_ file: File) throws {
    for (split, count) in [("train", 300), ("validation", 100), ("test", 300)] {
      let anomaly = split == "test" ? 203..<208 : 0..<0
      let values = (0..<count).map { step -> Float in
        let pulse = 80 + 20 * exp(-Double(step % 20) / 5)
        return Float(pulse) + (anomaly.contains(step) ? (step % 2 == 0 ? 6 : -6) : 0)
      }
      try file.write("\(split)/inputs", values, shape: [count, 1])
      try file.write("\(split)/labels", (0..<count).map { UInt8(anomaly.contains($0) ? 1 : 0) })
    }
  }

  @Test(
    arguments: [
      ("train.yaml", ["data.window=40"]),
      ("autoencoder.yaml", ["data.window=24"]),
    ])
  func pressures(configuration: String, settings: [String]) throws {
    try Self.train(
      "blood-pressure", configuration: configuration,
      settings + ["training.epochs=60", "optimizer.learning_rate=0.01", "model.hidden=16"],
      data: Self.writePulses
    ) { folder in
      let report = try Self.report(["detect", "run"], in: folder)
      let model = try #require(report["model"] as? [String: Double])
      let moving = try #require(report["moving_z_score"] as? [String: Double])
      let (area, plain) = (try #require(model["area_under_curve"]), try #require(moving["area_under_curve"]))
      #expect(area > 0.95 && area > plain)
      #expect(try #require(model["best_f1"]) > 0.5)
    }
  }

  /// Gated cells remember over ten steps; the error without memory is higher.
  @Test func experiments() throws {
    try TemporaryFolder.use { folder in
      let program = Command.program.deletingLastPathComponent().appending(path: "weft-experiments")
      let result = try Command.start(
        [
          "--problems", "adding", "copying", "--lengths", "10", "--cells", "gru", "--hidden", "24", "--steps",
          "600",
          "--sequences", "2000", "--learning-rate", "0.01", "--evaluate-every", "100", "--output", "pictures",
        ], program: program, in: folder
      ).finish()
      #expect(result.status == 0, "\(result.errors)")
      let rows = result.output.split(separator: "\n")
      let sum = try #require(rows.first { $0.contains("10 steps") }?.firstMatch(of: /\| (0\.\d+)/))
      #expect(try #require(Double(sum.1)) < 0.05, "chance is 0.1667")
      let copied = try #require(rows.last { $0.contains("10 steps") }?.firstMatch(of: /\| (\d+\.\d)%/))
      #expect(try #require(Double(copied.1)) > 30, "chance is 12.5%")
      for problem in ["adding", "copying"] {
        let path = folder.appending(path: "pictures/gradients-\(problem)-untrained.svg")
        let picture = try String(contentsOf: path, encoding: .utf8)
        #expect(picture.contains("10 steps") && picture.contains("polyline"))
      }
    }
  }
}
