import Foundation
import TestSupport
import Testing

/// Language models with an adaptive softmax.
@Suite struct AdaptiveSoftmaxTests {
  private static func succeed(_ arguments: String..., in folder: URL) throws -> String {
    let result = try Command.run(arguments, in: folder)
    #expect(result.status == 0, "\(arguments): \(result.errors)")
    return result.output
  }

  private static let cutoffs = "model.adaptive_cutoffs=[3, 6]"

  @Test("Losses are those of the probabilities of all tokens, which add up to 1")
  func probabilities() throws {
    try SmallRun.withFolder { folder in
      _ = try Self.succeed("train", "small.yaml", "--output", "run", "--set", Self.cutoffs, in: folder)
      let evaluated = try Self.succeed("evaluate", "run", "--split", "test", "--json", in: folder)
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(evaluated.utf8)) as? [String: Any])
      let loss = try #require(report["loss"] as? Double)
      _ = try Self.succeed("predict", "run", "--split", "test", "--output", "p.jsonl", in: folder)
      var (sum, count) = (0.0, 0)
      for line in try String(contentsOf: folder.appending(path: "p.jsonl"), encoding: .utf8).split(
        separator: "\n")
      {
        let row = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let probabilities = try #require(
          row["probabilities"] as? [Double]
            ?? (row["probabilities"] as? [String: Double]).map { Array($0.values) })
        #expect(probabilities.count == 9 && abs(probabilities.reduce(0, +) - 1) < 1e-5)
        if let values = row["probabilities"] as? [Double], let target = row["target"] as? Int {
          sum -= log(values[target])
          count += 1
        }
      }
      if count > 0 { #expect(abs(sum / Double(count) - loss) < 1e-4) }
      let text = try Self.succeed("generate", "run", "--length", "30", "--seed", "3", in: folder)
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
      ("model.crf=true", "model.adaptive_cutoffs: cannot be combined with"),
    ])
  func refusals(setting: String, message: String) throws {
    try SmallRun.withFolder { folder in
      let result = try Command.run(
        "train", "small.yaml", "--output", "run", "--set", Self.cutoffs, "--set", setting, in: folder)
      #expect(result.status != 0 && result.errors.contains(message), "\(result.errors)")
    }
  }
}
