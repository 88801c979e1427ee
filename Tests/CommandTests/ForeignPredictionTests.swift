import Foundation
import HDF5
import TestSupport
import Testing

/// What `weft predict` and `weft evaluate` make of imported models and the datasets of their inputs, compared with Keras
/// (`Tests/InterchangeTests/Fixtures/README.md`).
@Suite struct ForeignPredictionTests {
  private static let fixtures = Command.packageFolder.appending(path: "Tests/InterchangeTests/Fixtures")

  @Test(arguments: ["caption-7.h5", "three-inputs.keras", "two-tokens-7.keras"])
  func severalInputs(_ name: String) throws {
    let models = Self.fixtures.appending(path: "inputs")
    let group = try File(opening: models.appending(path: "expected.h5").path).group(name)
    try TemporaryFolder.use { folder in
      let data = try File(creating: folder.appending(path: "data.h5").path)
      for child in try group.group("datasets").children {
        let dataset = try group.dataset("datasets/\(child.name)")
        if case .integer = dataset.datatype {
          try data.write(
            "test/\(child.name)", try dataset.read(as: Int32.self), shape: try dataset.shape)
        } else {
          try data.write(
            "test/\(child.name)", try dataset.read(as: Float.self), shape: try dataset.shape)
        }
      }
      try data.close()
      try Command.succeed("import", models.appending(path: name).path, "--output", "run", in: folder)
      try Command.succeed("predict", "run", "data.h5", "--split", "test", "-o", "p.h5", in: folder)
      let found = try File(opening: folder.appending(path: "p.h5").path).dataset("probabilities")
        .read(as: Float.self)
      let expected = try group.dataset("outputs").read(as: Float.self)
      #expect(found.count == expected.count)
      for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-5) }
    }
  }

  /// Padding that Keras masks is told by `data.padding`, and found by it; padding before sequences is refused.
  @Test(arguments: ["zeros", "number", "tokens"]) func maskedPadding(_ name: String) throws {
    let models = Self.fixtures.appending(path: "masks")
    let group = try File(opening: models.appending(path: "expected.h5").path).group(name)
    let inputs = try group.dataset("inputs")
    let shape = try inputs.shape
    try TemporaryFolder.use { folder in
      for (file, isReversed) in [("data.h5", false), ("before.h5", true)] {
        let data = try File(creating: folder.appending(path: file).path)
        for split in ["train", "test"] {
          if name == "tokens" {
            let tokens = try inputs.read(as: Int32.self)
            try data.write("\(split)/inputs", isReversed ? tokens.reversed() : tokens, shape: shape)
          } else {
            let numbers = try inputs.read(as: Float.self)
            try data.write("\(split)/inputs", isReversed ? numbers.reversed() : numbers, shape: shape)
          }
          try data.write(
            "\(split)/targets", [Float](repeating: 0, count: shape[0] * 2), shape: [shape[0], 2])
        }
        try data.close()
      }
      let imported = try Command.run(
        "import", models.appending(path: "\(name).keras").path, "--output", "run", in: folder)
      #expect(imported.errors.contains(": data.padding is set to"), "\(imported.errors)")
      try Command.succeed("predict", "run", "data.h5", "-o", "p.h5", in: folder)
      let found = try File(opening: folder.appending(path: "p.h5").path).dataset("predictions")
        .read(as: Float.self)
      let expected = try group.dataset("outputs").read(as: Float.self)
      #expect(found.count == expected.count)
      for (found, expected) in zip(found, expected) { #expect(abs(found - expected) < 1e-5) }
      let refused = try Command.run("predict", "run", "before.h5", "-o", "q.h5", in: folder)
      #expect(refused.errors.contains("data.padding), and none ends with one"), "\(refused.errors)")
      #expect(refused.status == 1)
    }
  }

  /// Outputs of programs that put a softmax into the loss are not of numbers if the dataset has as many classes.
  @Test func classesAreTold() throws {
    let path = Self.fixtures.appending(path: "models/torch-lstm-bidirectional-3-last-step.safetensors").path
    try TemporaryFolder.use { folder in
      let data = try File(creating: folder.appending(path: "data.h5").path)
      try data.write("train/inputs", [Float](repeating: 0.5, count: 16 * 3 * 5), shape: [16, 3, 5])
      try data.write("train/targets", (0..<16).map { Int32($0 % 9) })
      try data.close()
      let arguments = ["import", path, "--data", "data.h5", "-o", "run", "--set", "model.output=last-step"]
      let refused = try Command.run(arguments, in: folder)
      #expect(
        refused.errors.contains("; for its classes, add --set loss.kind=cross-entropy"), "\(refused.errors)")
      let imported = try Command.run(arguments + ["--set", "loss.kind=cross-entropy"], in: folder)
      #expect(imported.status == 0, "\(imported.errors)")
    }
  }

  @Test(arguments: ["embedded-7.h5", "both-directions.keras", "attention-additive.keras"])
  func encoderDecoders(_ name: String) throws {
    let models = Self.fixtures.appending(path: "decoders")
    let expected = try File(opening: models.appending(path: "expected.h5").path)
    let words = ["<pad>", "<bos>", "<eos>"]
    let (source, target) = (words + "abcdefghi".map(String.init), words + "ABCDEFG".map(String.init))
    try TemporaryFolder.use { folder in
      let data = try File(creating: folder.appending(path: "data.h5").path)
      try data.write("vocabulary", source)
      try data.write("target_vocabulary", target)
      let (inputs, targets) = (try expected.dataset("sources"), try expected.dataset("targets"))
      let (rows, length, longest) = (try inputs.shape[0], try inputs.shape[1], try targets.shape[1])
      let tokens = try targets.read(as: Int32.self)
      var marked: [Int32] = []
      for row in 0..<rows {
        marked.append(1)
        marked += tokens[row * longest..<(row + 1) * longest]
        marked.append(2)
      }
      for split in ["train", "test"] {
        try data.write("\(split)/inputs", try inputs.read(as: Int32.self))
        try data.write("\(split)/offsets", (0...rows).map { Int64($0 * length) })
        try data.write("\(split)/targets", marked)
        try data.write("\(split)/target_offsets", (0...rows).map { Int64($0 * (longest + 2)) })
      }
      try data.close()
      // The tokens that begin and end a target are those of the dataset.
      let path = models.appending(path: name).path
      try Command.succeed(
        "import", path, "--data", "data.h5", "--output", "run", "--set", "decoding.beam=1", "--set",
        "decoding.length_penalty=0", "--set", "decoding.maximum_length=6", in: folder)
      try Command.succeed("predict", "run", "--split", "test", "-o", "p.csv", in: folder)
      let table = try String(contentsOf: folder.appending(path: "p.csv"), encoding: .utf8)
      let found = table.split(separator: "\n").dropFirst().map {
        String($0.split(separator: ",", omittingEmptySubsequences: false)[1])
      }
      let written = try expected.dataset("\(name)/written")
      let steps = try written.shape[1]
      let all = try written.read(as: Int32.self)
      let texts = (0..<rows).map { row in
        all[row * steps..<(row + 1) * steps].filter { $0 > 2 }.map { target[Int($0)] }.joined()
      }
      #expect(found == texts)
      let wrong = try Command.run(
        "import", path, "--data", "data.h5", "--output", "other", "--start-token", "3", in: folder)
      #expect(wrong.errors.contains("--start-token 3: in data.h5 it is token 1"), "\(wrong.errors)")
    }
  }
}
