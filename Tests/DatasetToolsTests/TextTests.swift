import DatasetTools
import Foundation
import HDF5
import Testing

@testable import WeftBase
@testable import WeftConfiguration
@testable import WeftMetrics
@testable import WeftText

@Suite struct TextTests {
  private func tokens(_ file: File, _ split: String) throws -> [Int32] {
    try file.dataset("\(split)/tokens").read(as: Int32.self)
  }

  private func text(_ file: File, _ split: String) throws -> String {
    let vocabulary = try #require(try Vocabularies(in: file).inputs)
    return vocabulary.decode(try tokens(file, split))
  }

  @Test func charactersInPlace() throws {
    let fixture = try Fixture()
    let lines = (0..<100).map { "line \($0) é🧵" }
    let path = try fixture.write(lines.joined(separator: "\r\n"))
    var dataset = TextDataset(files: [path], vocabulary: VocabularyOptions(unit: .character))
    dataset.plan = try SplitPlan("0.8,0.1,0.1")
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let parts = try ["train", "validation", "test"].map { try text(file, $0) }
    #expect(parts.joined() == lines.map { $0 + "\n" }.joined())
    #expect(parts.allSatisfy { $0.hasSuffix("\n") })
    #expect(abs(parts[0].count - 8 * parts[1].count) < 8 * 20)
    #expect(
      try file.dataset("train/tokens").datatype == .integer(bits: 8, isSigned: false, isBigEndian: false))
    #expect(summary.splits.map(\.count) == parts.map(\.unicodeScalars.count))
  }

  @Test func rareCharactersAreUnknown() throws {
    let fixture = try Fixture()
    let path = try fixture.write("aaabbbbc\n")
    var options = VocabularyOptions(unit: .character)
    options.minimumCount = 3
    let (file, summary) = try fixture.make {
      try TextDataset(files: [path], vocabulary: options).write(to: $0, progress: $1)
    }
    #expect(try file.dataset("vocabulary").read(as: String.self) == ["<unk>", "a", "b"])
    #expect(try tokens(file, "train") == [1, 1, 1, 2, 2, 2, 2, 0, 0])
    #expect(summary.notes.last == "2 tokens (22.2%) are <unk>")
  }

  @Test func wordsFollowTheRule() throws {
    let words = WordSegmenter.words(
      "Don’t  stop, \"it's 3,000.50 o'clock\" -- well-known e\u{301}te\u{301}... (a-)\nnew\r\nline 10:30")
    #expect(
      words.map(String.init) == [
        "Don’t", "stop", ",", "\"", "it's", "3,000.50", "o'clock", "\"", "--", "well-known",
        "e\u{301}te\u{301}",
        "...", "(", "a", "-", ")", "\n", "new", "\n", "line", "10:30",
      ])
  }

  /// As in the Penn Treebank and WikiText, whose published counts are of these tokens, with one for each line break.
  @Test func tokensOfTokenizedText() throws {
    let fixture = try Fixture()
    let text = " <unk> N 's u.s. @-@ year \n \n = a  b\u{3000}c =\n"
    #expect(
      WordSegmenter.tokens(text).map(String.init)
        == ["<unk>", "N", "'s", "u.s.", "@-@", "year", "\n", "\n", "=", "a", "b", "c", "=", "\n"])
    let path = try fixture.write(text)
    let (file, summary) = try fixture.make {
      try TextDataset(files: [path], vocabulary: VocabularyOptions(unit: .token)).write(to: $0, progress: $1)
    }
    #expect(summary.splits.map(\.count) == [14])
    let vocabulary = try #require(try Vocabularies(in: file).inputs)
    #expect(vocabulary.unit == .token && vocabulary.count == 11)
    #expect(try self.text(file, "train") == "<unk> N 's u.s. @-@ year\n\n= a b c =\n")
    #expect(vocabulary.unknownParts(of: "a new-born  N") == ["new-born"])
  }

  @Test func specialTokensOfTextAreThemselves() throws {
    let words = WordSegmenter.words("the <unk> of<eos> <bos><pad> <unknown> < unk >")
    #expect(
      words.map(String.init) == [
        "the", "<unk>", "of", "<eos>", "<bos>", "<pad>", "<", "unknown", ">", "<", "unk", ">",
      ])
    let fixture = try Fixture()
    let path = try fixture.write("the <unk> <unk>\nthe <unk>\n")
    let (file, _) = try fixture.make {
      try TextDataset(files: [path], vocabulary: VocabularyOptions(unit: .word)).write(to: $0, progress: $1)
    }
    #expect(try Vocabularies(in: file).inputs?.tokens == ["<unk>", "\n", "the"])
    #expect(try tokens(file, "train") == [2, 0, 0, 1, 2, 0, 1])
    let pairs = try fixture.write("a <eos>\t<pad> b\n", "pairs.tsv")
    var options = VocabularyOptions(unit: .word)
    options.minimumCount = 1
    let both = try fixture.make {
      try ParallelTextDataset(source: .tabSeparated(pairs), vocabulary: options).write(to: $0, progress: $1)
    }
    #expect(try Vocabularies(in: both.file).targets?.tokens == ["<pad>", "<bos>", "<eos>", "<unk>", "b"])
  }

  @Test func lowerCaseForAVocabularyThatExists() throws {
    let fixture = try Fixture()
    var dataset = TextDataset(
      files: [try fixture.write("Abc\n")], vocabulary: VocabularyOptions(unit: .character))
    dataset.knownVocabulary = try Vocabulary(tokens: ["\n", "a", "b", "c", "<unk>"])
    dataset.vocabulary.isLowercase = true
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try tokens(file, "train") == [1, 2, 3, 0])
    // It is the same as that of the model.
    #expect(try Vocabularies(in: file).inputs == dataset.knownVocabulary)
    dataset.knownVocabulary = nil
    dataset.vocabulary.unit = .byte
    let bytes = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try tokens(bytes.file, "train") == [97, 98, 99, 10])
    #expect(try Vocabularies(in: bytes.file).inputs?.isLowercase == true)
  }

  @Test(
    "Text of another encoding is told with that encoding",
    arguments: [
      (String.Encoding.isoLatin1, "line 1: is not UTF-8 text", "latin1"),
      (.windowsCP1252, "line 1: is not UTF-8 text", "WINDOWS-1252"),
      (.utf16, "line 1: is not UTF-8 text", "UTF-16"),
      (.utf16LittleEndian, "line 1: is UTF-16 text", "UTF-16LE"),
      (.utf16BigEndian, "line 1: is UTF-16 text", "UTF-16BE"),
    ])
  func otherEncodings(_ encoding: String.Encoding, _ what: String, _ name: String) throws {
    let fixture = try Fixture()
    let is16 = name.hasPrefix("UTF-16")
    let text = is16 ? "plain words\n" : name == "latin1" ? "a café\n" : "a café – “closed”\n"
    let path = try fixture.write(text, encoding: encoding)
    let failure = fixture.failure {
      try TextDataset(files: [path], vocabulary: VocabularyOptions(unit: .word)).write(to: $0, progress: $1)
    }
    #expect(failure == "\(path): \(what); convert it, for example with iconv -f \(name) -t UTF-8")
  }

  @Test func wordsAreJoinedAsInPrint() throws {
    let text = "He said, \"Don't (ever) stop!\" and left.\nThen: 3.5 % more…"
    let vocabulary = try Vocabulary(
      tokens: Array(Set(WordSegmenter.words(text).map(String.init))).sorted(), unit: .word)
    #expect(
      vocabulary.decode(try vocabulary.encode(text))
        == "He said, \"Don't (ever) stop!\" and left.\nThen: 3.5% more…")
  }

  @Test func wordsOfTheTrainingTextAlone() throws {
    let fixture = try Fixture()
    let lines = (0..<50).map { _ in "the weft the warp" } + (0..<50).map { _ in "the unseen warp" }
    let path = try fixture.write(lines.joined(separator: "\n"))
    var dataset = TextDataset(files: [path], vocabulary: VocabularyOptions(unit: .word))
    dataset.plan = try SplitPlan("0.5,0.5")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try file.dataset("vocabulary").read(as: String.self) == ["<unk>", "the", "\n", "warp", "weft"])
    #expect(try Array(tokens(file, "validation").suffix(4)) == [1, 0, 3, 2])
  }

  @Test func equalParagraphsStayTogether() throws {
    let fixture = try Fixture()
    let paragraphs = (0..<200).map { "paragraph \($0 % 40)\nof two lines\n\n" }
    let path = try fixture.write(paragraphs.joined())
    var dataset = TextDataset(files: [path], vocabulary: VocabularyOptions(unit: .character))
    dataset.plan = try SplitPlan("0.6,0.4", seed: 4)
    dataset.splitting = .paragraph
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let parts = try ["train", "validation"].map {
      try Set(text(file, $0).components(separatedBy: "\n\n")).subtracting([""])
    }
    #expect(parts[0].count + parts[1].count == 40)
    #expect(parts[0].isDisjoint(with: parts[1]))
  }

  /// The golden pieces are those of the Python package.
  @Test(arguments: ["bpe", "unigram"]) func cutsAsSentencePieceDoes(_ kind: String) throws {
    struct Golden: Decodable {
      let lines: [String]
      let bpe: [[Int32]]
      let unigram: [[Int32]]
    }
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: URL(filePath: Fixture.path("subwords.json"))))
    let model = try SubwordModel(
      bytes: [UInt8](Data(contentsOf: URL(filePath: Fixture.path("\(kind).model")))))
    #expect(
      try golden.lines.map { try model.encode(line: $0) } == (kind == "bpe" ? golden.bpe : golden.unigram))
    let vocabulary = try Vocabulary(subwords: model)
    for line in golden.lines.dropLast() { #expect(try vocabulary.decode(model.encode(line: line)) == line) }
    #expect(throws: WeftError.self) { try SubwordModel(bytes: [1, 2, 3]) }
  }

  @Test(arguments: VocabularyOptions.SubwordAlgorithm.allCases) func subwordsLoseNothing(
    _ algorithm: VocabularyOptions.SubwordAlgorithm
  ) throws {
    let fixture = try Fixture()
    let text = (0..<300).map { "  the weaver's \($0)\n\nweft—naïve ☕ \($0 * $0)\n" }.joined()
    var dataset = TextDataset(files: [try fixture.write(text)], vocabulary: VocabularyOptions(unit: .subword))
    dataset.vocabulary.size = 320
    dataset.vocabulary.algorithm = algorithm
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(try self.text(file, "train") == text)
    let first = try Data(contentsOf: URL(filePath: fixture.path("out.h5")))
    try fixture.make("again.h5") { try dataset.write(to: $0, progress: $1) }
    #expect(try Data(contentsOf: URL(filePath: fixture.path("again.h5"))) == first)
  }

  @Test(
    "Files of other kinds are named, with the way out",
    arguments: [
      ("RIFF\u{1}", "is a recording"), ("fLaC\u{1}", "is a recording"), ("OggS", "is a recording"),
      ("%PDF", "is PDF"),
      ("SQLite format 3", "is a SQLite database"), ("PAR1", "is Parquet"),
      ("PK\u{3}\u{4}", "is a ZIP archive"),
    ])
  func foreignFiles(start: String, kind: String) throws {
    let fixture = try Fixture()
    let path = fixture.path("speech.bin")
    try (Data(start.utf8) + Data([0, 0xFF, 0xFE, 10, 0xC0])).write(to: URL(filePath: path))
    for unit in [Vocabulary.Unit.character, .word] {
      let failure = fixture.failure {
        try TextDataset(files: [path], vocabulary: VocabularyOptions(unit: unit)).write(to: $0, progress: $1)
      }
      #expect(failure.contains("\(path): ") && failure.contains(kind), "\(failure)")
    }
  }

  @Test func textThatIsNoneIsNamed() throws {
    let fixture = try Fixture()
    let path = fixture.path("latin.txt")
    try Data([65, 10, 0xE9, 10]).write(to: URL(filePath: path))
    let options = VocabularyOptions(unit: .character)
    let failure = fixture.failure {
      try TextDataset(files: [path], vocabulary: options).write(to: $0, progress: $1)
    }
    #expect(
      failure == "\(path): line 2: is not UTF-8 text; convert it, for example with iconv -f latin1 -t UTF-8")
    let empty = try fixture.write("", "empty.txt")
    #expect(
      fixture.failure { try TextDataset(files: [empty], vocabulary: options).write(to: $0, progress: $1) }
        == "\(empty): contains no text")
    for unit in [Vocabulary.Unit.word, .subword] {
      let pairs = ParallelTextDataset(source: .tabSeparated(empty), vocabulary: VocabularyOptions(unit: unit))
      #expect(
        fixture.failure { try pairs.write(to: $0, progress: $1) } == "\(empty): contains no text for training"
      )
    }
  }

  @Test func pairsAreAligned() throws {
    let fixture = try Fixture()
    let source = try fixture.write("a b\nb a\na a a a\n\nb\n", "source.txt")
    let target = try fixture.write("x y\ny x\nx x x x\nx\ny\n", "target.txt")
    var options = VocabularyOptions(unit: .word)
    options.minimumCount = 1
    var dataset = ParallelTextDataset(source: .files(source: source, target: target), vocabulary: options)
    dataset.maximumLength = 3
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let vocabularies = try Vocabularies(in: file)
    #expect(vocabularies.inputs?.tokens == ["<pad>", "<bos>", "<eos>", "<unk>", "a", "b"])
    #expect(vocabularies.targets?.tokens == ["<pad>", "<bos>", "<eos>", "<unk>", "x", "y"])
    #expect(try file.dataset("train/inputs").read(as: Int.self) == [4, 5, 2, 5, 4, 2, 5, 2])
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 6, 8])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [1, 4, 5, 2, 1, 5, 4, 2, 1, 5, 2])
    #expect(try file.dataset("train/target_offsets").read(as: Int.self) == [0, 4, 8, 11])
    #expect(
      summary.notes.suffix(2) == [
        "omitted 1 pairs with an empty side", "omitted 1 pairs longer than 3 tokens",
      ])
    let short = try fixture.write("x\n", "short.txt")
    dataset.source = .files(source: source, target: short)
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.hasPrefix(
        "\(short): ends after 1 lines, but \(source) continues"))
    dataset.source = .tabSeparated(try fixture.write("a\tb\na b\n", "both.tsv"))
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.contains("both.tsv: line 2: has 0 tabs"))
  }

  @Test func pairsOfAGroupLieInOneSplit() throws {
    let fixture = try Fixture()
    let lines = (0..<600).map { "source \($0)\ttarget \($0)\tchapter \($0 / 6)\n" }.joined()
    var options = VocabularyOptions(unit: .word)
    options.minimumCount = 1
    var dataset = ParallelTextDataset(source: .tabSeparated(try fixture.write(lines)), vocabulary: options)
    dataset.plan = try SplitPlan("0.6,0.2,0.2")
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let training = try #require(try Vocabularies(in: file).inputs)
    let words = Set(training.tokens)
    var pairs = 0
    for split in ["train", "validation", "test"] {
      let count = try file.dataset("\(split)/offsets").shape[0] - 1
      #expect(count > 0 && count.isMultiple(of: 6), "\(split)")
      pairs += count
    }
    #expect(pairs == 600)
    // The training split contains complete chapters, and only it affects the vocabulary.
    for chapter in 0..<100 {
      let known = (6 * chapter..<6 * chapter + 6).filter { words.contains("\($0)") }.count
      #expect(known == 0 || known == 6)
    }
  }

  @Test func bothLanguagesShareSubwords() throws {
    let fixture = try Fixture()
    let lines = (0..<200).map { "the weft \($0)\tla trama \($0)\n" }.joined()
    var options = VocabularyOptions(unit: .subword)
    options.size = 300
    var dataset = ParallelTextDataset(source: .tabSeparated(try fixture.write(lines)), vocabulary: options)
    dataset.sharesVocabulary = true
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let vocabularies = try Vocabularies(in: file)
    let vocabulary = try #require(vocabularies.inputs)
    #expect(vocabularies.targets == nil)
    #expect(vocabulary.tokens.prefix(4) == ["<pad>", "<bos>", "<eos>", "<unk>"])
    let offsets = try file.dataset("train/target_offsets").read(as: Int.self)
    let targets = try file.dataset("train/targets").read(as: Int32.self)
    #expect(vocabulary.decode(Array(targets[offsets[7]..<offsets[8]])) == "la trama 7")
  }

  /// Tatoeba's third column names the licence and the authors of each pair.
  @Test func aColumnThatDiffersFromPairToPairIsNoGroup() throws {
    let fixture = try Fixture()
    let lines = (0..<300).map { "sentence \($0 % 60)\ttranslation \($0)\tCC-BY 2.0 Attribution: #\($0)\n" }
    let path = try fixture.write(lines.joined(), "pairs.tsv")
    var dataset = ParallelTextDataset(source: .tabSeparated(path), vocabulary: VocabularyOptions(unit: .word))
    dataset.plan = try SplitPlan("0.6,0.2,0.2")
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(summary.text.contains("column 3 differs from line to line, so that it names no groups"))
    var seen: [Set<[Int32]>] = []
    for split in ["train", "validation", "test"] {
      let tokens = try file.dataset("\(split)/inputs").read(as: Int32.self)
      let offsets = try file.dataset("\(split)/offsets").read(as: Int.self)
      seen.append(Set(zip(offsets, offsets.dropFirst()).map { Array(tokens[$0..<$1]) }))
    }
    // Words that only occur outside the training split are unknown, so sentences are compared with those of training.
    #expect(seen[0].isDisjoint(with: seen[1]) && seen[0].isDisjoint(with: seen[2]))
    #expect(seen.allSatisfy { !$0.isEmpty })
  }

  /// SentencePiece leaves out lines above 64 KiB, which may be the whole text.
  @Test func longLinesTakePartInSubwords() throws {
    let fixture = try Fixture()
    let words = (0..<40_000).map { ["weaving", "loom", "thread"][$0 * $0 % 7 % 4] }
    let long = try fixture.write(words.joined(separator: " "), "long.txt")
    let short = try fixture.write(
      stride(from: 0, to: words.count, by: 100).map { words[$0..<$0 + 100].joined(separator: " ") + "\n" }
        .joined(),
      "short.txt")
    func subwords(_ path: String) throws -> Set<String> {
      var options = VocabularyOptions(unit: .subword)
      options.size = 300
      let dataset = TextDataset(files: [path], vocabulary: options)
      let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      return Set(try #require(try Vocabularies(in: file).inputs).tokens)
    }
    let learned = try subwords(long)
    for word in ["weaving", "loom", "thread"] {
      #expect(learned.contains { $0.contains(word) }, "\(word)")
    }
    #expect(try subwords(long).symmetricDifference(subwords(short)).count < 40)
  }
}
