import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase

/// Texts with classes in the layouts in which they are published. What the files must contain follows from the texts.
@Suite("Texts with classes") struct LabelledTextTests {
  /// The texts of a split, by the vocabulary, with the name of each one's class.
  private func pairs(_ file: File, _ split: String) throws -> [String] {
    let words = try file.dataset("vocabulary").read(as: String.self)
    let classes = try file.dataset("classes").read(as: String.self)
    let tokens = try file.dataset("\(split)/inputs").read(as: Int.self)
    let offsets = try file.dataset("\(split)/offsets").read(as: Int.self)
    let targets = try file.dataset("\(split)/targets").read(as: Int.self)
    #expect(targets.count == offsets.count - 1 && offsets.last == tokens.count)
    return zip(zip(offsets, offsets.dropFirst()), targets).map { range, target in
      "\(classes[target]): \(tokens[range.0..<range.1].map { words[$0] }.joined(separator: " "))"
    }
  }

  private func dataset(_ paths: [String], _ form: LabelledTextForm) -> LabelledTextDataset {
    var options = VocabularyOptions(unit: .word)
    options.minimumCount = 1
    return LabelledTextDataset(paths: paths, form: form, vocabulary: options)
  }

  private static let prefixed = LabelledTextForm.prefixedLines(prefix: LabelledTextForm.usualPrefix)

  @Test("lines of fastText: the label before, behind or within the text, tabs, CRLF and a byte order mark")
  func fastText() throws {
    let fixture = try Fixture()
    let path = try fixture.write(
      "\u{FEFF}__label__pos a fine  film\r\n\r\n__label__neg\tso dull\r\nso good __label__pos\r\n"
        + "dull __label__neg film\r\n__label__neg   \r\n")
    #expect(try LabelledTextForm.isPrefixed(path))
    let (file, summary) = try fixture.make { try dataset([path], Self.prefixed).write(to: $0, progress: $1) }
    #expect(
      try pairs(file, "train") == ["pos: a fine film", "neg: so dull", "pos: so good", "neg: dull film"])
    #expect(try file.dataset("classes").read(as: String.self) == ["neg", "pos"])
    #expect(summary.notes.contains("2 classes: neg 2, pos 2"), "\(summary.notes)")
    #expect(summary.notes.contains("left out an empty text"), "\(summary.notes)")
    #expect(try file.dataset("vocabulary").attributes.value("unit", as: String.self) == "word")
  }

  @Test("a line without a label is refused, with its number and the fix")
  func noLabel() throws {
    let fixture = try Fixture()
    // The same one twice is one.
    let twice = try fixture.write("__label__a x __label__a\n__label__b y\n", "twice.txt")
    let (file, _) = try fixture.make { try dataset([twice], Self.prefixed).write(to: $0, progress: $1) }
    #expect(try pairs(file, "train") == ["a: x", "b: y"])
    let none = try fixture.write("__label__a x\ny\n", "none.txt")
    #expect(
      fixture.failure { try dataset([none], Self.prefixed).write(to: $0, progress: $1) }
        == "\(none): line 2: has no label, a word that begins with '__label__'; give the line its label, or remove it"
    )
  }

  @Test(
    "published splits share classes and vocabulary; classes that differ in case are refused, others are told")
  func splits() throws {
    let fixture = try Fixture()
    var made = dataset(
      [try fixture.write("__label__pos good\n__label__neg bad\n", "train.txt")], Self.prefixed)
    made.others = [
      SplitSource("test", [try fixture.write("__label__pos bad new\n__label__odd good\n", "test.txt")])
    ]
    let (file, summary) = try fixture.make { try made.write(to: $0, progress: $1) }
    #expect(try pairs(file, "test") == ["pos: bad <unk>", "odd: good"])
    #expect(try file.dataset("classes").read(as: String.self) == ["neg", "odd", "pos"])
    #expect(summary.notes.contains("not in training: odd") && summary.notes.contains("not in test: neg"))
    let other = try fixture.write("__label__Pos good\n", "case.txt")
    made.others = [SplitSource("test", [other])]
    #expect(
      fixture.failure { try made.write(to: $0, progress: $1) }
        == "\(other): line 1: the class 'Pos' does not occur in training, where it is 'pos'; write it in one way"
    )
    // Numbers where training has names.
    let numbers = try fixture.write("__label__0 good\n__label__1 bad\n", "numbers.txt")
    made.others = [SplitSource("test", [numbers])]
    #expect(
      fixture.failure { try made.write(to: $0, progress: $1) }
        == "\(numbers): line 1: none of the classes of test, 0, 1, is one of training, neg, pos")
    // The classes of a model keep their order, though the file has another.
    made.others = []
    made.knownClasses = ["pos", "other", "neg"]
    let (known, _) = try fixture.make { try made.write(to: $0, progress: $1) }
    #expect(try known.dataset("train/targets").read(as: Int.self) == [0, 2])
    made.knownClasses = ["positive", "neg"]
    #expect(
      fixture.failure { try made.write(to: $0, progress: $1) }.hasSuffix(
        "train.txt: line 1: 'pos' is none of the classes of --vocabulary, positive, neg"))
  }

  @Test("texts in the place of classes are refused, and spellings of a class are told")
  func doubtfulClasses() throws {
    let fixture = try Fixture()
    let path = try fixture.write("text,label\n" + (0..<30).map { "word \($0),a\n" }.joined(), "x.csv")
    let swapped = LabelledTextForm.records(texts: ["label"], .field("text", separator: nil), TableFormat())
    #expect(
      fixture.failure { try dataset([path], swapped).write(to: $0, progress: $1) }
        == "\(path): line 2: 'word 0' is one of 30 classes that occur 30 times in all; is it a class? Name the field or"
        + " column of classes")
    let spellings = try fixture.write("__label__Spam a\n__label__spam b\n__label__ham c\n", "spam.txt")
    let (_, summary) = try fixture.make {
      try dataset([spellings], Self.prefixed).write(to: $0, progress: $1)
    }
    #expect(summary.notes.contains("classes that differ in case alone: Spam, spam"), "\(summary.notes)")
    let numbers = try fixture.write("__label__1 a\n__label__1.0 b\n__label__2 c\n", "numbers.txt")
    let (_, alike) = try fixture.make { try dataset([numbers], Self.prefixed).write(to: $0, progress: $1) }
    #expect(
      alike.notes.contains("classes that are the same number: 1, 1.0; write them alike unless they differ"),
      "\(alike.notes)")
    // Line ends within quoted fields are those of text, and outer space is no part of a class.
    let windows = try fixture.write("text,label\r\n\"a\r\nb\",x\r\nc,y\u{A0}\r\nd,y\r\n", "windows.csv")
    var characters = dataset(
      [windows], .records(texts: ["text"], .field("label", separator: nil), TableFormat()))
    characters.vocabulary = VocabularyOptions(unit: .character)
    let (lines, _) = try fixture.make { try characters.write(to: $0, progress: $1) }
    #expect(try pairs(lines, "train") == ["x: a \n b", "y: c", "y: d"])
    // Numbers among names are names.
    let mixed = try fixture.write("__label__9 a\n__label__10 b\n__label__1a c\n", "mixed.txt")
    let (file, _) = try fixture.make { try dataset([mixed], Self.prefixed).write(to: $0, progress: $1) }
    #expect(try file.dataset("classes").read(as: String.self) == ["10", "1a", "9"])
    // Two files in one, each with names.
    let joined = try fixture.write("text,label\nx,a\ntext,label\ny,b\n", "joined.csv")
    let form = LabelledTextForm.records(texts: ["text"], .field("label", separator: nil), TableFormat())
    #expect(
      fixture.failure { try dataset([joined], form).write(to: $0, progress: $1) }
        == "\(joined): line 3: repeats the names of the columns; remove the line")
  }

  @Test("drawn splits keep equal texts together and every text with its class")
  func drawn() throws {
    let fixture = try Fixture()
    let lines = (0..<200).map { "__label__c\($0 % 50 % 3) text \($0 % 50)\n" }.joined()
    var made = dataset([try fixture.write(lines)], Self.prefixed)
    made.plan = try SplitPlan("0.5,0.5", seed: 2)
    let (file, _) = try fixture.make { try made.write(to: $0, progress: $1) }
    let splits = try ["train", "validation"].map { split in
      let targets = try file.dataset("\(split)/targets").read(as: Int.self)
      #expect(!targets.isEmpty)
      return targets.count
    }
    #expect(splits[0] + splits[1] == 200 && splits.allSatisfy { $0.isMultiple(of: 4) })
    for pair in try pairs(file, "train") {
      let number = try #require(Int(pair.split(separator: " ").last ?? ""))
      #expect(pair == "c\(number % 3): text \(number)")
    }
  }

  @Test("folders of classes, as of the Large Movie Review Dataset")
  func folders() throws {
    let fixture = try Fixture()
    for (name, text) in [
      ("train/pos/0_9.txt", "good\nfilm\n"), ("train/pos/1_8.txt", "\u{FEFF}fine"),
      ("train/neg/0_1.txt", "bad"),
      ("train/unsup/0_0.txt", "what"), ("train/urls_pos.txt", "http"), ("train/pos/.DS_Store", "x"),
      ("test/pos/0_7.txt", "good"), ("test/neg/3_2.txt", "bad film"),
    ] {
      let url = fixture.folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    let splits = try #require(LabelledTextForm.splits(of: fixture.folder.path))
    #expect(splits.map(\.split) == ["train", "test"])
    #expect(LabelledTextForm.splits(of: splits[0].folder) == nil)
    var made = dataset([splits[0].folder], .folders(.utf8))
    made.others = [SplitSource("test", [splits[1].folder])]
    let (file, summary) = try fixture.make { try made.write(to: $0, progress: $1) }
    #expect(try pairs(file, "train") == ["neg: bad", "pos: good \n film", "pos: fine"])
    #expect(try pairs(file, "test") == ["neg: bad film", "pos: good"])
    #expect(
      try file.dataset("train/names").read(as: String.self) == ["neg/0_1.txt", "pos/0_9.txt", "pos/1_8.txt"])
    #expect(
      summary.notes.contains(
        "files left out of \(splits[0].folder): 1 in 'unsup', which have no class, 1 that lie in no class's folder"
      ),
      "\(summary.notes)")
    #expect(
      fixture.failure {
        try dataset([splits[0].folder + "/pos"], .folders(.utf8)).write(to: $0, progress: $1)
      }
      .contains("contains no folder with text files for each class"))
    try Data([0x66, 0xFC, 0x72]).write(to: fixture.folder.appending(path: "train/pos/2_8.txt"))
    #expect(
      fixture.failure { try made.write(to: $0, progress: $1) }.contains(
        "train/pos/2_8.txt: is not utf-8 text; name its encoding with --encoding latin-1"))
    made.form = .folders(.latin1)
    let (latin, _) = try fixture.make { try made.write(to: $0, progress: $1) }
    #expect(try pairs(latin, "train").last == "pos: für")
  }

  @Test("JSON lines: texts, whole numbers and Booleans as classes; NA and null in texts are words")
  func objects() throws {
    let fixture = try Fixture()
    let path = try fixture.write(
      #"{"id": 1, "text": "NA null\tNone \"nan\" ü", "label": 10}"# + "\r\n\n"
        + #"{"label": 9, "text": "two\nlines", "meta": {"a": [1, 2.5]}}"# + "\n", "x.jsonl")
    let form = LabelledTextForm.records(texts: ["text"], .field("label", separator: nil), TableFormat())
    let (file, _) = try fixture.make { try dataset([path], form).write(to: $0, progress: $1) }
    #expect(try pairs(file, "train") == [#"10: NA null None " nan " ü"#, "9: two \n lines"])
    // As numbers: 9 before 10.
    #expect(try file.dataset("classes").read(as: String.self) == ["9", "10"])
    func failure(_ line: String, label: String? = "label") throws -> String {
      let path = try fixture.write(#"{"text": "a", "label": 0}"# + "\n\(line)\n", "y.jsonl")
      let form = LabelledTextForm.records(
        texts: ["text"], label.map { .field($0, separator: nil) } ?? .none, TableFormat())
      return fixture.failure { try dataset([path], form).write(to: $0, progress: $1) }
        .replacing("\(path): ", with: "")
    }
    #expect(
      try failure(#"{"text": "b", "labels": 1}"#)
        == "line 2: has no field 'label' (--label-field); did you mean 'labels'? Its fields are 'labels', 'text'"
    )
    #expect(
      try failure(#"{"text": "b", "label": null}"#).hasPrefix(
        "line 2: 'label' is empty; give the text its label"))
    #expect(try failure(#"{"text": null, "label": 1}"#).hasPrefix("line 2: 'text' is null"))
    #expect(try failure(#"{"text": 5, "label": 1}"#).hasPrefix("line 2: 'text' is not a text in quotes"))
    #expect(
      try failure(#"{"text": "b", "label": 0.5}"#).hasPrefix("line 2: 'label' is neither a text nor a whole"))
    #expect(
      try failure(#"{"text": "b", "label": []}"#).hasPrefix("line 2: has no label, where others have one"))
    #expect(try failure(#"{"text": "b", "label": 1"#).hasPrefix("line 2: is not a JSON object of its own"))
    #expect(try failure(#"{"text": "b", "label": 0}"#).contains("all have the class '0'"))
    let list = try fixture.write(#"[{"text": "a", "label": 0}]"#, "z.json")
    #expect(
      fixture.failure { try dataset([list], form).write(to: $0, progress: $1) }
        == "\(list): line 1: is a list; write its objects one a line, for example with jq -c '.[]' z.json")
  }

  @Test("tables: quotes, separators and line breaks in fields; several text columns; without a header")
  func tables() throws {
    let fixture = try Fixture()
    // As AG News: the class, the title and the description.
    let news = try fixture.write(
      "\"3\",\"Wall St. Bears\",\"Short-sellers, \"\"ultra\"\"\nare green\"\n\"1\",\"NA\",\"null\"\n",
      "news.csv")
    var format = TableFormat()
    format.hasHeader = false
    let form = LabelledTextForm.records(texts: ["2", "3"], .field("1", separator: nil), format)
    let (file, _) = try fixture.make { try dataset([news], form).write(to: $0, progress: $1) }
    #expect(
      try pairs(file, "train") == [
        #"3: Wall St . Bears Short-sellers , " ultra " \#n are green"#, "1: NA null",
      ])
    #expect(try file.dataset("classes").read(as: String.self) == ["1", "3"])
    // As SST-2.
    let sentences = try fixture.write(
      "sentence\tlabel\r\nhide new secretions\t0\r\nan \"ok\" film\t1\r\n", "sst.tsv")
    let columns = LabelledTextForm.records(
      texts: ["sentence"], .field("label", separator: nil), TableFormat())
    let (other, _) = try fixture.make { try dataset([sentences], columns).write(to: $0, progress: $1) }
    #expect(try pairs(other, "train") == ["0: hide new secretions", #"1: an " ok " film"#])
    // As the SMS Spam Collection, in which quotation marks are characters.
    let messages = try fixture.write("ham\t\"Gimme a few\" was it\nspam\tWIN 10\n", "SMSSpamCollection")
    format.separator = UInt8(ascii: "\t")
    let plain = LabelledTextForm.records(texts: ["2"], .field("1", separator: nil), format)
    #expect(
      fixture.failure { try dataset([messages], plain).write(to: $0, progress: $1) }.contains("--quote none"))
    format.quote = nil
    let quoted = LabelledTextForm.records(texts: ["2"], .field("1", separator: nil), format)
    let (spam, _) = try fixture.make { try dataset([messages], quoted).write(to: $0, progress: $1) }
    #expect(try pairs(spam, "train") == [#"ham: " Gimme a few " was it"#, "spam: WIN 10"])
    let numbers = LabelledTextForm.records(texts: ["2"], .field("1", separator: nil), TableFormat())
    #expect(
      fixture.failure { try dataset([sentences], numbers).write(to: $0, progress: $1) }
        == "--text-field: no column '2' in \(sentences); --no-header names the columns 1, 2, 3 …; its columns are"
        + " 'sentence', 'label'")
    let wide = try fixture.write("text,label\na,1\n", "wide.csv", encoding: .utf16LittleEndian)
    #expect(
      fixture.failure { try dataset([wide], columns).write(to: $0, progress: $1) }
        == "\(wide): line 1: is UTF-16 text; convert it, for example with iconv -f UTF-16LE -t UTF-8")
    let wrong = LabelledTextForm.records(texts: ["sentense"], .field("label", separator: nil), TableFormat())
    #expect(
      fixture.failure { try dataset([sentences], wrong).write(to: $0, progress: $1) }
        == "--text-field: no column 'sentense' in \(sentences); did you mean 'sentence'? Its columns are 'sentence',"
        + " 'label'")
    let empty = try fixture.write("sentence\tlabel\na\t0\nb\t\n", "empty.tsv")
    #expect(
      fixture.failure { try dataset([empty], columns).write(to: $0, progress: $1) }.hasPrefix(
        "\(empty): line 3, column 'label': has no label"))
  }

  @Test("texts without classes have no targets")
  func unlabelled() throws {
    let fixture = try Fixture()
    let path = try fixture.write("a b\n\nb\n")
    let (file, summary) = try fixture.make { try dataset([path], .lines).write(to: $0, progress: $1) }
    #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 2, 3])
    #expect(try !file.contains("train/targets") && !file.contains("classes"))
    #expect(summary.splits.map(\.count) == [2])
  }

  @Test("line ends of CR alone, at which texts would run together, are refused")
  func carriageReturns() throws {
    let fixture = try Fixture()
    let path = try fixture.write("__label__a x\r__label__a y\r")
    #expect(
      fixture.failure { try dataset([path], Self.prefixed).write(to: $0, progress: $1) }
        == "\(path): line 1: contains a carriage return between others; convert such line ends, for example with tr '\\r'"
        + " '\\n'")
    let tagged = try fixture.write("EU B-ORG\rrejects O\rUN B-ORG\r", "x.conll")
    let sentences = TaggedTextDataset(
      paths: [tagged], columns: TaggedColumns(), vocabulary: VocabularyOptions(unit: .token))
    #expect(
      fixture.failure { try sentences.write(to: $0, progress: $1) }.contains(
        "x.conll: line 1: contains a carriage return"))
  }

  @Test("UTF-16 is named with its conversion")
  func otherEncoding() throws {
    let fixture = try Fixture()
    let path = try fixture.write("__label__a x\n", encoding: .utf16LittleEndian)
    let message = fixture.failure { try dataset([path], Self.prefixed).write(to: $0, progress: $1) }
    #expect(
      message.contains("is UTF-16 text") && message.contains("iconv -f UTF-16LE -t UTF-8"), "\(message)")
  }

  @Test("folders of splits are no classes") func foldersOfSplits() throws {
    let fixture = try Fixture()
    for split in ["20news-train", "20news-test"] {
      for name in ["a", "b"] {
        let folder = fixture.folder.appending(path: "news/\(split)/\(name)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("text of \(name)".utf8).write(to: folder.appending(path: "1"))
      }
    }
    let path = fixture.path("news")
    let found = LabelledTextForm.splits(of: path) ?? []
    #expect(found.map(\.split) == ["train", "test"])
    #expect(found.map(\.folder) == ["\(path)/20news-train", "\(path)/20news-test"])
    let dataset = LabelledTextDataset(
      paths: [path], form: .folders(.utf8), vocabulary: VocabularyOptions(unit: .word))
    #expect(
      fixture.failure { try dataset.write(to: $0, progress: $1) }.contains(
        "its folders are splits, not classes"))
  }

  /// Sequences of events of which most are the same, as in logs: what is drawn is each different one.
  @Test func repeatedTexts() throws {
    let fixture = try Fixture()
    let lines = (0..<300).map { $0 % 3 == 0 ? "a b \($0 % 11)" : $0 % 3 == 1 ? "a b" : "b c \($0 % 7)" }
    let path = try fixture.write(lines.joined(separator: "\n") + "\n", "log.txt")
    var dataset = self.dataset([path], .lines)
    var advised: [(seed: UInt64, note: String)] = []
    for seed: UInt64 in 1...20 {
      dataset.plan = try SplitPlan("0.6,0.2,0.2", seed: seed)
      do {
        let (_, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
        advised += summary.notes.filter { $0.contains("closer to the fractions") }.map { (seed, $0) }
      } catch { advised.append((seed, "\(error)")) }
    }
    let (_, note) = try #require(advised.first)
    #expect(note.contains("19 different texts are drawn at random"), "\(note)")
    // The seed gives what it says.
    let found = try #require(
      note.firstMatch(of: #/--seed (\d+) draws train (\d+), validation (\d+), test (\d+)/#))
    dataset.plan = try SplitPlan("0.6,0.2,0.2", seed: try #require(UInt64(found.1)))
    let (_, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(summary.splits.map { "\($0.count)" } == [found.2, found.3, found.4].map(String.init))
  }
}
