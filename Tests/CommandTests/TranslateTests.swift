import Foundation
import FoundationXML
import HDF5
import TestSupport
import Testing

/// Translating from the command line.
@Suite struct TranslateTests {
  static let configuration = """
    data:
      file: pairs.h5
    model:
      kind: encoder-decoder
      cell: gru
      hidden: 12
      embedding: 6
      bidirectional: true
    training:
      batch: 8
      lanes: 4
      steps: 400
    optimizer:
      learning_rate: 0.02

    """

  /// Calls `body` with a folder with pairs of words and their translations.
  static func withData(_ body: (URL) throws -> Void) throws {
    try TemporaryFolder.use { folder in
      let file = try File(creating: folder.appending(path: "pairs.h5").path)
      try file.write("vocabulary", ["<unk>", "one", "two", "three"])
      try file.write("target_vocabulary", ["<unk>", "UNO", "DOS", "TRES"])
      try file.attributes.set("unit", to: "word")
      for (split, count) in [("train", 60), ("validation", 12), ("test", 12)] {
        var (tokens, offsets): ([UInt8], [Int]) = ([], [0])
        for pair in 0..<count {
          tokens += (0...pair % 3).map { UInt8(1 + (pair + $0 * $0) % 3) }
          offsets.append(tokens.count)
        }
        for name in ["input", "target"] {
          try file.write("\(split)/\(name)s", tokens)
          try file.write("\(split)/\(name == "input" ? "" : "target_")offsets", offsets)
        }
      }
      try file.close()
      try body(folder)
    }
  }

  /// Calls `body` with a folder with a run that maps words to upper case.
  private static func withRun(attention: String = "additive", _ body: (URL) throws -> Void) throws {
    try withData { folder in
      try Data(configuration.utf8).write(to: folder.appending(path: "train.yaml"))
      let trained = try Command.run(
        "train", "train.yaml", "--output", "run", "--set", "decoder.attention=\(attention)", in: folder)
      #expect(trained.status == 0)
      #expect(trained.output.contains(", best validation bleu "))
      #expect(trained.errors.contains("  bleu "))
      try body(folder)
    }
  }

  @Test func translatesTextAndLinesAndDrawsWhereItLooked() throws {
    try Self.withRun { folder in
      let text = try Command.run(
        "translate", "run", "--text", "two zebra", "--attention", "map.svg", "--beam", "3", in: folder)
      #expect(text.status == 0)
      #expect(text.errors == "weft: note: not in the vocabulary, read as <unk>: 'zebra'\n")
      #expect(text.output.hasSuffix("\n") && text.output.split(separator: "\n").count == 1)
      let map = try String(contentsOf: folder.appending(path: "map.svg"), encoding: .utf8)
      #expect(map.hasPrefix("<svg ") && map.contains(">two</text>") && map.contains("&lt;unk&gt;"))
      let parsed = try XMLDocument(data: Data(map.utf8))
      let cells = try parsed.nodes(forXPath: "//*[@class='cell']").count
      let rows = try parsed.nodes(forXPath: "//*[@class='row']").count
      #expect(cells == 2 * rows)

      let lines = try Command.run(
        ["translate", "run", "--beam", "1"], input: "\u{FEFF}one\n\ntwo three\r\nthree one one", in: folder)
      #expect(lines.status == 0)
      let answers = lines.output.split(separator: "\n", omittingEmptySubsequences: false)
      // A byte order mark is no text.
      #expect(answers[0] == "UNO" && lines.errors.isEmpty)
      #expect(answers.count == 5 && answers[1].isEmpty && answers[4].isEmpty)
      #expect(answers[2] == "DOS TRES" && answers[3] == "TRES UNO UNO")
    }
  }

  @Test func evaluationPrintsTheTasksMetrics() throws {
    try Self.withRun { folder in
      let text = try Command.run("evaluate", "run", "--split", "test", in: folder)
      #expect(text.output.contains("  bleu ") && text.output.contains("  exact "))
      let json = try Command.run("evaluate", "run", "--split", "test", "--json", in: folder)
      let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
      #expect(object?["bleu"] is Double && object?["exact"] is Double)
    }
  }

  @Test func badCallsAreOneLine() throws {
    try Self.withRun(attention: "none") { folder in
      let map = try Command.run("translate", "run", "--text", "one", "--attention", "map.svg", in: folder)
      #expect(map.status == 1)
      #expect(
        map.errors
          == "weft: error: run/best.h5: has decoder.attention 'none', so there is no attention to plot\n"
      )
      for (arguments, message) in [
        (["--attention", "map.svg"], "--attention needs --text"),
        (["--text", "one", "--beam", "0"], "--beam must be at least 1, not 0"),
        (["--length-penalty=-1"], "--length-penalty must be at least 0, not -1.0"),
      ] {
        let result = try Command.run(["translate", "run"] + arguments, in: folder)
        #expect(result.status == 2)
        #expect(result.errors == "weft: error: \(message)\n")
      }
      let generated = try Command.run("generate", "run", in: folder)
      #expect(generated.status == 1 && generated.errors.contains("is not a language model"))
      let bytes = try Command.run(["translate", "run"], bytes: Data([0xFF, 0x0A]), in: folder)
      #expect(bytes.status == 1)
      #expect(
        bytes.errors
          == "weft: error: line 1 of the input is not UTF-8 text; convert it, for example with iconv -f latin1 -t UTF-8\n"
      )
    }
    try SmallRun.withFolder { folder in
      _ = try Command.run("train", "small.yaml", "--output", "run", in: folder)
      let result = try Command.run("translate", "run", "--text", "a", in: folder)
      #expect(result.status == 1)
      #expect(
        result.errors
          == "weft: error: run/best.h5: is not a translation model\n")
    }
  }
}
