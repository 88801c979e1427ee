import Foundation
import HDF5
import TestSupport
import Testing

/// Runs that start from trained models, frozen parameters, and deliberate changes of resumed runs.
@Suite struct FineTuningTests {
  /// A text with other tokens than that of `SmallRun`, some in common.
  private static func writeText(to folder: URL) throws {
    let file = try File(creating: folder.appending(path: "other.h5").path)
    try file.attributes.set("unit", to: "character")
    try file.write("vocabulary", "xcab\nyz".map(String.init))
    for (split, count) in [("train", 200), ("validation", 60)] {
      try file.createGroup(split)
      try file.write("\(split)/tokens", (0..<count).map { UInt8($0 * $0 / 3 % 7) })
    }
    try file.close()
  }

  @discardableResult
  private static func train(_ run: String, _ arguments: String..., in folder: URL) throws -> String {
    let result = try Command.run(
      ["train", "small.yaml", "--output", run, "--set", "model.dropout=0"] + arguments, in: folder)
    #expect(result.status == 0, "\(result.errors)")
    return result.errors
  }

  private static func weights(_ run: String, _ name: String, in folder: URL) throws -> (
    values: [Float], columns: Int
  ) {
    let dataset = try File(opening: folder.appending(path: "\(run)/best.h5").path).dataset("weights/\(name)")
    return (try dataset.read(as: Float.self), try dataset.shape.last ?? 1)
  }

  @Test func tokensAreTakenByName() throws {
    try SmallRun.withFolder { folder in
      try Self.train("first", in: folder)
      try Self.writeText(to: folder)
      let notes = try Self.train(
        "second", "--from", "first", "--set", "data.file=other.h5", "--set",
        "optimizer.learning_rate=1.0e-30",
        "--set", "training.steps=1", in: folder)
      #expect(notes.contains("took 3 of 6 parameters at step 12"))
      #expect(
        notes.contains(
          "partly taken: embedding/weights (4 of 7 rows by name), output/weights (4 of 7 columns by name), output/bias (4 of 7"
            + " columns by name)"))
      let (old, new) = ("\n abcdefg".map(String.init), "xcab\nyz".map(String.init))
      let first = try Self.weights("first", "embedding/weights", in: folder)
      let second = try Self.weights("second", "embedding/weights", in: folder)
      let (firstOutput, secondOutput) = (
        try Self.weights("first", "output/weights", in: folder),
        try Self.weights("second", "output/weights", in: folder)
      )
      for (number, token) in new.enumerated() {
        let row = second.values[number * 4..<number * 4 + 4]
        let column = (0..<8).map { secondOutput.values[$0 * 7 + number] }
        guard let source = old.firstIndex(of: token) else { continue }
        #expect(row == first.values[source * 4..<source * 4 + 4])
        #expect(column == (0..<8).map { firstOutput.values[$0 * 9 + source] })
      }
      let recurrent = try Self.weights("second", "layer0/forward/recurrent_weights", in: folder).values
      #expect(try recurrent == Self.weights("first", "layer0/forward/recurrent_weights", in: folder).values)
      let inspected = try Command.run("inspect", "second", in: folder)
      #expect(inspected.output.contains("started from first/best.h5 (step 12)"))
    }
  }

  /// Frozen parameters keep their bits; their gradients do not count in the norm.
  @Test func frozenParameters() throws {
    try SmallRun.withFolder { folder in
      func norm(_ run: String) throws -> Double {
        let line = String(decoding: try SmallRun.contents(folder, "\(run)/metrics.jsonl"), as: UTF8.self)
          .split(separator: "\n")[0]
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return try #require(object?["gradient_norm"] as? Double)
      }
      try Self.train("first", in: folder)
      try Self.train(
        "frozen", "--from", "first", "--set", "training.freeze=[embedding, layer0/forward]",
        "--set", "training.average_decay=0.9", in: folder)
      try Self.train("others", "--from", "first", "--set", "training.freeze=output", in: folder)
      try Self.train("all", "--from", "first", in: folder)
      for name in [
        "embedding/weights", "layer0/forward/input_weights", "layer0/forward/bias", "output/weights",
      ] {
        let (before, after) = (
          try Self.weights("first", name, in: folder).values,
          try Self.weights("frozen", name, in: folder).values
        )
        #expect((before == after) == !name.hasPrefix("output"), "\(name)")
      }
      let parts = (try norm("frozen") * norm("frozen") + norm("others") * norm("others")).squareRoot()
      #expect(abs(parts / (try norm("all")) - 1) < 1e-5)
      for threads in ["1", "3"] {
        try Self.train("again\(threads)", "--from", "first", "--threads", threads, in: folder)
        #expect(
          try SmallRun.contents(folder, "again\(threads)/metrics.jsonl")
            == SmallRun.contents(folder, "all/metrics.jsonl"))
      }
    }
  }

  /// A factor of one half halves a step of gradient descent.
  @Test func learningRatesOfParameters() throws {
    try SmallRun.withFolder { folder in
      let options = ["--set", "optimizer={kind: sgd, learning_rate: 0.5}", "--set", "training.steps=1"]
      func values(_ run: String, _ name: String, _ more: String...) throws -> [Float] {
        if !more.isEmpty {
          let result = try Command.run(
            ["train", "small.yaml", "--output", run, "--set", "model.dropout=0"] + options + more, in: folder)
          #expect(result.status == 0, "\(result.errors)")
        }
        return try Self.weights(run, name, in: folder).values
      }
      let start = try values("start", "output/weights", "--set", "optimizer.learning_rate=1.0e-30")
      let whole = try values("whole", "output/weights", "--set", "training.log_every=1")
      let half = try values("half", "output/weights", "--set", "optimizer.rate_factors={output: 0.5}")
      for (start, (whole, half)) in zip(start, zip(whole, half)) {
        #expect(abs((whole - start) - 2 * (half - start)) < 1e-6)
      }
      #expect(whole != half && start != half)
      #expect(try values("whole", "embedding/weights") == values("half", "embedding/weights"))
    }
  }

  @Test func embeddingsFromText() throws {
    try SmallRun.withFolder { folder in
      try Data("a 1 2 3 4\nzz 9 9 9 9\nc -1 0.5 1e-3 7\r\n".utf8).write(
        to: folder.appending(path: "vectors.txt"))
      let notes = try Self.train(
        "run", "--embeddings", "vectors.txt", "--set", "training.freeze=embedding", in: folder)
      #expect(notes.contains("vectors.txt: embeddings of 2 of 9 tokens"))
      let values = try Self.weights("run", "embedding/weights", in: folder).values
      #expect(Array(values[8..<12]) == [1, 2, 3, 4] && Array(values[16..<20]) == [-1, 0.5, 1e-3, 7])
      for (text, message) in [
        ("a 1 2\nb 1 2\n", "bad.txt:1: has 2 numbers, but model.embedding is 4"),
        ("a 1 2 x 4\n", "bad.txt:1: 'x' is not a number"),
        ("q 1 2 3 4\n", "bad.txt: has none of the vocabulary's tokens"),
      ] {
        try Data(text.utf8).write(to: folder.appending(path: "bad.txt"))
        let result = try Command.run(
          "train", "small.yaml", "--output", "bad", "--embeddings", "bad.txt", in: folder)
        #expect(
          result.status == 1 && result.errors.hasSuffix("weft: error: \(message)\n"), "\(result.errors)")
      }
    }
  }

  @Test(.enabled(if: Python.has("numpy"), Python.missing)) func embeddingsFromNumPy() throws {
    try SmallRun.withFolder { folder in
      func save(_ expression: String) throws {
        let made = try Python.run(
          "import numpy; numpy.save('vectors.npy', \(expression))", in: folder)
        #expect(made.status == 0, "\(made.output)")
      }
      for type in ["float16", "float32", "float64", ">f4"] {
        try save("(numpy.arange(36).reshape(9, 4) / 8).astype('\(type)')")
        let notes = try Self.train(
          "run-\(type)", "--embeddings", "vectors.npy", "--set", "training.freeze=embedding", in: folder)
        #expect(notes.contains("vectors.npy: embeddings of all 9 tokens"))
        let values = try Self.weights("run-\(type)", "embedding/weights", in: folder).values
        #expect(values == (0..<36).map { Float($0) / 8 })
      }
      // What a file is, its first bytes tell.
      try FileManager.default.copyItem(
        at: folder.appending(path: "vectors.npy"), to: folder.appending(path: "vectors"))
      _ = try Self.train("run", "--embeddings", "vectors", in: folder)
      let archive = try Python.run(
        "import numpy; numpy.savez('vectors.npz', numpy.zeros((9, 4)))", in: folder)
      #expect(archive.status == 0)
      let refused = try Command.run(
        "train", "small.yaml", "--output", "bad", "--embeddings", "vectors.npz", in: folder)
      #expect(
        refused.status == 1
          && refused.errors.hasSuffix("vectors.npz: is an archive; save the matrix alone, with numpy.save\n"))
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "bad").path))
      let resumed = try Command.run(
        "train", "small.yaml", "--output", "run", "--embeddings", "vectors", "--resume", in: folder)
      #expect(resumed.status == 2 && resumed.errors.contains("--embeddings cannot be combined with --resume"))
      for (expression, message) in [
        ("numpy.zeros((9, 3))", "vectors.npy: has 3 columns, but model.embedding is 4"),
        (
          "numpy.zeros((8, 4))",
          "vectors.npy: has 8 rows, but the vocabulary has 9 tokens; without names, rows are in the order of /vocabulary"
        ),
        ("numpy.full((9, 4), numpy.nan)", "vectors.npy: row 0, column 0 is nan"),
        ("numpy.zeros(36)", "vectors.npy: has the shape [36], not [rows, columns]"),
        ("numpy.zeros((9, 4), int)", "vectors.npy: contains int64 numbers, not floating-point ones"),
      ] {
        try save(expression)
        let result = try Command.run(
          "train", "small.yaml", "--output", "bad", "--embeddings", "vectors.npy", in: folder)
        #expect(
          result.status == 1 && result.errors.hasSuffix("weft: error: \(message)\n"), "\(result.errors)")
      }
    }
  }

  /// A resumed run changes what --set names and nothing else; later resumptions need no flag.
  @Test func deliberateChanges() throws {
    try SmallRun.withFolder { folder in
      try Self.train("run", "--set", "training.steps=4", in: folder)
      let more = ["train", "small.yaml", "--output", "run", "--set", "model.dropout=0", "--resume"]
      let changed = try Command.run(
        more + ["--set", "optimizer.learning_rate=0.0001", "--set", "training.steps=8"], in: folder)
      #expect(changed.status == 0, "\(changed.errors)")
      #expect(changed.errors.contains("changed from step 5 on: optimizer.learning_rate: 0.0001, was 0.001"))
      let inspected = try Command.run("inspect", "run", in: folder)
      #expect(inspected.output.contains("changed after step 4: optimizer.learning_rate: 0.0001, was 0.001"))
      let metrics = String(decoding: try SmallRun.contents(folder, "run/metrics.jsonl"), as: UTF8.self)
      #expect(
        metrics.contains(#""step":5,"epoch":1,"split":"train""#)
          && metrics.contains(#""learning_rate":0.0001"#))
      let marked = metrics.split(separator: "\n").filter { $0.contains(#""configuration_changes":1"#) }
      #expect(marked.count == 4 && marked[0].hasPrefix(#"{"step":5,"#), "\(metrics)")
      let forgotten = try Command.run(more, in: folder)
      #expect(
        forgotten.status == 1
          && forgotten.errors.contains(
            "optimizer.learning_rate: 0.001, was 0.0001; to change it deliberately, repeat it with --set")
      )
      let other = try Command.run(more + ["--set", "training.batch=2"], in: folder)
      #expect(
        other.status == 1
          && other.errors.contains(
            "run: contains a run with a different configuration: training.batch: 2, was 4; optimizer.learning_rate: 0.001, was 0.0001"
          )
      )
    }
  }

  @Test func refusals() throws {
    try SmallRun.withFolder { folder in
      try Self.train("first", in: folder)
      for (arguments, status, message) in [
        (
          ["--set", "training.freeze=layer7"], 1 as Int32,
          "training.freeze: the model has no 'layer7'; its parameters are in embedding, layer0, output"
        ),
        (
          ["--set", "training.freeze=[embedding, layer0, output]"], 1,
          "training.freeze: no parameter is left to train"
        ),
        (
          ["--set", "optimizer.rate_factors={layer: 2}"], 1,
          "optimizer.rate_factors: the model has no 'layer'; its parameters are in embedding, layer0, output"
        ),
        (
          ["--set", "optimizer.rate_factors=3"], 2,
          "--set: optimizer.rate_factors: expected a mapping of names to numbers"
        ),
        (["--from", "nothing"], 1, "nothing: no such file or folder"),
        (["--from", "first", "--set", "model.hidden=9", "--set", "model.embedding=3"], 1, "made anew"),
      ] {
        let result = try Command.run(["train", "small.yaml", "--output", "run"] + arguments, in: folder)
        if message == "made anew" {
          // The output's bias alone fits.
          #expect(result.errors.contains("took 1 of 6 parameters"))
        } else {
          #expect(
            result.status == status && result.errors.hasSuffix("weft: error: \(message)\n"),
            "\(result.errors)")
        }
      }
    }
  }
}
