import Foundation
import HDF5
import TestSupport
import Testing

/// Language models with an adaptive softmax.
@Suite struct AdaptiveSoftmaxTests {
  private static let cutoffs = "model.adaptive_cutoffs=[3, 6]"

  @Test("Losses are those of the probabilities of all tokens, which add up to 1")
  func probabilities() throws {
    try SmallRun.withFolder { folder in
      try Command.succeed(
        "train", "small.yaml", "--output", "run", "--set", Self.cutoffs, "--set", "training.batch=1",
        in: folder)
      let evaluated = try Command.succeed("evaluate", "run", "--split", "test", "--json", in: folder)
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(evaluated.utf8)) as? [String: Any])
      let loss = try #require(report["loss"] as? Double)
      try Command.succeed("predict", "run", "--split", "test", "--output", "p.h5", in: folder)
      let predicted = try File(opening: folder.appending(path: "p.h5").path)
      let probabilities = try predicted.dataset("probabilities").read(as: Float.self).map(Double.init)
      let tokens = try File(opening: folder.appending(path: "text.h5").path).dataset("test/tokens")
        .read(as: Int.self)
      #expect(probabilities.count == 9 * tokens.count)
      for row in tokens.indices {
        #expect(abs(probabilities[9 * row..<9 * row + 9].reduce(0, +) - 1) < 1e-5)
      }
      // An evaluation ends with the last step that has a next one.
      let losses = tokens.indices.dropLast().map { -log(probabilities[9 * $0 + tokens[$0 + 1]]) }
      #expect(abs(losses.reduce(0, +) / Double(losses.count) - loss) < 1e-4)
      let text = try Command.succeed("generate", "run", "--length", "30", "--seed", "3", in: folder)
      #expect(text.count >= 30)
    }
  }

  @Test("The number of threads and resuming change no bit")
  func sameBits() throws {
    try SmallRun.withFolder { folder in
      for (run, arguments) in [
        ("one", ["--threads", "1"]), ("three", ["--threads", "3", "--until-step", "5"]),
        ("three", ["--resume"]),
      ] {
        let result = try Command.run(
          ["train", "small.yaml", "--output", run, "--set", Self.cutoffs] + arguments, in: folder)
        #expect(result.status == 0, "\(result.errors)")
      }
      #expect(
        try SmallRun.contents(folder, "one/metrics.jsonl") == SmallRun.contents(folder, "three/metrics.jsonl")
      )
    }
  }

  @Test(
    "Cutoffs that do not fit are refused",
    arguments: [
      ("model.adaptive_cutoffs=[6, 3]", "model.adaptive_cutoffs: must be above 0 and in ascending order"),
      (
        "model.adaptive_cutoffs=[9]",
        "text.h5: model.adaptive_cutoffs: 9 is not below the number of classes, 9"
      ),
      ("loss.label_smoothing=0.1", "model.adaptive_cutoffs: cannot be combined with"),
    ])
  func refusals(setting: String, message: String) throws {
    try SmallRun.withFolder { folder in
      let result = try Command.run(
        "train", "small.yaml", "--output", "run", "--set", Self.cutoffs, "--set", setting, in: folder)
      #expect(result.status != 0 && result.errors.contains(message), "\(result.errors)")
    }
  }
}
