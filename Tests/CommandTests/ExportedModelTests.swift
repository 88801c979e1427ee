import Foundation
import HDF5
import TestSupport
import Testing

/// The programs of `docs/using-exported-models.md`, on small runs of each task, against what `weft` gives.
@Suite(.enabled(if: Python.has("onnxruntime", "h5py"), Python.missing))
struct ExportedModelTests {
  private static let page = DocumentationPage.all.first { $0.path == "docs/using-exported-models.md" }

  /// Trains, exports a model as the page tells, and gives what its program leaves in a variable.
  ///
  /// - Parameters:
  ///   - name: Name of the page's run.
  ///   - before: Python that sets what the program reads.
  ///   - answer: A Python expression.
  private static func answer(
    _ name: String, _ configuration: String, before: String, answer: String, in folder: URL
  ) throws -> Any {
    let page = try #require(page)
    try Data(configuration.utf8).write(to: folder.appending(path: "train.yaml"))
    let trained = try Command.run("train", "train.yaml", "--output", "runs/\(name)", in: folder)
    #expect(trained.status == 0, "\(trained.errors)")
    let command = try #require(
      page.commands("weft").first { $0.words.contains("runs/\(name)") && $0.words.contains("export") })
    let exported = try Command.run(command.words.filter { $0 != "weft" }, in: folder)
    #expect(exported.status == 0, "\(exported.errors)")
    let blocks = page.blocks.filter { $0.language == "python" }.map(\.text)
    let block = try #require(blocks.first { $0.contains("load(\"\(name).onnx\")") })
    let program = [
      "import h5py", blocks[0], before, block, "print(json.dumps([\(answer)], default=float))",
    ].joined(separator: "\n")
    let result = try Python.run(program, in: folder)
    #expect(result.status == 0, "\(result.output)")
    let list = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [Any]
    return try #require(list?.first)
  }

  private static func object(_ text: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private static func data(in folder: URL, _ write: (File) throws -> Void) throws {
    let file = try File(creating: folder.appending(path: "data.h5").path)
    try write(file)
    try file.close()
  }

  @Test func languageModels() throws {
    try SmallRun.withFolder { folder in
      let text = try Self.answer(
        "shakespeare", SmallRun.configuration, before: "prompt, length = 'abc', 20", answer: "text",
        in: folder
      )
      let wanted = try Command.run(
        "generate", "runs/shakespeare", "--prompt", "abc", "--length", "20", "--temperature", "0", in: folder)
      #expect(wanted.output.hasPrefix(text as? String ?? "none"), "\(text) \(wanted.output)")
    }
  }

  /// Rows of 3, 2, 4 and 1 steps.
  private static let offsets = [0, 3, 5, 9, 10]
  /// Reads the rows of the test split.
  private static let sequences = """
    with h5py.File("data.h5") as file:
        values, offsets = file["test/inputs"][()], file["test/offsets"][()]
        sequences = [values[first:last] for first, last in zip(offsets, offsets[1:])]
        targets = file["test/targets"][()]
    """

  @Test func classifiers() throws {
    try TemporaryFolder.use { folder in
      try Self.data(in: folder) { file in
        try file.write("classes", ["low", "middle", "high"])
        for split in ["train", "test"] {
          try file.write("\(split)/inputs", (0..<20).map { Float($0 * $0 % 7) }, shape: [10, 2])
          try file.write("\(split)/offsets", Self.offsets)
          try file.write("\(split)/targets", [Int32]([0, 1, 1, 2]))
        }
      }
      let configuration = """
        data: {file: data.h5}
        model: {cell: lstm, hidden: 6, output: mean}
        training: {batch: 4, lanes: 2, steps: 30}

        """
      let names = try Self.answer(
        "vowels", configuration, before: Self.sequences, answer: "names", in: folder)
      let wanted = try Command.run("classify", "runs/vowels", "--json", in: folder).output
        .split(separator: "\n").map { try Self.object($0)["class"] as? String }
      #expect(names as? [String?] == wanted && wanted.count == 4)
    }
  }

  @Test func taggers() throws {
    try TemporaryFolder.use { folder in
      try Self.data(in: folder) { file in
        try file.write("vocabulary", ["a", "b", "c", "d"])
        for split in ["train", "test"] {
          try file.write("\(split)/inputs", (0..<10).map { UInt8($0 * $0 % 4) })
          try file.write("\(split)/offsets", Self.offsets)
          try file.write("\(split)/targets", (0..<10).map { UInt8($0 * $0 % 3) })
        }
      }
      let configuration = """
        data: {file: data.h5}
        model: {cell: gru, hidden: 6, embedding: 3, bidirectional: true}
        training: {batch: 4, lanes: 2, steps: 20}

        """
      let loss = try Self.answer(
        "tags", configuration, before: Self.sequences,
        answer: """
          -numpy.log(numpy.concatenate([
              row[:length] for row, length in zip(probabilities, lengths)])[range(len(targets)), targets]).mean()
          """, in: folder)
      let evaluated = try Command.run("evaluate", "runs/tags", "--split", "test", "--json", in: folder)
      let wanted = try #require(try Self.object(evaluated.output)["loss"] as? Double, "\(evaluated)")
      #expect(abs((loss as? Double ?? .nan) - wanted) < 1e-5, "\(loss) \(wanted)")
    }
  }

  private static func writeSeries(_ file: File) throws {
    for split in ["train", "validation", "test"] {
      try file.write(
        "\(split)/inputs", (0..<60).map { Float(20 + 3 * sin(Double($0 * ($0 % 7)))) }, shape: [60, 1])
    }
  }

  private static let series = "with h5py.File('data.h5') as file: series = file['test/inputs'][()]"

  @Test func forecasters() throws {
    try TemporaryFolder.use { folder in
      try Self.data(in: folder, Self.writeSeries)
      let configuration = """
        data: {file: data.h5, context: 12, horizon: 4, standardize: true}
        model: {cell: lstm, hidden: 4, output: last-step}
        loss: {kind: quantile}
        training: {batch: 8, lanes: 2, steps: 6}

        """
      let found = try Self.answer(
        "temperatures", configuration, before: "\(Self.series)\ncontext_length = 12",
        answer: "[forecast.tolist(), low.tolist(), high.tolist()]", in: folder)
      let values = try #require(found as? [[[Double]]])
      let report = try Self.object(
        try Command.run("forecast", "runs/temperatures", "--json", in: folder).output)
      let median = try #require(report["median"] as? [[Double]])
      #expect(median.count == 4)
      for (row, other) in zip(values[0], median) { #expect(abs(row[0] - other[0]) < 1e-4) }
      #expect(zip(values[1], values[2]).allSatisfy { $0[0] <= $1[0] })
    }
  }

  @Test func detectors() throws {
    try TemporaryFolder.use { folder in
      try Self.data(in: folder, Self.writeSeries)
      let configuration = """
        data: {file: data.h5, window: 20}
        model: {cell: lstm, hidden: 4}
        loss: {kind: gaussian}
        training: {batch: 8, lanes: 2, steps: 6}

        """
      let found = try Self.answer(
        "sensor", configuration, before: Self.series, answer: "[scores.argmax() + 1, scores.max()]",
        in: folder)
      let greatest = try #require(found as? [Double])
      let report = try Self.object(
        try Command.run("detect", "runs/sensor", "--quantile", "0.9", "--json", in: folder).output)
      let spans = try #require(report["spans"] as? [[String: Any]])
      let scores = spans.compactMap { $0["max_score"] as? Double }
      let place = try #require(scores.indices.max { scores[$0] < scores[$1] }, "\(report)")
      #expect(abs(scores[place] - greatest[1]) < 1e-4 * abs(greatest[1]))
      let (first, last) = (spans[place]["first"] as? Int ?? .max, spans[place]["last"] as? Int ?? .min)
      #expect(first <= Int(greatest[0]) && Int(greatest[0]) <= last)
    }
  }

  @Test func translators() throws {
    try TranslateTests.withData { folder in
      for attention in ["additive", "general"] {
        try? FileManager.default.removeItem(at: folder.appending(path: "runs"))
        for file in ["verses.onnx", "verses.decoder.onnx"] {
          try? FileManager.default.removeItem(at: folder.appending(path: file))
        }
        let words = try Self.answer(
          "verses", TranslateTests.configuration + "decoder: {attention: \(attention)}\n",
          before: "text, maximum = 'two three one', 10", answer: "' '.join(words)", in: folder)
        let wanted = try Command.run(
          "translate", "runs/verses", "--text", "two three one", "--beam", "1", "--maximum-length", "10",
          in: folder)
        #expect("\(words)\n" == wanted.output && wanted.output.count > 1)
      }
    }
  }

  @Test func transcribers() throws {
    try TemporaryFolder.use { folder in
      // A tone for each letter.
      var words = ["a", "b"]
      for _ in 0..<3 { words = ["a", "b"] + words.flatMap { [$0 + "a", $0 + "b"] } }
      for word in words {
        var samples: [Float] = []
        for letter in word {
          let pitch = letter == "a" ? 0.3 : 0.8
          for step in 0..<1200 { samples.append(Float(0.3 * sin(Double(step) * pitch))) }
          for step in 0..<400 { samples.append(Float(0.001 * sin(Double(step)))) }
        }
        try Data(WaveFile.integers(samples, rate: 8000)).write(to: folder.appending(path: "\(word).wav"))
      }
      let list = words.map { "\($0).wav\t\($0)\n" }.joined()
      try Data(list.utf8).write(to: folder.appending(path: "clips.tsv"))
      let made = try Command.run(
        "data", "audio", "clips.tsv", "--rate", "8000", "--mels", "8", "--split", "0.6,0.2,0.2", "--output",
        "data.h5", in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let configuration = """
        data: {file: data.h5, standardize: true}
        model: {cell: lstm, hidden: 12, bidirectional: true}
        loss: {kind: ctc}
        training: {batch: 4, lanes: 2, steps: 150}
        optimizer: {learning_rate: 0.02}

        """
      let before = """
        with h5py.File('data.h5') as file:
            features = file['test/inputs'][:file['test/offsets'][1]]
            name = file['test/files'].asstr()[0]
        """
      let found = try Self.answer(
        "speech", configuration, before: before, answer: "[text, name]", in: folder)
      let answer = try #require(found as? [String])
      let wanted = try Command.run("transcribe", "runs/speech", answer[1], "--beam", "1", in: folder)
      #expect("\(answer[0])\n" == wanted.output && wanted.output.count > 1, "\(wanted)")
    }
  }
}
