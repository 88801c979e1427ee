import Foundation
import HDF5
import TestSupport
import Testing

/// Models that are applied to data in another unit than those of training.
@Suite struct OtherUnitTests {
  /// Sequences of two features, of which the second is a thousand times the usual, as grams of kilograms.
  private static func write(_ path: String, factor: Float) throws {
    let file = try File(creating: path)
    for split in ["train", "test"] {
      var values: [Float] = []
      for step in 0..<100 {
        values.append(Float(step % 7))
        values.append(Float(10 + step * step % 11) * factor)
      }
      try file.write("\(split)/inputs", values, shape: [20, 5, 2])
      try file.dataset("\(split)/inputs").attributes.set("feature_names", to: ["speed", "weight"])
      try file.write("\(split)/targets", (0..<20).map { Int32($0 % 2) })
    }
    try file.close()
  }

  /// Values are compared neither with the differences from the last one that a model reads, nor with its ratios.
  @Test(arguments: ["false", "true"]) func windowsOfTheirOwnLevelHaveNone(areRatios: String) throws {
    try TemporaryFolder.use { folder in
      let file = try File(creating: folder.appending(path: "data.h5").path)
      for split in ["train", "test"] {
        try file.write("\(split)/inputs", (0..<100).map { Float(500 + $0 % 3) }, shape: [100, 1])
      }
      try file.close()
      let configuration = """
        data: {file: data.h5, standardize: true, context: 6, horizon: 2, relative_to: last, ratios: \(areRatios)}
        model: {cell: gru, hidden: 4, output: last-step}
        loss: {kind: squared-error}
        training: {batch: 4, steps: 2}
        """
      try Data(configuration.utf8).write(to: folder.appending(path: "c.yaml"))
      try Command.succeed("train", "c.yaml", "--output", "run", in: folder)
      for arguments in [["evaluate", "run"], ["predict", "run", "data.h5", "-o", "p.csv"]] {
        let output = try Command.run(arguments, in: folder)
        #expect(output.status == 0 && !output.errors.contains("standard deviations"), "\(output.errors)")
      }
    }
  }

  @Test func areTold() throws {
    try TemporaryFolder.use { folder in
      try Self.write(folder.appending(path: "data.h5").path, factor: 1)
      try Self.write(folder.appending(path: "grams.h5").path, factor: 1000)
      let configuration = """
        data: {file: data.h5, standardize: true}
        model: {cell: gru, hidden: 4, output: last-step}
        training: {batch: 4, steps: 2}
        """
      try Data(configuration.utf8).write(to: folder.appending(path: "c.yaml"))
      try Command.succeed("train", "c.yaml", "--output", "run", in: folder)
      let note =
        "weft: note: /test/inputs: 'weight': most values are more than 30 standard deviations from the mean of training, "
      for arguments in [["evaluate", "run", "--data"], ["classify", "run"], ["predict", "run"]] {
        let output = arguments[0] == "predict" ? ["-o", "p.csv"] : []
        let other = try Command.run(arguments + ["grams.h5"] + output, in: folder)
        #expect(other.status == 0 && other.errors.contains(note), "\(other.errors)")
        #expect(!other.errors.contains("speed"))
        let again = output.isEmpty ? [] : output + ["--overwrite"]
        let same = try Command.run(arguments + ["data.h5"] + again, in: folder)
        #expect(same.status == 0 && !same.errors.contains("note: /test/inputs"), "\(same.errors)")
      }
    }
  }
}
