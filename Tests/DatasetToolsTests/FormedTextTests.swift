import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase

/// Text that is a table, columns, markup or objects, and is read as running text only with a word about it.
@Suite("Text that is more than text") struct FormedTextTests {
  private func convert(_ text: String, _ name: String) throws -> (notes: [String], failure: String?) {
    let fixture = try Fixture()
    let dataset = TextDataset(
      files: [try fixture.write(text, name)], vocabulary: VocabularyOptions(unit: .character))
    do {
      return (try fixture.make { try dataset.write(to: $0, progress: $1) }.summary.notes, nil)
    } catch { return ([], "\(error)") }
  }

  @Test(arguments: [
    ("1,\"a, b\",c\n2,d,e\n", "ag.csv", "--text-field and --label-field read the columns of a table"),
    (
      String(repeating: "EU NNP B-NP\nsaid VBD B-VP\n\n", count: 8), "chunks.txt",
      "its lines have 3 columns each; --tag-column 3 reads a word"
    ),
    (
      (0..<20).map { "ham\tI am number \($0) of many words\n" }.joined(), "sms",
      "each line has a tab; --no-header"
    ),
    (
      "<mediawiki xmlns=\"http://x\">\n<page>a</page>\n", "enwik8",
      "begins with <mediawiki xmlns=\"http://x\">, and its tags"
    ),
    (
      (0..<20).map { "\($0 + 1)\r\n00:00:0\($0 % 10),000 --> 00:00:09,500\r\nSome words.\r\n\r\n" }.joined(),
      "film.srt", "has the numbers and times of subtitles; grep -v -E"
    ),
    (
      (0..<20).map {
        "1/\($0 + 1)/21, 1:0\($0 % 10) PM - Ann: some words\n\($0 % 4 == 0 ? "and more\n" : "")"
      }.joined(),
      "chat.txt", "its lines begin with the times and senders of messages; sed -E"
    ),
    (
      (0..<20).map { "\u{200E}[0\($0 % 9 + 1).01.21, 10:00:\($0 + 10)] Bob: some words\n" }.joined(),
      "ios.txt",
      "its lines begin with the times and senders of messages; sed -E"
    ),
    (
      String(repeating: "The/at Fulton/np-tl County/nn-tl said/vbd ,/, yes/uh ./.\n", count: 20), "brown.pos",
      "each word has its tag after a slash"
    ),
    (
      String(repeating: "( (S (NP-SBJ (DT the) (NN cat)) (VP (VBD sat)) (. .)))\n", count: 20), "wsj.mrg",
      "trees of words with their parts of speech (Penn Treebank)"
    ),
  ])
  func formsAreTold(_ text: String, _ name: String, _ note: String) throws {
    let (notes, failure) = try convert(text, name)
    #expect(failure == nil)
    #expect(notes.contains { $0.contains(note) }, "\(notes)")
  }

  @Test(arguments: [
    " = Title = \n\n The <unk> @-@ game \n", "<unk> was here\nand so on\n", "one two\nthree four\n",
    (0..<30).map { "a line of \($0) words, as it is\n" }.joined(),
    (0..<30).map { "one clause; word\($0)\n" }.joined(), "> quoted mail, and more\n> as it is\n\nfine\n",
    (0..<30).map { "x\($0) = 1; y\n" }.joined(),
  ])
  func runningTextIsNotDoubted(_ text: String) throws {
    let (notes, failure) = try convert(text, "plain.txt")
    #expect(failure == nil)
    #expect(!notes.contains { $0.contains("read") || $0.contains("tags") }, "\(notes)")
  }

  @Test(arguments: [
    (#"{"train": [[[60, 64], [62]]]}"#, "jsb.json", "is JSON; name the field of the text"),
    ("(dp0\nS'train'\np1\n(lp2\n(lp3\n", "jsb.pkl", "is a Python pickle"),
  ])
  func objectsAreRefused(_ text: String, _ name: String, _ message: String) throws {
    let (_, failure) = try convert(text, name)
    #expect(failure?.contains("\(name): \(message)") == true, "\(failure ?? "")")
  }

  /// The advice is what a shell makes of it.
  @Test func programsOfNotesMakeTexts() throws {
    let fixture = try Fixture()
    func output(_ command: String, of text: String) throws -> String {
      let path = try fixture.write(text, "in.txt")
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", "\(command) \(path)"]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
    func command(_ text: String, _ start: String) throws -> String {
      let note = try #require(try convert(text, "x.txt").notes.first { $0.contains(start) })
      let from = try #require(note.range(of: start)?.lowerBound)
      let end = try #require(note[from...].lastIndex(of: "'"))
      return String(note[from...end])
    }
    let tree = String(repeating: "(3 (2 It) (4 (2 works) (2 .)))\n", count: 12)
    #expect(try output(command(tree, "sed -E"), of: tree).hasPrefix("__label__3 It works .\n__label__3"))
    let fasta = ">a\nMK\nVL\n>b\nAA\n"
    #expect(try output(command(fasta, "awk '/^>/"), of: fasta) == "MKVL\nAA\n")
    let fastq = "@a\nACGT\n+\nIIII\n@b\nGG\n+\nII\n"
    #expect(try output("awk 'NR % 4 == 2'", of: fastq) == "ACGT\nGG\n")
    let lines = String(repeating: "L1 +++$+++ u0 +++$+++ They do!\n", count: 12)
    #expect(try output(command(lines, "sed 's/.*"), of: lines).hasPrefix("They do!\nThey do!\n"))
  }

  /// SNIPS and ATIS: words, slots and intents in three files.
  @Test func filesOfIntentsAreTold() throws {
    let fixture = try Fixture()
    _ = try fixture.write("play a song\n", "seq.in")
    _ = try fixture.write("PlayMusic\n", "label")
    let failure = fixture.failure {
      try LabelledTextDataset(
        paths: [fixture.folder.path], form: .folders(.utf8), vocabulary: VocabularyOptions(unit: .word)
      ).write(to: $0, progress: $1)
    }
    #expect(failure.contains("'label' has the class of each line of seq.in: paste "), "\(failure)")
  }

  @Test("translations: XML is refused, and lines of tags are told") func markup() throws {
    let fixture = try Fixture()
    func convert(_ start: String) throws -> ConversionSummary {
      let source = ParallelSource.files(
        source: try fixture.write(start + "a b\nc d\n", "x.de"),
        target: try fixture.write(start + "e f\ng h\n", "x.en"))
      let dataset = ParallelTextDataset(source: source, vocabulary: VocabularyOptions(unit: .character))
      return try fixture.make { try dataset.write(to: $0, progress: $1) }.summary
    }
    let tagged = try convert("<p>x</p>\n")
    #expect(
      tagged.notes.contains { $0.contains("x.de: begins with <p>; lines of tags are read as sentences") })
    #expect(try !convert("").notes.contains { $0.contains("begins with") })
    let error = #expect(throws: WeftError.self) { try convert("<?xml version=\"1.0\"?>\n<doc>\n") }
    #expect(
      error?.message.hasSuffix(
        "x.de: is XML, of which TMX, XLIFF and test sets of WMT and IWSLT are read; write the sentences of others one a"
          + " line first, for example with xml.etree.ElementTree of Python") == true)
  }

  @Test(
    "text of known corpora is told what it has besides words",
    arguments: [
      (
        "The Project Gutenberg eBook of X\n\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n",
        "has the header and the licence"
      ),
      ("Once upon a time.\n<|endoftext|>\nOnce.\n", "has the mark <|endoftext|> between texts"),
      (String(repeating: "(3 (2 It) (4 works))\n", count: 12), "its lines are trees with classes (SST)"),
      (String(repeating: "LOC:city Where is it ?\n", count: 12), "each line begins with a class"),
      (
        ">sp|P1 Protein\nMKVL\nAA*\n>sp|P2\nMKT\n",
        "is FASTA, whose headers and ends of lines are read as text"
      ),
      ("@r1\nACGT\n+\nIIII\n@r2\nACGG\n+\nIIII\n", "is FASTQ, whose names and qualities are read as text"),
      (
        "#begin document (bc/x); part 000\n" + String(repeating: "bc/x 0 1 dog NN * - -\n", count: 12),
        "--word-column 4 --tag-column 5 reads words and their parts of speech"
      ),
      (
        String(repeating: "L1 +++$+++ u0 +++$+++ BIANCA +++$+++ They do!\n", count: 12),
        "its fields stand between ' +++$+++ '"
      ),
      (
        (0..<20).map { "i feel fine \($0);\($0 % 2 == 0 ? "joy" : "anger")\n" }.joined(),
        "each line ends with one of few words after ;; --no-header --separator ';'"
      ),
    ])
  func corpora(_ text: String, _ note: String) throws {
    let fixture = try Fixture()
    let dataset = TextDataset(
      files: [try fixture.write(text)], vocabulary: VocabularyOptions(unit: .character))
    let notes = try fixture.make { try dataset.write(to: $0, progress: $1) }.summary.notes
    #expect(notes.contains { $0.contains(note) }, "\(notes)")
  }
}
