import DatasetTools
import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase

/// Texts with several labels in the layouts in which they are published. What the files must contain follows from the texts.
@Suite("Texts with several labels") struct SeveralLabelTests {
  private func dataset(_ paths: [String], _ form: LabelledTextForm) -> LabelledTextDataset {
    var options = VocabularyOptions(unit: .word)
    options.minimumCount = 1
    return LabelledTextDataset(paths: paths, form: form, vocabulary: options)
  }

  private static let prefixed = LabelledTextForm.prefixedLines(prefix: LabelledTextForm.usualPrefix)

  /// The labels and the rows of a split.
  private func flags(_ file: File, _ split: String = "train") throws -> (names: [String], rows: [[Int]]) {
    let targets = try file.dataset("\(split)/targets")
    let names = try targets.attributes.values("feature_names", as: String.self)
    let values = try targets.read(as: Int.self)
    #expect(try targets.shape == [values.count / names.count, names.count])
    #expect(try !file.contains("classes"))
    return (
      names, stride(from: 0, to: values.count, by: names.count).map { Array(values[$0..<$0 + names.count]) }
    )
  }

  @Test("several labels of fastText; the model's labels have its order in other texts")
  func fastText() throws {
    let fixture = try Fixture()
    let path = try fixture.write("__label__b x\n__label__a __label__c y\nx __label__c\n")
    let (file, summary) = try fixture.make { try dataset([path], Self.prefixed).write(to: $0, progress: $1) }
    let (names, rows) = try flags(file)
    #expect(names == ["a", "b", "c"] && rows == [[0, 1, 0], [1, 0, 1], [0, 0, 1]])
    #expect(
      summary.notes.contains(
        "texts have 1 to 2 labels (several first in \(path): line 2), which become targets of 0 and 1 for loss.kind:"
          + " binary-cross-entropy"), "\(summary.notes)")
    var other = dataset([path], Self.prefixed)
    other.knownLabels = ["c", "b", "a"]
    let (again, _) = try fixture.make { try other.write(to: $0, progress: $1) }
    #expect(try flags(again).rows == [[0, 1, 0], [1, 0, 1], [1, 0, 0]])
    other.knownLabels = ["c", "b"]
    #expect(
      fixture.failure { try other.write(to: $0, progress: $1) }
        .hasPrefix("\(path): line 2: 'a' is none of the classes of --vocabulary, c, b"))
    // A model of one class for each text does not have two.
    (other.knownLabels, other.knownClasses) = ([], ["a", "b", "c"])
    #expect(
      fixture.failure { try other.write(to: $0, progress: $1) }.hasPrefix(
        "\(path): line 2: has 2 labels (a, c)"))
  }

  @Test("a column for each label: the Toxic Comments table")
  func columns() throws {
    let fixture = try Fixture()
    let table = "id,comment_text,toxic,insult\n1,\"a, b\",0,0\n2,c,1,0\n3,d,1,1\n"
    let path = try fixture.write(table, "train.csv")
    let form = LabelledTextForm.records(texts: ["comment_text"], .flags(["toxic", "insult"]), TableFormat())
    var made = dataset([path], form)
    made.others = [
      SplitSource("test", [try fixture.write("id,comment_text,toxic,insult\n4,c,0,1\n", "test.csv")])
    ]
    let (file, summary) = try fixture.make { try made.write(to: $0, progress: $1) }
    let (names, rows) = try flags(file)
    #expect(names == ["toxic", "insult"] && rows == [[0, 0], [1, 0], [1, 1]])
    #expect(try flags(file, "test").rows == [[0, 1]])
    #expect(
      summary.notes.contains { $0.hasPrefix("texts have 0 to 2 labels") && $0.hasSuffix("; 1 have none") },
      "\(summary.notes)")
    // The published test set marks rows that were not scored by −1.
    let unscored = try fixture.write(table + "5,e,-1,-1\n", "unscored.csv")
    #expect(
      fixture.failure { try dataset([unscored], form).write(to: $0, progress: $1) }.contains(
        "line 5, column 'toxic': is '-1', neither 0 nor 1"))
  }

  @Test("several labels in a field, and in lists of JSON: GoEmotions")
  func fields() throws {
    let fixture = try Fixture()
    let path = try fixture.write("text\tlabel\nx\t3,27\ny\t27\nz\t\n", "go.tsv")
    var format = TableFormat()
    format.separator = UInt8(ascii: "\t")
    let form = LabelledTextForm.records(texts: ["text"], .field("label", separator: ","), format)
    let (file, _) = try fixture.make { try dataset([path], form).write(to: $0, progress: $1) }
    #expect(try flags(file) == (["3", "27"], [[1, 1], [0, 1], [0, 0]]))
    // Without a separator, 3,27 is a class, of which the output warns.
    let whole = try fixture.write("text\tlabel\nx\t3,27\ny\t27\n", "whole.tsv")
    let single = LabelledTextForm.records(texts: ["text"], .field("label", separator: nil), format)
    let (_, summary) = try fixture.make { try dataset([whole], single).write(to: $0, progress: $1) }
    #expect(
      summary.notes.contains(
        "classes such as '3,27' may be several labels; --label-separator ',' reads them so"),
      "\(summary.notes)")
    let lists = try fixture.write(
      #"{"text": "x", "labels": [3, 27]}"# + "\n" + #"{"text": "y", "labels": [27]}"# + "\n"
        + #"{"text": "z", "labels": []}"# + "\n", "go.jsonl")
    let list = LabelledTextForm.records(texts: ["text"], .field("labels", separator: nil), TableFormat())
    let (read, _) = try fixture.make { try dataset([lists], list).write(to: $0, progress: $1) }
    #expect(try flags(read) == (["3", "27"], [[1, 1], [0, 1], [0, 0]]))
    // Where each text has one, a text without any is a mistake.
    let empty = try fixture.write(
      #"{"text": "x", "labels": [3]}"# + "\n" + #"{"text": "z", "labels": []}"# + "\n", "empty.jsonl")
    #expect(
      fixture.failure { try dataset([empty], list).write(to: $0, progress: $1) }
        == "\(empty): line 2: has no label, where others have one each; give the text its label, or remove it"
    )
  }

  @Test("bytes that are control characters in Latin-1 are of Windows-1252")
  func windows() throws {
    let fixture = try Fixture()
    let text = "text,label\nit\u{92}s,a\n\u{E9},b\n"
    let path = try fixture.write(text, "x.csv", encoding: .isoLatin1)
    var format = TableFormat()
    format.encoding = .latin1
    func made() -> LabelledTextDataset {
      dataset([path], .records(texts: ["text"], .field("label", separator: nil), format))
    }
    #expect(
      fixture.failure { try made().write(to: $0, progress: $1) }
        == "\(path): line 2: has the byte 0x92, which is a control character in latin-1; use --encoding windows-1252"
    )
    format.encoding = .windows1252
    let (file, _) = try fixture.make { try made().write(to: $0, progress: $1) }
    #expect(try file.dataset("vocabulary").read(as: String.self).contains("it’s"))
  }
}
