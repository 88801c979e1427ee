import Foundation
import HDF5
import TestSupport
import Testing

/// Columns of another file are those of training, or it is refused.
@Suite struct NamedInputTests {
  /// Rows of a wind direction, a number, and a target that the direction decides.
  private static func write(_ name: String, _ directions: [String], rows: Int, in folder: URL) throws {
    let levels = ["NE": 10, "NW": 20, "SE": 30, "cv": 40]
    let lines = (0..<rows).map { row in
      let direction = directions[row * 7919 % 13 % directions.count]
      return "\(direction),\(row % 7),\(levels[direction, default: 0])\n"
    }
    try Data(("wind,x,y\n" + lines.joined()).utf8).write(to: folder.appending(path: name + ".csv"))
  }

  private static func convert(
    _ name: String, inputs: String = "wind,x", to output: String? = nil, _ options: String..., in folder: URL
  ) throws {
    let made = try Command.run(
      [
        "data", "table", "\(name).csv", "--inputs", inputs, "--targets", "y", "--output",
        "\(output ?? name).h5",
      ] + options, in: folder)
    #expect(made.status == 0, "\(made.errors)")
  }

  private static func evaluate(_ arguments: String..., in folder: URL) throws -> (
    status: Int32, errors: String
  ) {
    let result = try Command.run(["evaluate"] + arguments + ["--json"], in: folder)
    return (result.status, result.errors)
  }

  /// A run on all directions, with the configuration that is made for the file.
  private static func trainOnAll(in folder: URL) throws {
    try write("all", ["NE", "NW", "SE", "cv"], rows: 200, in: folder)
    try convert("all", "--window", "5", "--split", "0.6,0.2,0.2", in: folder)
    try Command.succeed("init", "all.h5", "--output", "all.yaml", in: folder)
    try Command.succeed("train", "all.yaml", "--set", "training.steps=2", "--output", "run", in: folder)
  }

  @Test func columnsOfAnotherFileAreThoseOfTraining() throws {
    try TemporaryFolder.use { folder in
      try Self.trainOnAll(in: folder)
      try Self.write("some", ["SE", "cv"], rows: 40, in: folder)
      try Self.convert("some", "--window", "5", in: folder)
      try Self.convert("all", inputs: "x,wind", to: "turned", "--window", "5", in: folder)
      // Names are read through an embedding, and those of another file by name.
      let text = try String(contentsOf: folder.appending(path: "all.yaml"), encoding: .utf8)
      #expect(text.contains("  categories: [wind] "), "\(text)")
      #expect(try Self.evaluate("run", "--data", "some.h5", "--split", "train", in: folder).status == 0)
      let turned = try Self.evaluate("run", "--data", "turned.h5", "--split", "train", in: folder)
      #expect(
        turned.status == 1
          && turned.errors.contains(
            "turned.h5: group /train: its features are x, wind, but the model was trained on wind, x"),
        "\(turned.errors)")
      // Read as quantities, they have to be the same, and training tells that they are read so.
      let trained = try Command.run(
        [
          "train", "all.yaml", "--set", "training.steps=2", "--set", "data.categories=[]", "--output",
          "plain",
        ],
        in: folder)
      let printed = trained.output + trained.errors
      #expect(printed.contains("'wind' is the number of one of 4 names, read as a quantity"), "\(printed)")
      let some = try Self.evaluate("plain", "--data", "some.h5", "--split", "train", in: folder)
      #expect(
        some.status == 1
          && some.errors.contains(
            "'wind' has numbers of SE, cv, but the model was trained on those of NE, NW, SE, cv"),
        "\(some.errors)")
    }
  }

  /// The path of a configuration may lead to other data, in another folder.
  @Test func otherDataOfTheSameNameAreNotTakenForThoseOfTraining() throws {
    try TemporaryFolder.use { folder in
      try Self.trainOnAll(in: folder)
      #expect(try Self.evaluate("run", in: folder).status == 0)
      let other = folder.appending(path: "other")
      try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
      try Self.write("all", ["NE", "NW", "SE", "cv"], rows: 300, in: other)
      try Self.convert("all", "--window", "5", "--split", "0.6,0.2,0.2", in: other)
      let refused = try Self.evaluate("../run", in: other)
      #expect(
        refused.status == 1 && refused.errors.contains("all.h5: is not what ../run/best.h5 was trained on"),
        "\(refused.errors)")
      #expect(try Self.evaluate("../run", "--data", "all.h5", in: other).status == 0)
      // The same values in another storage are the same.
      try Command.succeed(
        "data", "convert", "all.h5", "--compression", "lzf", "--output", "stored.h5", in: folder)
      try FileManager.default.removeItem(at: folder.appending(path: "all.h5"))
      try FileManager.default.moveItem(
        at: folder.appending(path: "stored.h5"), to: folder.appending(path: "all.h5"))
      let same = try Self.evaluate("run", in: folder)
      #expect(same.status == 0, "\(same.errors)")
    }
  }

  /// Rows of several named columns with a target each are a stream, not sequences of as many steps.
  @Test func aTableOfSeveralInputsIsAStream() throws {
    try TemporaryFolder.use { folder in
      try Self.write("all", ["NE", "NW", "SE", "cv"], rows: 200, in: folder)
      try Self.convert("all", "--split", "0.6,0.2,0.2", in: folder)
      let trained = try Command.run(
        ["train", "all.h5", "--set", "training.steps=2", "--output", "run"], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let printed = trained.output + trained.errors
      #expect(printed.contains("a stream of 120 steps of 2 features"), "\(printed)")
    }
  }
}
