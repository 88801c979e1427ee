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
  ])
  func formsAreTold(_ text: String, _ name: String, _ note: String) throws {
    let (notes, failure) = try convert(text, name)
    #expect(failure == nil)
    #expect(notes.contains { $0.contains(note) }, "\(notes)")
  }

  @Test(arguments: [
    " = Title = \n\n The <unk> @-@ game \n", "<unk> was here\nand so on\n", "one two\nthree four\n",
    (0..<30).map { "a line of \($0) words, as it is\n" }.joined(),
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
    ])
  func corpora(_ text: String, _ note: String) throws {
    let fixture = try Fixture()
    let dataset = TextDataset(
      files: [try fixture.write(text)], vocabulary: VocabularyOptions(unit: .character))
    let notes = try fixture.make { try dataset.write(to: $0, progress: $1) }.summary.notes
    #expect(notes.contains { $0.contains(note) }, "\(notes)")
  }
}
