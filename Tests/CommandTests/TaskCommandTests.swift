import Foundation
import FoundationXML
import HDF5
import TestSupport
import Testing

/// Subcommands for tasks of trained models, from the configuration file to the output.
@Suite struct TaskCommandTests {
  /// Writes data and a configuration, trains, and calls `body` with the folder, which contains `run`.
  private static func train(
    _ configuration: String, data: (File) throws -> Void, _ body: (URL) throws -> Void
  ) throws {
    try TemporaryFolder.use { folder in
      let file = try File(creating: folder.appending(path: "data.h5").path)
      try data(file)
      try file.close()
      try Data(configuration.utf8).write(to: folder.appending(path: "train.yaml"))
      let result = try Command.run("train", "train.yaml", "--output", "run", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      try body(folder)
    }
  }

  private static func object(_ text: Substring) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func classifies() throws {
    let configuration = """
      data: {file: data.h5}
      model: {cell: gru, hidden: 4, output: mean}
      training: {batch: 4, lanes: 2, steps: 3}

      """
    try Self.train(configuration) { file in
      try file.write("classes", ["low", "high"])
      for split in ["train", "test"] {
        try file.write("\(split)/inputs", (0..<24).map { Float($0 % 5) }, shape: [4, 3, 2])
        try file.write("\(split)/targets", [Int32]([0, 1, 1, -1]))
      }
    } _: { folder in
      let text = try Command.run("classify", "run", in: folder)
      let lines = text.output.split(separator: "\n")
      #expect(text.status == 0 && lines.count == 5)
      #expect(lines[3].wholeMatch(of: /3: (low|high)  \d+\.\d%/) != nil)
      #expect(lines[4].wholeMatch(of: /accuracy \d+\.\d\d%  macro F1 \d\.\d{4}  3 sequences/) != nil)
      let json = try Command.run("classify", "run", "data.h5", "--split", "train", "--json", in: folder)
      let first = try Self.object(json.output.split(separator: "\n")[0])
      #expect(first["sequence"] as? Int == 0 && first["label"] as? String == "low")
      let other = try Command.run("forecast", "run", in: folder)
      #expect(other.errors == "weft: error: run/best.h5: is not a forecasting model (data.horizon)\n")
      #expect(other.status == 1)
    }
  }

  /// Labels of another file are translated by the names of their classes.
  @Test func classesOfOtherFilesAreTakenByName() throws {
    let configuration = """
      data: {file: data.h5}
      model: {cell: gru, hidden: 4, output: last-step}
      training: {batch: 4, lanes: 2, steps: 60, evaluate_every: 60}
      optimizer: {learning_rate: 0.05}

      """
    func write(_ file: File, classes: [String], labels: [Int32]) throws {
      if !classes.isEmpty { try file.write("classes", classes) }
      for split in ["train", "validation", "test"] {
        let rows = (0..<24).map { $0 % 3 }
        try file.write(
          "\(split)/inputs", rows.flatMap { row in (0..<5).map { _ in Float(row - 1) } }, shape: [24, 5, 1])
        try file.write("\(split)/targets", rows.map { labels[$0] })
      }
    }
    try Self.train(configuration) {
      try write($0, classes: ["low", "mid", "high"], labels: [0, 1, 2])
    } _: { folder in
      func evaluated(_ file: String) throws -> Command.Result {
        try Command.run("evaluate", "run", "--data", file, in: folder)
      }
      let own = try evaluated("data.h5")
      #expect(own.status == 0 && own.output.contains("accuracy 100.00%"), "\(own.output)\(own.errors)")
      for (name, classes, labels) in [
        ("order.h5", ["high", "low", "mid"], [1, 2, 0] as [Int32]),
        ("fewer.h5", ["mid", "high"], [0, 0, 1]),
        ("unnamed.h5", [], [0, 1, 2]), ("other.h5", ["low", "mid", "top"], [0, 1, 2]),
      ] {
        let file = try File(creating: folder.appending(path: name).path)
        try write(file, classes: classes, labels: labels)
        try file.close()
      }
      #expect(try evaluated("order.h5").output == own.output.replacing("data.h5", with: "order.h5"))
      let fewer = try evaluated("fewer.h5")
      #expect(fewer.output.contains("accuracy 66.67%"), "\(fewer.output)\(fewer.errors)")
      let other = try evaluated("other.h5")
      #expect(other.status == 1)
      #expect(
        other.errors
          == "weft: error: other.h5: dataset /classes: the model does not know 'top'; its classes are"
          + " 'low', 'mid', 'high'\n", "\(other.errors)")
      // Files that are read together have one order.
      let several = configuration.replacing("file: data.h5", with: "files: [data.h5, order.h5]")
      try Data(several.utf8).write(to: folder.appending(path: "several.yaml"))
      let both = try Command.run("train", "several.yaml", "--output", "both", in: folder)
      #expect(
        both.status == 1
          && both.errors.contains("order.h5: dataset /classes: class 0 is 'high', but 'low' in"),
        "\(both.errors)")
    }
  }

  private static let series = """
    data: {file: data.h5, context: 8, horizon: 4, standardize: true}
    model: {cell: lstm, hidden: 4, output: every-step}
    loss: {kind: gaussian}
    training: {batch: 8, lanes: 2, steps: 4}

    """

  private static func writeSeries(_ file: File) throws {
    for split in ["train", "validation", "test"] {
      try file.write("\(split)/inputs", (0..<40).map { Float(20 + 3 * sin(Double($0))) }, shape: [40, 1])
    }
    try file.write("test/labels", (0..<40).map { UInt8($0 == 30 ? 1 : 0) })
  }

  @Test func forecasts() throws {
    try Self.train(Self.series, data: Self.writeSeries) { folder in
      let text = try Command.run(
        "forecast", "run", "--horizon", "6", "--origin", "20", "--plot", "plot.svg", in: folder)
      let lines = text.output.split(separator: "\n")
      #expect(text.status == 0 && lines.count == 8)
      #expect(lines[0].contains("forecast") && lines[0].contains("ground truth") && lines[0].contains("95%"))
      #expect(lines[1].hasPrefix("  20  ") && lines[7].hasPrefix("mean absolute error "))
      let picture = try String(contentsOf: folder.appending(path: "plot.svg"), encoding: .utf8)
      #expect(
        picture.hasPrefix("<svg") && picture.hasSuffix("</svg>\n") && picture.contains("class=\"band0\""))
      #expect(XMLParser(data: Data(picture.utf8)).parse())
      let json = try Command.run("forecast", "run", "--json", in: folder)
      let report = try Self.object(json.output[...])
      #expect(report["origin"] as? Int == 40 && (report["median"] as? [[Double]])?.count == 4)
      #expect(
        (report["quantiles"] as? [[[Double]]])?.count == 6
          && (report["ground_truth"] as? [Any])?.isEmpty == true)
      #expect(
        try Command.run("forecast", "run", "--json", "--threads", "1", in: folder).output == json.output)
      #expect(try Command.run("forecast", "run", "--origin", "3", in: folder).status == 2)
      #expect(try Command.run("report", "run", in: folder).status == 0)
      let page = try String(contentsOf: folder.appending(path: "run/report.html"), encoding: .utf8)
      // Forecasts from the middle and the end of the comparable range; anomalies because the split has labels.
      let pictures = page.matches(of: #/alt="(.*?): /#).map { String($0.1) }
      #expect(pictures == ["Forecast of 4 steps", "Forecast of 4 steps", "Anomalies"])
      #expect(page.contains("alt=\"Forecast of 4 steps: from step 36, by run/best.h5\""))
      #expect(page.contains("<h3>Detected anomalies</h3>"))
    }
  }

  @Test func detects() throws {
    try Self.train(Self.series, data: Self.writeSeries) { folder in
      let text = try Command.run("detect", "run", "--plot", "plot.svg", "--window", "9", in: folder)
      #expect(text.status == 0)
      #expect(text.output.contains(/anomal(?:y|ies) above/))
      #expect(text.output.contains("model           ROC-AUC "))
      #expect(text.output.contains("moving z-score  ROC-AUC "))
      let picture = try String(contentsOf: folder.appending(path: "plot.svg"), encoding: .utf8)
      #expect(picture.contains(">labeled</text>") && XMLParser(data: Data(picture.utf8)).parse())
      let json = try Command.run("detect", "run", "data.h5", "--quantile", "0", "--json", in: folder)
      let report = try Self.object(json.output[...])
      #expect((report["spans"] as? [Any])?.isEmpty == false && report["model"] != nil)
      #expect(try Command.run("detect", "run", "--quantile", "2", in: folder).status == 2)
    }
  }

  /// A second of a tone, 16 bits a sample.
  private static func sound(rate: Int, loudness: Double) -> Data {
    let samples = (0..<rate).map {
      Float(loudness / 32_767 * sin(2 * Double.pi * 440 * Double($0) / Double(rate)))
    }
    return Data(WaveFile.integers(samples, rate: rate))
  }

  @Test func transcribes() throws {
    let configuration = """
      data: {file: data.h5}
      model: {cell: gru, hidden: 4}
      loss: {kind: ctc}
      training: {batch: 2, lanes: 2, steps: 2}

      """
    let settings = """
      {"rate":8000,"window_length":200,"hop_length":80,"bands":4,"scale":"htk","low_frequency":0,\
      "high_frequency":4000,"pre_emphasis":0,"floor":1e-10}
      """
    try Self.train(configuration) { file in
      try file.attributes.set("preparation", to: "{\"log_mel\":\(settings)}")
      try file.write("target_vocabulary", ["a", "b"])
      try file.write("train/inputs", (0..<40).map { Float($0 % 7) }, shape: [10, 4])
      try file.write("train/offsets", [0, 5, 10])
      try file.write("train/targets", [Int32]([0, 1, 1]))
      try file.write("train/target_offsets", [0, 2, 3])
    } _: { folder in
      try Self.sound(rate: 8000, loudness: 9000).write(to: folder.appending(path: "tone.wav"))
      try Self.sound(rate: 22050, loudness: 9000).write(to: folder.appending(path: "fast.wav"))
      try Self.sound(rate: 8000, loudness: 0).write(to: folder.appending(path: "silence.wav"))
      let text = try Command.run("transcribe", "run", "tone.wav", in: folder)
      #expect(text.status == 0 && text.errors.isEmpty)
      #expect(text.output.wholeMatch(of: /[ab]*\n/) != nil)
      let drawn = try Command.run("transcribe", "run", "tone.wav", "--plot", "plot.svg", in: folder)
      #expect(drawn.status == 0 && drawn.output == text.output)
      let picture = try String(contentsOf: folder.appending(path: "plot.svg"), encoding: .utf8)
      #expect(picture.contains("class=\"shades\"") && XMLParser(data: Data(picture.utf8)).parse())
      let several = try Command.run(
        "transcribe", "run", "tone.wav", "fast.wav", "--plot", "x.svg", in: folder)
      #expect(
        several.errors.hasPrefix("weft: error: --plot needs a single file, not 2") && several.status == 2)
      let two = try Command.run("transcribe", "run", "fast.wav", "tone.wav", "--json", in: folder)
      #expect(two.status == 0 && two.output.split(separator: "\n").count == 2)
      #expect(two.errors.hasPrefix("weft: note: ") && two.errors.contains("fast.wav"))
      for (file, status) in [("silence.wav", Int32(1)), ("missing.wav", 1), ("train.yaml", 1)] {
        let result = try Command.run("transcribe", "run", file, in: folder)
        #expect(result.status == status && result.errors.hasPrefix("weft: error: "))
        #expect(result.errors.contains(file) && result.errors.filter(\.isNewline).count == 1)
      }
      let wrong = try Command.run("transcribe", "run", "tone.wav", "--language-model", "run", in: folder)
      #expect(wrong.errors == "weft: error: run/best.h5: is not a language model\n" && wrong.status == 1)
    }
  }
}
