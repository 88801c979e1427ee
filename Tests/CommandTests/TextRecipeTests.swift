import Foundation
import TestSupport
import Testing

/// Small versions of the text recipes: their configurations with smaller sizes.
@Suite struct TextRecipeTests {
  private static func recipe(_ path: String) -> String {
    Command.packageFolder.appending(path: "datasets/\(path)").path
  }

  private static func settings(_ values: String) -> [String] {
    values.split(separator: " ").flatMap { ["--set", String($0)] }
  }

  private static func report(_ result: Command.Result) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  /// The unigram entropy of the 78 characters is 3.4, the bigram entropy 2.5.
  @Test func learnsShakespeare() throws {
    try TemporaryFolder.use { folder in
      let smaller = Self.settings(
        """
        model.layers=1 model.hidden=64 model.embedding=32 data.window=50 training.batch=32 training.steps=300 \
        training.evaluate_every=0 training.gradient_flow_every=0 optimizer.learning_rate=0.01 \
        schedule.warmup_steps=10
        """)
      let trained = try Command.run(
        ["train", Self.recipe("shakespeare/train.yaml"), "--output", "run"] + smaller, in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let evaluated = try Self.report(
        Command.run("evaluate", "run", "--split", "validation", "--json", in: folder))
      #expect(try #require(evaluated["loss"] as? Double) < 2.4)
      let text = try Command.run("generate", "run", "--prompt", "ROMEO.", "--beam", "3", in: folder)
      #expect(text.status == 0 && text.output.count == "ROMEO.".count + 400 + 1)
    }
  }

  /// Words with their translations; adjectives change position.
  private static let lexicon = (
    subjects: [("king", "rey"), ("priest", "sacerdote"), ("prophet", "profeta"), ("servant", "siervo")],
    adjectives: [("old", "viejo"), ("great", "grande"), ("evil", "malo"), ("wise", "sabio")],
    verbs: [("saw", "vió"), ("loved", "amó"), ("heard", "oyó"), ("blessed", "bendijo")],
    objects: [("people", "pueblo"), ("lion", "león"), ("sea", "mar"), ("fire", "fuego")]
  )

  /// Every verse that the lexicon makes, by the verb's chapter and its number.
  private static var verses: [(source: String, target: String, chapter: Int)] {
    var verses: [(String, String, Int)] = []
    for (s, subject) in lexicon.subjects.enumerated() {
      for (a, adjective) in lexicon.adjectives.enumerated() {
        for verb in lexicon.verbs {
          for object in lexicon.objects {
            verses.append(
              (
                "And the \(adjective.0) \(subject.0) \(verb.0) the \(object.0).",
                "Y el \(subject.1) \(adjective.1) \(verb.1) el \(object.1).", 4 * s + a
              ))
          }
        }
      }
    }
    return verses
  }

  /// Test chapters combine subjects and adjectives that no training verse combines.
  @Test func learnsToTranslateVerses() throws {
    try TemporaryFolder.use { folder in
      let lines = Self.verses.map { "\($0.source)\t\($0.target)\t\($0.chapter)\n" }.joined()
      try Data(lines.utf8).write(to: folder.appending(path: "verses.tsv"))
      let made = try Command.run(
        ["data", "parallel", "verses.tsv", "--unit", "subwords", "--vocabulary-size", "320"]
          + ["--split", "0.7,0.15,0.15", "-o", "verses.h5"], in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let smaller = Self.settings(
        """
        data.file=\(folder.path)/verses.h5 model.hidden=32 model.embedding=32 training.batch=16 training.epochs=60 \
        optimizer.learning_rate=0.01 schedule.warmup_steps=10
        """)
      let trained = try Command.run(
        ["train", Self.recipe("bible-verses/train.yaml"), "--output", "run"] + smaller, in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let evaluated = try Self.report(Command.run("evaluate", "run", "--json", in: folder))
      #expect(try #require(evaluated["bleu"] as? Double) > 60)
      let text = try Command.run(
        "translate", "run", "--text", "And the old king saw the sea.", "--attention", "map.svg", in: folder)
      #expect(text.output == "Y el rey viejo vió el mar.\n")
      let map = try String(contentsOf: folder.appending(path: "map.svg"), encoding: .utf8)
      #expect(map.contains(">▁And</text>") && map.contains(">▁Y</text>"))
    }
  }

  private static var hasPython: Bool {
    (try? Command.shell("python3 -c 'import zlib'", in: packageFolder).status) == 0
  }
  private static let packageFolder = Command.packageFolder

  /// SWORD modules, as in the Debian packages, become aligned verses in splits of whole chapters.
  @Test(.enabled(if: hasPython, "needs python3")) func preparesVerses() throws {
    try TemporaryFolder.use { folder in
      let maker = Self.packageFolder.appending(path: "Tests/CommandTests/make_verses.py").path
      let made = try Command.shell("python3 '\(maker)' packages", in: folder)
      #expect(made.status == 0, "\(made.errors)")
      let prepared = try Command.shell(
        """
        python3 '\(Self.recipe("bible-verses/prepare.py"))' --source packages --output verses.h5 \
        --vocabulary-size 400
        """, in: folder)
      #expect(prepared.status == 0, "\(prepared.errors)")
      #expect(
        prepared.output.hasPrefix(
          "118 verses of 40 chapters in 39 groups, the largest of 2 chapters; "
            + "left out 6 verses numbered otherwise and 2 that are said again\n"), "\(prepared.output)")
      let lines = try String(contentsOf: folder.appending(path: "verses.tsv"), encoding: .utf8)
        .split(separator: "\n")
      #expect(lines.count == 118)
      #expect(
        lines[0]
          == "A Psalm. In the beginning of 0 was verse 1, LORD.\tEn el principio de 0 fué Jehová.\tGen.1")
      #expect(
        lines[1]
          == "And the verse 2 of chapter 0 was good.\tY el verso 2 del capítulo 0 era bueno, Jehová.\tGen.1")
    }
  }
}
