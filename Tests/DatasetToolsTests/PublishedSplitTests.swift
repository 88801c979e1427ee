import DatasetTools
import Foundation
import HDF5
import Media
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftText

/// Splits with files of their own stay as they were published.
@Suite("Published splits") struct PublishedSplitTests {
  private func text(_ file: File, _ split: String) throws -> String {
    let vocabulary = try #require(try Vocabularies(in: file).inputs)
    return try vocabulary.decode(file.dataset("\(split)/tokens").read(as: Int32.self))
  }

  @Test func textOfEachSplit() throws {
    let fixture = try Fixture()
    var dataset = TextDataset(
      files: [try fixture.write("a b a\nb b\n", "x.train.txt")], vocabulary: VocabularyOptions(unit: .token))
    dataset.others = [
      SplitSource("validation", [try fixture.write("b c\n", "x.valid.txt")]),
      SplitSource("test", [try fixture.write("a\n", "x.test.txt"), try fixture.write("d a", "more.txt")]),
    ]
    for splitting in TextSplitting.allCases {
      dataset.splitting = splitting
      let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      #expect(try text(file, "train") == "a b a\nb b\n")
      // Only the training text gives tokens.
      #expect(try text(file, "validation") == "b <unk>\n")
      #expect(try text(file, "test") == "a\n<unk> a\n")
      #expect(summary.splits.map(\.name) == ["train", "validation", "test"])
    }
  }

  @Test func aPublishedTestAndADrawnValidation() throws {
    let fixture = try Fixture()
    let lines = (0..<100).map { "line \($0)\n" }.joined()
    var dataset = TextDataset(
      files: [try fixture.write(lines)], vocabulary: VocabularyOptions(unit: .character))
    dataset.plan = try SplitPlan("0.9,0.1")
    dataset.others = [SplitSource("test", [try fixture.write("line 7\n", "test.txt")])]
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try text(file, "train") + text(file, "validation") == lines)
    #expect(try text(file, "test") == "line 7\n")
    dataset.others = [SplitSource("validation", [fixture.path("test.txt")])]
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }
        == "--validation: --split has a part for 'validation', too; give fewer fractions, or remove --validation"
    )
  }

  /// As `len(set(test) & set(train))` of Python counts them.
  @Test func whatIsInTrainingAsWell() throws {
    let fixture = try Fixture()
    func write(_ range: Range<Int>, _ name: String, _ line: (Int) -> String) throws -> String {
      try fixture.write(range.map { line($0) + "\n" }.joined(), name)
    }
    func note(_ shared: Int, _ all: Int, _ unit: String, _ split: String) -> String {
      "\(shared) of \(all) different \(unit) of \(split) are in train as well; results on these do not tell how a model does on"
        + " others"
    }
    func told(_ body: (DatasetWriter, ProgressReporter) throws -> ConversionSummary) throws -> [String] {
      try fixture.make { try body($0, $1) }.summary.notes.filter { $0.contains("as well") }
    }
    let label = { (number: Int) in "__label__\(number % 2) text number \(number)" }
    var texts = LabelledTextDataset(
      paths: [try write(0..<40, "a.txt", label)], form: .prefixedLines(prefix: "__label__"),
      vocabulary: VocabularyOptions(unit: .word))
    texts.others = [
      SplitSource("validation", [try write(40..<50, "v.txt", label)]),
      // A text that occurs twice is one.
      SplitSource("test", [try write(30..<50, "t.txt", label), try write(31..<33, "u.txt", label)]),
    ]
    #expect(try told { try texts.write(to: $0, progress: $1) } == [note(10, 20, "texts", "test")])

    var pairs = ParallelTextDataset(
      source: .tabSeparated(try write(0..<40, "a.tsv") { "satz \($0)\tsentence \($0)" }),
      vocabulary: VocabularyOptions(unit: .character))
    // The same source with another translation is another pair.
    pairs.others = [
      SplitSource(
        "test", .tabSeparated(try write(36..<44, "t.tsv") { "satz \($0)\tsentence \($0 == 36 ? 0 : $0)" }))
    ]
    #expect(try told { try pairs.write(to: $0, progress: $1) } == [note(3, 8, "pairs", "test")])
    pairs.others = [SplitSource("test", .tabSeparated(try write(40..<44, "o.tsv") { "satz \($0)\tx" }))]
    #expect(try told { try pairs.write(to: $0, progress: $1) }.isEmpty)

    let word = { (number: Int) in "the\tDT\nnumber\tNN\n\(number)\tCD\n" }
    var tagged = TaggedTextDataset(
      paths: [try write(0..<40, "a.conll", word)], columns: TaggedColumns(),
      vocabulary: VocabularyOptions(unit: .token))
    tagged.others = [SplitSource("test", [try write(38..<45, "t.conll", word)])]
    #expect(try told { try tagged.write(to: $0, progress: $1) } == [note(2, 7, "sentences", "test")])
  }

  @Test func pairsOfEachSplit() throws {
    let fixture = try Fixture()
    let train = try fixture.write("a b\nb\n", "train.de")
    var dataset = ParallelTextDataset(
      source: .files(source: train, target: try fixture.write("x\ny\n", "train.en")),
      vocabulary: VocabularyOptions(unit: .token))
    dataset.others = [
      SplitSource("validation", .tabSeparated(try fixture.write("b b\tx\n", "dev.tsv"))),
      SplitSource(
        "test",
        .files(
          source: try fixture.write("a\nb\na\n", "test.de"), target: try fixture.write("y\nx\nx\n", "test.en")
        )),
    ]
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(summary.splits.map(\.count) == [2, 1, 3])
    #expect(try Vocabularies(in: file).inputs?.tokens.suffix(2) == ["b", "a"])
    #expect(try file.dataset("validation/inputs").read(as: Int.self) == [4, 4, 2])
    #expect(try file.dataset("test/offsets").read(as: Int.self) == [0, 2, 4, 6])
  }

  @Test func recordingsOfEachSplit() throws {
    let fixture = try Fixture()
    let voice = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "MediaTests/Fixtures/voice.wav").path
    var dataset = AudioDataset(
      source: TranscribedSource(try fixture.write("\(voice)\ta\n\(voice)\tb\n", "train.tsv")),
      features: LogMelSettings(), vocabulary: VocabularyOptions(unit: .character))
    dataset.others = [
      SplitSource("validation", TranscribedSource(try fixture.write("\(voice)\tb\n", "dev.tsv")))
    ]
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(summary.splits.map(\.count) == [2, 1])
    #expect(try file.dataset("validation/texts").read(as: String.self) == ["b"])
  }
}
