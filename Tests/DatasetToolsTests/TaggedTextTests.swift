import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing
import WeftText

@testable import WeftBase

/// Words with tags in the columns of the shared tasks of CoNLL and of Universal Dependencies.
@Suite("Words with tags") struct TaggedTextTests {
  /// The sentences of a split as `word/tag`.
  private func sentences(_ file: File, _ split: String) throws -> [String] {
    let words = try file.dataset("vocabulary").read(as: String.self)
    let tags = try file.dataset("classes").read(as: String.self)
    let tokens = try file.dataset("\(split)/inputs").read(as: Int.self)
    let targets = try file.dataset("\(split)/targets").read(as: Int.self)
    let offsets = try file.dataset("\(split)/offsets").read(as: Int.self)
    #expect(tokens.count == targets.count && offsets.last == tokens.count)
    return zip(offsets, offsets.dropFirst()).map { first, last in
      (first..<last).map { "\(words[tokens[$0]])/\(tags[targets[$0]])" }.joined(separator: " ")
    }
  }

  private func dataset(_ paths: [String], _ columns: TaggedColumns = TaggedColumns()) -> TaggedTextDataset {
    TaggedTextDataset(paths: paths, columns: columns, vocabulary: VocabularyOptions(unit: .token))
  }

  @Test("CoNLL-2003: four columns between spaces, documents, and words such as NA and null")
  func names() throws {
    let fixture = try Fixture()
    let train = try fixture.write(
      "-DOCSTART- -X- -X- O\r\n\r\nEU NNP B-NP B-ORG\r\nrejects VBZ B-VP O\r\nNA NN B-NP O\r\n\r\n\r\n"
        + "null NN B-NP O\r\n# # B-NP O\r\n", "eng.train")
    #expect(try TaggedColumns.areWritten(in: train))
    var made = dataset([train])
    let test = try fixture.write("-DOCSTART- -X- O O\n\nEU NNP B-NP B-ORG\nUN NNP B-NP B-MISC\n", "eng.testb")
    made.others = [SplitSource("test", [test])]
    let (file, summary) = try fixture.make { try made.write(to: $0, progress: $1) }
    #expect(try sentences(file, "train") == ["EU/B-ORG rejects/O NA/O", "null/O #/O"])
    #expect(try sentences(file, "test") == ["EU/B-ORG <unk>/B-MISC"])
    #expect(try file.dataset("classes").read(as: String.self) == ["B-MISC", "B-ORG", "O"])
    #expect(summary.notes.contains("not in training: B-MISC"))
    #expect(summary.notes.contains("\(train): lines left out: 1 of -DOCSTART-"), "\(summary.notes)")
    // Chunks in column 3.
    var columns = TaggedColumns()
    columns.tag = 3
    let (chunks, _) = try fixture.make { try dataset([train], columns).write(to: $0, progress: $1) }
    #expect(try sentences(chunks, "train") == ["EU/B-NP rejects/B-VP NA/B-NP", "null/B-NP #/B-NP"])
  }

  @Test(
    "documents lie in one split, as -DOCSTART-, # newdoc and #begin document begin them",
    arguments: ["-DOCSTART- -X- O\n\n", "# newdoc id = %\n", "#begin document (%); part 000\n"])
  func documents(_ start: String) throws {
    let fixture = try Fixture()
    // 60 documents of 4 sentences, which tell their document by their first word.
    let text = (0..<60).map { document in
      start.replacing("%", with: "\(document)")
        + (0..<4).map { "d\(document) N O\ns\($0) V B\n\n" }.joined()
    }
    let path = try fixture.write(text.joined(), "x.conll")
    var options = VocabularyOptions(unit: .token)
    options.minimumCount = 1
    func split(_ path: String) throws -> (splits: [String: Set<String>], notes: [String]) {
      var made = TaggedTextDataset(paths: [path], columns: TaggedColumns(), vocabulary: options)
      made.plan = try SplitPlan("0.6,0.2,0.2")
      // Words of other splits are <unk> otherwise.
      made.knownVocabulary = try Vocabulary(
        tokens: ["<unk>"] + (0..<60).map { "d\($0)" } + (0..<4).map { "s\($0)" }, unit: .token)
      let (file, summary) = try fixture.make { try made.write(to: $0, progress: $1) }
      var splits: [String: Set<String>] = [:]
      for split in ["train", "validation", "test"] {
        for sentence in try sentences(file, split) {
          splits[String(sentence.prefix { $0 != "/" }), default: []].insert(split)
        }
      }
      return (splits, summary.notes)
    }
    let (splits, notes) = try split(path)
    #expect(splits.count == 60 && splits.values.allSatisfy { $0.count == 1 }, "\(splits)")
    #expect(Set(splits.values.flatMap(\.self)).count == 3)
    #expect(notes.contains("60 documents, each of which lies in one split"), "\(notes)")
    // A document stays where it is when others come before it.
    let more = try fixture.write(
      (start.replacing("%", with: "new") + "s0 N O\ns1 V B\n\n") + text.joined(), "more.conll")
    #expect(try split(more).splits.filter { $0.key != "s0" } == splits)
    let few = try fixture.write(text.prefix(5).joined(), "few.conll")
    #expect(try split(few).notes.contains { $0.hasPrefix("5 documents are too few to be divided") })
  }

  @Test("CoNLL-U: comments, several words at once, empty nodes and words with spaces")
  func universal() throws {
    let fixture = try Fixture()
    func line(_ id: String, _ form: String, _ tag: String, _ other: String = "_") -> String {
      "\(id)\t\(form)\t_\t\(tag)\t\(other)\t_\t_\t_\t_\t_\n"
    }
    let path = try fixture.write(
      "# sent_id = 1\n# text = Il va du quatre mille\n" + line("1", "va", "VERB", "V")
        + line("2-3", "du", "_")
        + line("2", "de", "ADP", "P") + line("3", "le", "DET", "D") + line("3.1", "fantôme", "NOUN")
        + line("4", "quatre mille", "NUM", "M") + "\n# sent_id = 2\n" + line("1", "#", "SYM", "S"), "x.conllu"
    )
    let (file, summary) = try fixture.make { try dataset([path]).write(to: $0, progress: $1) }
    #expect(try sentences(file, "train") == ["va/VERB de/ADP le/DET quatre mille/NUM", "#/SYM"])
    #expect(
      summary.notes.contains(
        "lines left out: 3 of remarks (#), 2 of several words at once or of none (1-2, 1.1)"),
      "\(summary.notes)")
    var columns = TaggedColumns()
    columns.tag = try TaggedColumns.number("xpos", option: "--tag-column")
    let (other, _) = try fixture.make { try dataset([path], columns).write(to: $0, progress: $1) }
    #expect(try sentences(other, "train").last == "#/S")
  }

  @Test("white space of any kind around words and tags is none of them")
  func outerSpace() throws {
    let fixture = try Fixture()
    let path = try fixture.write("a\tX\u{A0}\nb \tY \n\n\u{A0}a\tX\n", "x.conll")
    let (file, _) = try fixture.make { try dataset([path]).write(to: $0, progress: $1) }
    #expect(try sentences(file, "train") == ["a/X b/Y", "a/X"])
  }

  @Test("lines that do not fit the first are refused, with their number")
  func faults() throws {
    let fixture = try Fixture()
    func failure(_ text: String) throws -> String {
      let path = try fixture.write(text, "x.conll")
      return fixture.failure { try dataset([path]).write(to: $0, progress: $1) }.replacing(
        "\(path): ", with: "")
    }
    #expect(
      try failure("a X\nb Y\nc\n")
        == "line 3: has 1 column, but line 1 has 2; each word needs as many, between spaces")
    #expect(try failure("a\tX\nb c\tY\nd Z\n").hasPrefix("line 3: has 1 column, but line 1 has 2"))
    #expect(
      try failure("a\tX\nb\t\n")
        == "line 2: the word 'b' has no tag in column 2; give it one, or name another --tag-column")
    #expect(try failure("1 a X\n2 b Y\n3 c X\n").hasPrefix("line 3: column 1 counts the words"))
    #expect(try failure("a O\nb O\n").hasPrefix("line 1: all have the class 'O'"))
    #expect(try failure("a\nb\n").hasPrefix("line 1: column 1 is the word and the tag as well"))
    #expect(throws: WeftError.self) { try TaggedColumns.number("tag", option: "--tag-column") }
  }

  @Test("drawn splits keep equal sentences together and every word with its tag")
  func drawn() throws {
    let fixture = try Fixture()
    let lines = (0..<120).map { "w\($0 % 30)\tT\($0 % 30 % 4)\nend\tE\n\n" }.joined()
    var made = dataset([try fixture.write(lines, "x.tsv")])
    made.vocabulary.minimumCount = 1
    made.plan = try SplitPlan("0.6,0.4", seed: 5)
    let (file, summary) = try fixture.make { try made.write(to: $0, progress: $1) }
    #expect(summary.splits.reduce(0) { $0 + $1.count } == 120)
    let train = try sentences(file, "train")
    #expect(Set(train).count * 4 == train.count)
    for sentence in Set(train) {
      let number = try #require(Int(sentence.dropFirst().prefix { $0 != "/" }))
      #expect(sentence == "w\(number)/T\(number % 4) end/E")
    }
  }
}
