import Foundation
import HDF5
import TestSupport
import Testing

/// `weft score`, `weft step` and the limits of `weft generate`.
@Suite struct StepAndScoreTests {
  private static func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test(.enabled(if: Python.has("onnxruntime"), Python.missing))
  func scoresAreThoseOfTheExportedGraph() throws {
    try SmallRun.withFolder { folder in
      try Command.succeed("train", "small.yaml", "--output", "run", in: folder)
      try Command.succeed("export", "run", "--to", "onnx", "--probabilities", "model.onnx", in: folder)
      try Data("abc\ngfe d\n\nab".utf8).write(to: folder.appending(path: "new.txt"))
      for (name, more) in [("lines", []), ("independent", ["--independent"])] {
        let result = try Command.run(["score", "run", "new.txt", "--json", "--tokens"] + more, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        try Data(result.output.utf8).write(to: folder.appending(path: "\(name).jsonl"))
      }
      let found = try Python.run(
        #"""
        import json, numpy, onnxruntime
        session = onnxruntime.InferenceSession("model.onnx", providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0]
        vocabulary = list("\n abcdefg")
        def scores(text):
            tokens = numpy.array([vocabulary.index(c) for c in text])
            inputs = numpy.concatenate([[0], tokens[:-1]]).astype("int64" if "64" in name.type else "int32")
            p = session.run(None, {name.name: inputs[None]})[0][0]
            return numpy.log(p[numpy.arange(len(tokens)), tokens])
        texts = ["abc\n", "gfe d\n", "\n", "ab\n"]
        whole = numpy.split(scores("".join(texts)), numpy.cumsum([len(t) for t in texts])[:-1])
        for file, wanted in [("lines", whole), ("independent", [scores(t) for t in texts])]:
            *lines, total = [json.loads(line) for line in open(file + ".jsonl")]
            assert [line["line"] for line in lines] == [1, 2, 3, 4] and lines[1]["text"] == "gfe d"
            for line, values in zip(lines, wanted):
                assert numpy.allclose(line["token_log_probabilities"], values, atol=1e-5)
                assert abs(line["log_probability"] - values.sum()) < 1e-4
                assert abs(line["perplexity"] - numpy.exp(-values.mean())) < 1e-3
            assert total["tokens"] == 14
            assert abs(total["log_probability"] - sum(v.sum() for v in wanted)) < 1e-4
            assert abs(total["bits_per_character"] + total["log_probability"] / numpy.log(2) / 14) < 1e-9
        """#, in: folder)
      #expect(found.status == 0, "\(found.output)")
      try Data("abc\nxyz\n".utf8).write(to: folder.appending(path: "bad.txt"))
      let bad = try Command.run("score", "run", "bad.txt", in: folder)
      #expect(
        bad.status == 1 && bad.errors.hasPrefix("weft: error: bad.txt:2: character 1 of the text, \"x\""))
    }
  }

  @Test func generationStops() throws {
    try SmallRun.withFolder { folder in
      try Command.succeed("train", "small.yaml", "--output", "run", in: folder)
      let whole = String(try Command.succeed("generate", "run", "--prompt", "a", in: folder).dropLast())
      let stop = String(whole.dropFirst(9).prefix(2))
      let place = try #require(whole.dropFirst().firstRange(of: stop))
      #expect(
        try Command.succeed("generate", "run", "--prompt", "a", "--stop", stop, "--stop", "never", in: folder)
          == whole[..<place.lowerBound] + "\n")
      try Data("a".utf8).write(to: folder.appending(path: "prompt.txt"))
      let samples = try Self.objects(
        Command.succeed(
          "generate", "run", "--prompt-file", "prompt.txt", "--samples", "2", "--json", in: folder))
      #expect(samples.count == 2 && "a" + (samples[0]["text"] as? String ?? "") == whole)
      let second = try Command.succeed("generate", "run", "--prompt", "a", "--seed", "2", in: folder)
      #expect("a" + (samples[1]["text"] as? String ?? "") + "\n" == second)
    }
  }

  /// Unknown text is not generated unless asked for, and the end of a text ends it.
  @Test func specialTokensAreNotGenerated() throws {
    try TemporaryFolder.use { folder in
      let file = try File(creating: folder.appending(path: "text.h5").path)
      try file.attributes.set("unit", to: "word")
      try file.write("vocabulary", ["<unk>", "<eos>", "yes", "no"])
      try file.write("train/tokens", (0..<200).map { UInt8([0, 2, 0, 3][$0 % 4]) })
      try file.close()
      try Data(
        "data: {file: text.h5, window: 10}\nmodel: {cell: gru, hidden: 4}\ntraining: {batch: 4, steps: 30}\n"
          .utf8
      ).write(to: folder.appending(path: "train.yaml"))
      try Command.succeed("train", "train.yaml", "--output", "run", in: folder)
      let plain = try Command.succeed("generate", "run", "--temperature", "3", in: folder)
      #expect(!plain.contains("<unk>") && plain.split(separator: " ").count < 400)
      #expect(
        try Command.succeed("generate", "run", "--allow-unknown", "--length", "40", in: folder).contains(
          "<unk>")
      )
      let beam = try Command.succeed("generate", "run", "--beam", "3", "--length", "20", in: folder)
      #expect(!beam.contains("<unk>"))
    }
  }

  @Test func textTakesTheVocabularyOfAModel() throws {
    try SmallRun.withFolder { folder in
      try Command.succeed("train", "small.yaml", "--output", "run", in: folder)
      try Data("gfedcba abc\n".utf8).write(to: folder.appending(path: "new.txt"))
      try Command.succeed("data", "text", "new.txt", "--vocabulary", "run", "-o", "new.h5", in: folder)
      let file = try File(opening: folder.appending(path: "new.h5").path)
      #expect(try file.dataset("vocabulary").read(as: String.self) == "\n abcdefg".map(String.init))
      #expect(try file.dataset("train/tokens").read(as: Int.self) == [8, 7, 6, 5, 4, 3, 2, 1, 2, 3, 4, 0])
      let result = try Command.run("evaluate", "run", "--data", "new.h5", "--split", "train", in: folder)
      #expect(result.status == 0, "\(result.errors)")
    }
  }

  /// Steps answer what a prediction of the whole sequence has, also when they are continued by another process.
  @Test(arguments: ["every-step", "last-step"])
  func stepsAreThoseOfSequences(output: String) throws {
    try TemporaryFolder.use { folder in
      let file = try File(creating: folder.appending(path: "data.h5").path)
      let values = (0..<40).map { Float(100 + 10 * sin(Double($0 * $0))) }
      for split in ["train", "test"] {
        try file.write("\(split)/inputs", values, shape: [2, 10, 2])
        try file.write(
          "\(split)/targets", Array(values.prefix(output == "every-step" ? 20 : 2)),
          shape: output == "every-step" ? [2, 10, 1] : [2, 1])
      }
      try file.close()
      try Data(
        """
        data: {file: data.h5, standardize: true}
        model: {cell: lstm, hidden: 5, layers: 2, output: \(output)}
        loss: {kind: squared-error}
        training: {batch: 2, steps: 10}

        """.utf8
      ).write(to: folder.appending(path: "train.yaml"))
      try Command.succeed("train", "train.yaml", "--output", "run", in: folder)
      try Command.succeed("predict", "run", "-o", "p.jsonl", in: folder)
      let wanted = try Self.objects(
        String(decoding: try SmallRun.contents(folder, "p.jsonl"), as: UTF8.self)
      ).filter { $0["sequence"] as? Int == 0 }.map { $0["prediction"] as? Double }
      let lines = (0..<10).map { "\(values[2 * $0]), \(values[2 * $0 + 1])\n" }
      let whole = try Command.run(["step", "run"], input: lines.joined(), in: folder)
      let found = try Self.objects(whole.output).map { $0["prediction"] as? Double }
      #expect(found.count == 10 && (output == "every-step" ? found == wanted : found.last == wanted.first))
      let first = try Command.run(
        ["step", "run", "--state", "state.h5"], input: lines.prefix(4).joined(), in: folder)
      let second = try Command.run(
        ["step", "run", "--state", "state.h5"], input: lines.dropFirst(4).joined(), in: folder)
      #expect(first.output + second.output == whole.output)
      let bad = try Command.run(["step", "run"], input: "1 2\n1\n", in: folder)
      #expect(
        bad.status == 1
          && bad.errors == "weft: error: standard input:2: step 1: has 1 numbers; the model reads 2\n",
        "\(bad.errors)")
    }
  }

  @Test func stepsOfTokens() throws {
    try SmallRun.withFolder { folder in
      try Command.succeed("train", "small.yaml", "--output", "run", in: folder)
      try Command.succeed("predict", "run", "-o", "p.jsonl", in: folder)
      let wanted = try Self.objects(
        String(decoding: try SmallRun.contents(folder, "p.jsonl"), as: UTF8.self))
      let tokens = (0..<50).map { Array("\n abcdefg")[$0 * $0 / 3 % 9] }
      let lines = tokens.map { $0 == "\n" ? "\"\\n\"\n" : "\($0)\n" }.joined()
      let result = try Command.run(["step", "run"], input: lines, in: folder)
      let found = try Self.objects(result.output)
      #expect(found.count == 50)
      for (one, other) in zip(found, wanted) {
        #expect(NSDictionary(dictionary: one) == NSDictionary(dictionary: other))
      }
    }
  }

  /// The events of a run, and losses that are means since the last line however often a run was interrupted.
  @Test func runsAreFollowedAsJSON() throws {
    try SmallRun.withFolder { folder in
      let events = try Self.objects(
        Command.succeed(
          "train", "small.yaml", "--output", "run", "--json", "--set", "training.log_every=4", in: folder))
      #expect(events.first?["event"] as? String == "start" && events.first?["steps"] as? Int == 12)
      #expect(events.first?["parameters"] as? Int == 9 * 4 + 3 * 8 * (4 + 8) + 3 * 8 + 8 * 9 + 9)
      let names = events.map { $0["event"] as? String ?? "" }
      #expect(names.filter { $0 == "step" }.count == 3 && names.filter { $0 == "evaluation" }.count == 3)
      #expect(names.contains("checkpoint") && names.last == "end")
      #expect(events.last?["reason"] as? String == "finished" && events.last?["metric"] as? String == "loss")
      try Command.succeed("train", "small.yaml", "--output", "each", in: folder)
      func losses(_ run: String) throws -> [Double] {
        try Self.objects(String(decoding: SmallRun.contents(folder, "\(run)/metrics.jsonl"), as: UTF8.self))
          .filter { $0["split"] as? String == "train" }.compactMap { $0["loss"] as? Double }
      }
      let (means, all) = (try losses("run"), try losses("each"))
      for (number, mean) in means.enumerated() {
        #expect(abs(mean - all[4 * number..<4 * number + 4].reduce(0, +) / 4) < 1e-12)
      }
      let every = ["train", "small.yaml", "--output", "parts", "--set", "training.log_every=4"]
      for more in [["--until-step", "6"], ["--resume"]] {
        let result = try Command.run(every + more, in: folder)
        #expect(result.status == 0, "\(result.errors)")
      }
      #expect(
        try SmallRun.contents(folder, "parts/metrics.jsonl") == SmallRun.contents(folder, "run/metrics.jsonl")
      )
      let inspected = try Command.succeed("inspect", "run", "--json", in: folder)
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(inspected.utf8)) as? [String: Any])
      let metrics = try #require(report["metrics"] as? [[String: Any]])
      #expect(metrics.count == 4 && (metrics.last?["values"] as? [String: Double])?["accuracy"] != nil)
    }
  }

  /// The last line of the progress has the evaluation of that step.
  @Test func theLastLineHasItsEvaluation() throws {
    try SmallRun.withFolder { folder in
      let result = try Command.run("train", "small.yaml", "--output", "run", in: folder)
      let last = try #require(result.errors.split(separator: "\n").last)
      let evaluated = try Command.succeed("evaluate", "run", "--split", "validation", "--json", in: folder)
      let loss = try #require(try Self.objects(evaluated).first?["loss"] as? Double)
      #expect(last.hasPrefix("step 12/12"))
      if result.output.contains("at step 12") {
        #expect(last.contains(String(format: "validation %.4f", loss)))
      } else {
        #expect(last.contains("validation "))
      }
    }
  }
}
