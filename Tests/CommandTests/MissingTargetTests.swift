import Foundation
import HDF5
import TestSupport
import Testing

/// Models that were trained on data without missing targets are applied to data in which some are missing, or lie elsewhere.
@Suite("Missing targets and data elsewhere") struct MissingTargetTests {
  private static let settings = [
    "training.epochs=2", "model.hidden=4", "model.dropout=0", "training.evaluate_every=0",
  ].flatMap { ["--set", $0] }

  /// Twelve machines of five steps, with a number each; `missing` are without theirs.
  private static func table(_ missing: Set<Int> = [], count: Int = 12) -> String {
    (0..<count).reduce(into: "unit,x,y\n") { text, unit in
      for step in 0..<5 {
        text += "u\(unit),\(unit + step),\(missing.contains(unit) ? "" : "\(Double(unit) / 2)")\n"
      }
    }
  }

  private static func convert(_ table: String, _ name: String, _ options: String..., in folder: URL) throws {
    try Data(table.utf8).write(to: folder.appending(path: "\(name).csv"))
    let made = try Command.run(
      [
        "data", "table", "\(name).csv", "--group", "unit", "--inputs", "x", "--targets", "y", "--target-per",
        "group", "-o", "\(name).h5",
      ]
        + options, in: folder)
    #expect(made.status == 0, "\(made.errors)")
  }

  private static func evaluation(_ data: String, in folder: URL) throws -> (loss: Double, count: Int) {
    let result = try Command.run("evaluate", "r", "--data", data, "--split", "train", "--json", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    return (try #require(report["loss"] as? Double), try #require(report["count"] as? Int))
  }

  @Test func missingTargets() throws {
    try TemporaryFolder.use { folder in
      try Self.convert(Self.table(), "a", in: folder)
      let trained = try Command.run(["train", "a.h5", "-o", "r"] + Self.settings, in: folder)
      try #require(trained.status == 0, "\(trained.errors)")
      try Self.convert(Self.table([1, 3]), "gaps", "--missing", "keep", in: folder)
      // The same machines without those that lack a target.
      let lines = Self.table().split(separator: "\n").filter { !$0.hasPrefix("u1,") && !$0.hasPrefix("u3,") }
      try Self.convert(lines.joined(separator: "\n") + "\n", "known", in: folder)
      let (own, known) = (
        try Self.evaluation("gaps.h5", in: folder), try Self.evaluation("known.h5", in: folder)
      )
      #expect(own.count == 10 && known.count == 10)
      #expect(abs(own.loss - known.loss) < 1e-5 * max(1, known.loss))
      let told = try Command.run("evaluate", "r", "--data", "gaps.h5", "--split", "train", in: folder)
      #expect(
        (told.output + told.errors).contains(
          "gaps.h5: group /train: 2 of 12 targets are missing and left out"),
        "\(told)")
      try Command.succeed("predict", "r", "gaps.h5", "-o", "p.csv", in: folder)
      let rows = try String(contentsOf: folder.appending(path: "p.csv"), encoding: .utf8).split(
        separator: "\n")
      #expect(
        rows.count == 13 && rows[2].hasSuffix(",") && rows[4].hasSuffix(",") && rows[1].hasSuffix(",0"),
        "\(rows)")
    }
  }

  /// Classes that are numbers are not learned by their own numbers, also where a configuration says so.
  @Test func numbersOfClasses() throws {
    try TemporaryFolder.use { folder in
      let file = try File(creating: folder.appending(path: "c.h5").path)
      try file.write("train/inputs", [Float](repeating: 1, count: 24), shape: [4, 3, 2])
      try file.write("train/targets", [0, 1, 2, 1] as [Int32], shape: [4])
      try file.write("classes", ["1.5", "10.25", "9"])
      try file.close()
      let configuration = """
        data: {file: c.h5}
        model: {cell: gru, hidden: 4, output: mean}
        loss: {kind: squared-error}
        training: {batch: 2, epochs: 1}
        optimizer: {learning_rate: 0.01}
        """
      try Data(configuration.utf8).write(to: folder.appending(path: "c.yaml"))
      let result = try Command.run("train", "c.yaml", "-o", "r", in: folder)
      #expect(result.status == 1)
      #expect(
        result.errors.contains(
          "its targets are numbers of classes, of which class 0 is named '1.5'; write the numbers"),
        "\(result.errors)")
    }
  }

  @Test func dataElsewhere() throws {
    try TemporaryFolder.use { folder in
      try Self.convert(Self.table(), "a", in: folder)
      let trained = try Command.run(["train", "a.h5", "-o", "r"] + Self.settings, in: folder)
      try #require(trained.status == 0, "\(trained.errors)")
      let other = folder.appending(path: "other")
      try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
      let result = try Command.run("evaluate", "../r", "--split", "train", in: other)
      #expect(result.status == 1)
      #expect(
        result.errors.contains("was trained on 'a.h5', which is not in ")
          && result.errors.contains("--data FILE"),
        "\(result.errors)")
      try Command.succeed("evaluate", "../r", "--data", "../a.h5", "--split", "train", in: other)
    }
  }

  @Test func detectionWithoutCleanSplit() throws {
    try TemporaryFolder.use { folder in
      for name in ["a", "b"] {
        let table = (0..<300).reduce(into: "x\n") { $0 += "\(sin(Double($1) / 5))\n" }
        try Data(table.utf8).write(to: folder.appending(path: "\(name).csv"))
        try Command.succeed("data", "table", "\(name).csv", "--inputs", "x", "-o", "\(name).h5", in: folder)
      }
      let trained = try Command.run(
        ["train", "a.h5", "--task", "detection", "-o", "r"] + Self.settings, in: folder)
      try #require(trained.status == 0, "\(trained.errors)")
      let result = try Command.run("detect", "r", "b.h5", "--split", "train", in: folder)
      #expect(
        result.errors.contains("a.h5: no split 'validation', of which the usual scores"), "\(result.errors)")
      #expect(result.errors.contains("--clean train"), "\(result.errors)")
      try Command.succeed("detect", "r", "b.h5", "--split", "train", "--clean", "train", in: folder)
      // Several recordings are no stream.
      let several = (0..<2).reduce(into: "g,x\n") { text, group in
        for step in 0..<100 { text += "\(group),\(sin(Double(step) / 5))\n" }
      }
      try Data(several.utf8).write(to: folder.appending(path: "c.csv"))
      try Command.succeed(
        "data", "table", "c.csv", "--group", "g", "--inputs", "x", "-o", "c.h5", in: folder)
      let refused = try Command.run("detect", "r", "c.h5", "--split", "train", "--clean", "train", in: folder)
      #expect(
        refused.errors.contains("weft data convert c.h5 --layout stream -o stream.h5"), "\(refused.errors)")
      try Command.succeed("data", "convert", "c.h5", "--layout", "stream", "-o", "stream.h5", in: folder)
      try Command.succeed("detect", "r", "stream.h5", "--split", "train", "--clean", "train", in: folder)
    }
  }
}
