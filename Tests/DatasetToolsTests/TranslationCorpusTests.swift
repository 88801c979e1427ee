import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase

/// Translations in the forms in which corpora are published.
@Suite("Corpora of translations") struct TranslationCorpusTests {
  private static let sources = ["Das ist <gut> & schön.", "Zwei Sätze", "drei", "vier"]
  private static let targets = ["That is <good> & nice.", "two sentences", "three", "four"]

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
  }

  /// The pairs of a dataset of characters as texts, and the notes.
  private func pairs(
    _ source: ParallelSource, in fixture: Fixture
  ) throws -> (pairs: [[String]], notes: [String]) {
    let dataset = ParallelTextDataset(source: source, vocabulary: VocabularyOptions(unit: .character))
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    func texts(_ name: String, _ offsets: String, _ vocabulary: String) throws -> [String] {
      let words = try file.dataset(vocabulary).read(as: String.self)
      let tokens = try file.dataset("train/\(name)").read(as: Int.self)
      let places = try file.dataset("train/\(offsets)").read(as: Int.self)
      return zip(places, places.dropFirst()).map { start, end in
        tokens[start..<end].map { words[$0] }.filter { $0 != "<bos>" && $0 != "<eos>" }.joined()
      }
    }
    return (
      zip(
        try texts("inputs", "offsets", "vocabulary"),
        try texts("targets", "target_offsets", "target_vocabulary")
      ).map { [$0, $1] }, summary.notes
    )
  }

  private static var expected: [[String]] { zip(sources, targets).map { [$0, $1] } }

  private static func memory(_ others: String = "", encoding: String = "UTF-8") -> String {
    "<?xml version=\"1.0\" encoding=\"\(encoding)\"?>\n<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">\n<tmx version=\"1.4\">\n"
      + "<header srclang=\"de\" datatype=\"PlainText\"/><body>\n"
      + zip(sources, targets).map {
        "<tu><prop type=\"x\">no</prop><tuv xml:lang=\"de\"><seg>\(escaped($0))</seg></tuv>"
          + "<tuv xml:lang=\"en\"><seg><bpt i=\"1\">&lt;b&gt;</bpt>\(escaped($1))<ept i=\"1\">&lt;/b&gt;</ept></seg></tuv>"
          + "\(others)</tu>\n"
      }.joined() + "</body></tmx>\n"
  }

  @Test(
    "translation memories: the languages of the file, codes left out",
    arguments: [
      ("UTF-8", String.Encoding.utf8), ("UTF-16", .utf16), ("ISO-8859-1", .isoLatin1),
    ])
  func memories(_ name: String, _ encoding: String.Encoding) throws {
    let fixture = try Fixture()
    let path = try fixture.write(Self.memory(encoding: name), "a.tmx", encoding: encoding)
    let (pairs, notes) = try self.pairs(ParallelSource(path: path, languages: nil), in: fixture)
    #expect(pairs == Self.expected)
    #expect(notes.contains { $0.hasSuffix("a.tmx: translated from 'de' to 'en'") }, "\(notes)")
    let other = try self.pairs(ParallelSource(path: path, languages: ["en", "de"]), in: fixture)
    #expect(other.pairs == Self.expected.map { $0.reversed() })
  }

  @Test func languagesAreChosen() throws {
    let fixture = try Fixture()
    let french = "<tuv lang=\"fr-CA\"><seg>oui</seg></tuv>"
    let path = try fixture.write(Self.memory(french), "a.tmx")
    let error = #expect(throws: WeftError.self) {
      try self.pairs(ParallelSource(path: path, languages: nil), in: fixture)
    }
    #expect(
      error?.message.hasSuffix(
        "has texts in 'de', 'en', 'fr-CA'; choose source and target, for example with --languages de,en")
        == true)
    let (pairs, notes) = try self.pairs(ParallelSource(path: path, languages: ["en", "fr"]), in: fixture)
    #expect(pairs == Self.targets.map { [$0, "oui"] })
    #expect(notes.contains("units with texts in other languages, left out there: 4"), "\(notes)")
    let none = #expect(throws: WeftError.self) {
      try self.pairs(ParallelSource(path: path, languages: ["en", "it"]), in: fixture)
    }
    #expect(none?.message.contains("has no units with texts in 'en' and 'it'") == true)
  }

  @Test(
    "XML that is not well formed is refused, and entities of its own",
    arguments: [
      (
        "<tmx><body><tu><tuv xml:lang=\"de\"><seg>a & b</seg></tuv></tu></body></tmx>",
        "is not well-formed XML"
      ),
      (String(memory().dropLast(40)), "is not well-formed XML"),
      (
        "<!DOCTYPE tmx [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><tmx><body><tu><tuv xml:lang=\"de\"><seg>&b;</seg></tuv>"
          + "</tu></body></tmx>", "Entity 'b' not defined"
      ),
      (
        "<!DOCTYPE tmx SYSTEM \"file:///etc/passwd\" [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><tmx><body><tu>"
          + "<tuv xml:lang=\"de\"><seg>&a;</seg></tuv></tu></body></tmx>", "line 1: "
      ),
      ("<tmx><body><tu><tuv><seg>a</seg></tuv></tu></body></tmx>", "<seg> has no language"),
    ])
  func wrongXML(_ text: String, _ message: String) throws {
    let fixture = try Fixture()
    let path = try fixture.write(text, "a.tmx")
    let error = #expect(throws: WeftError.self) {
      try self.pairs(ParallelSource(path: path, languages: nil), in: fixture)
    }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func xliff() throws {
    let fixture = try Fixture()
    let units = zip(Self.sources, Self.targets).map {
      "<trans-unit id=\"1\"><source>\(Self.escaped($0))<ph id=\"2\">&lt;br/&gt;</ph></source><target><g id=\"1\">\(Self.escaped($1))"
        + "</g></target><alt-trans><source>no</source><target>no</target></alt-trans></trans-unit>"
    }.joined()
    let first = try fixture.write(
      "<xliff version=\"1.2\"><file source-language=\"de\" target-language=\"en\"><body>\(units)<trans-unit id=\"n\"><source>"
        + "open</source></trans-unit></body></file></xliff>", "a.xlf")
    let (pairs, notes) = try self.pairs(ParallelSource(path: first, languages: nil), in: fixture)
    #expect(pairs == Self.expected)
    #expect(notes.contains("units without a text in both languages, left out: 1"), "\(notes)")
    let segments = zip(Self.sources, Self.targets).map {
      "<segment><source>\(Self.escaped($0))</source><target>\(Self.escaped($1))</target></segment>"
    }.joined()
    let second = try fixture.write(
      "<xliff version=\"2.0\" srcLang=\"de\" trgLang=\"en\"><file id=\"f\"><unit id=\"1\">\(segments)</unit></file></xliff>",
      "b.xlf")
    #expect(try self.pairs(ParallelSource(path: second, languages: nil), in: fixture).pairs == Self.expected)
  }

  /// A test set in SGML, with attributes without quotation marks, elements without ends, and `&` by itself.
  private static func testSet(_ rows: [String], _ tag: String) -> String {
    "<\(tag) setid=\"x\">\n"
      + stride(from: 0, to: rows.count, by: 2).map { start in
        "<DOC docid=d\(start)>\n<p>\n"
          + rows[start..<start + 2].enumerated().map { index, row in
            "<seg id=\(index + 1)> \(row.replacing("<", with: "&lt;")) </seg>\n"
          }.joined() + "</DOC>\n"
      }.joined() + "</\(tag)>\n"
  }

  @Test func testSetsOfSegments() throws {
    let fixture = try Fixture()
    func write(_ source: String, _ target: String) throws -> ParallelSource {
      .files(source: try fixture.write(source, "s.sgm"), target: try fixture.write(target, "t.sgm"))
    }
    let (source, target) = (Self.testSet(Self.sources, "srcset"), Self.testSet(Self.targets, "refset"))
    let (pairs, notes) = try self.pairs(write(source, target), in: fixture)
    #expect(pairs == Self.expected)
    #expect(notes.contains { $0.hasSuffix("s.sgm: 4 segments of documents (<seg>)") }, "\(notes)")
    for (wrong, message) in [
      (target.replacing("id=2", with: "id=7"), "t.sgm: has segment 7 of document 'd0' where"),
      (String(target.dropLast(40)), "without an end of its last element; is it complete?"),
      (target.replacing("two", with: "<b>two</b>"), "segment 2 contains the tag 'b'"),
      (Self.testSet(Array(Self.targets.prefix(2)), "refset"), "t.sgm: ends after 2 segments, but"),
    ] {
      let error = #expect(throws: WeftError.self) { try self.pairs(write(source, wrong), in: fixture) }
      #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }
  }

  @Test func testSetsWithReferences() throws {
    let fixture = try Fixture()
    func segments(_ rows: [String]) -> String {
      rows.enumerated().map { "<seg id=\"\($0 + 1)\">\(Self.escaped($1))</seg>" }.joined()
    }
    let text =
      "<?xml version='1.0' encoding='utf-8'?>\n<dataset id=\"x\"><doc origlang=\"de\" id=\"d\"><src lang=\"de\"><p>"
      + segments(Self.sources) + "</p></src><ref lang=\"en\" translator=\"A\"><p>" + segments(Self.targets)
      + "</p></ref><ref lang=\"en\" translator=\"B\"><p><seg id=\"1\">no</seg></p></ref><hyp system=\"x\"><p><seg"
      + " id=\"1\">no</seg></p></hyp></doc></dataset>\n"
    let path = try fixture.write(text, "x.xml")
    let (pairs, notes) = try self.pairs(ParallelSource(path: path, languages: nil), in: fixture)
    #expect(pairs == Self.expected)
    #expect(
      notes.contains("the first reference of each document is read; left out: those of 'B'"), "\(notes)")
  }

  @Test func linesBetweenTags() throws {
    let fixture = try Fixture()
    func text(_ rows: [String], _ title: String) -> String {
      "<url>http://x</url>\n<talkid>1</talkid>\n<title>\(title)</title>\n" + rows.joined(separator: "\n")
        + "\n<reviewer>X</reviewer>\n"
    }
    let source = ParallelSource.files(
      source: try fixture.write(text(Self.sources, "Titel"), "train.tags.de-en.de"),
      target: try fixture.write(text(Self.targets, "Title"), "train.tags.de-en.en"))
    #expect(try self.pairs(source, in: fixture).pairs == [["Titel", "Title"]] + Self.expected)
  }

  @Test func folderOfAPair() throws {
    let fixture = try Fixture()
    for (language, rows) in [("de", Self.sources), ("en", Self.targets)] {
      _ = try fixture.write(rows.joined(separator: "\n") + "\n", "Europarl.de-en.\(language)")
    }
    _ = try fixture.write("x\n", "Europarl.de-en.ids")
    let folder = fixture.folder.path
    #expect(try self.pairs(ParallelSource(path: folder, languages: nil), in: fixture).pairs == Self.expected)
    for name in ["b.de", "b.en"] { _ = try fixture.write("x\n", name) }
    let error = #expect(throws: WeftError.self) { try ParallelSource(path: folder, languages: nil) }
    #expect(error?.message.contains("has several pairs (Europarl.de-en.de, b.de)") == true)
  }

  @Test func objects() throws {
    let fixture = try Fixture()
    let lines = zip(Self.sources, Self.targets).map {
      "{\"id\": \"1\", \"translation\": {\"de\": \"\($0)\", \"en\": \"\($1)\"}}\n"
    }.joined()
    let path = try fixture.write(lines, "x.jsonl")
    #expect(
      try self.pairs(ParallelSource(path: path, languages: ["de", "en"]), in: fixture).pairs == Self.expected)
    let error = #expect(throws: WeftError.self) {
      try self.pairs(ParallelSource(path: path, languages: nil), in: fixture)
    }
    #expect(error?.message.contains("line 1: has the texts 'de', 'en'; choose") == true)
  }

  /// Those of Tatoeba begin with numbers, those of WikiMatrix with scores.
  @Test("columns of numbers are no sentences", arguments: ["", "1."]) func numbers(_ whole: String) throws {
    let fixture = try Fixture()
    let lines = (0..<12).map { "\(whole)\($0)\teng\ta sentence \($0)\n" }.joined()
    let path = try fixture.write(lines, "sentences.tsv")
    let error = #expect(throws: WeftError.self) {
      try self.pairs(ParallelSource(path: path, languages: nil), in: fixture)
    }
    #expect(error?.message.contains("line 10: has a number in column 1, as each line above") == true)
  }
}
