import DatasetTools
import Foundation
import HDF5
import Media
import TestSupport
import Testing

@testable import WeftBase

/// What is the same in several lines of a list lies in one split.
@Suite("Tied items") struct TiedItemTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "MediaTests/Fixtures").path

  /// Writes the list of `count` pictures with the fields of each line, and divides it.
  private func images(
    _ fixture: Fixture, _ lines: [String], pictures count: Int
  ) throws -> (files: [Set<String>], texts: [Set<String>], notes: [String]) {
    for number in 0..<count {
      let path = fixture.path("\(number).png")
      if !FileManager.default.fileExists(atPath: path) {
        try FileManager.default.copyItem(atPath: "\(Self.fixtures)/rgb.png", toPath: path)
      }
    }
    let list = try fixture.write(lines.map { $0 + "\n" }.joined(), "list.tsv")
    let grid = try PatchGrid(height: 4, width: 4, patch: 4, features: .statistics, background: [0, 0, 0])
    var dataset = ImageDataset(
      source: TranscribedSource(list), grid: grid, vocabulary: VocabularyOptions(unit: .character))
    dataset.plan = try SplitPlan("0.6,0.4", seed: 2)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    func values(_ name: String) throws -> [Set<String>] {
      try ["train", "validation"].map { Set(try file.dataset("\($0)/\(name)").read(as: String.self)) }
    }
    return (try values("files"), try values("texts"), summary.notes)
  }

  /// As in Flickr8k, where each picture has five captions.
  @Test("All captions of a picture lie in its split, and equal captions too") func captions() throws {
    let fixture = try Fixture()
    let lines = (0..<40).flatMap { picture in
      (0..<5).map { caption in
        let path = caption == 1 ? "./\(picture).png" : "\(picture).png"
        return "\(path)\t" + (caption == 4 && picture < 4 ? "a dog" : "caption \(caption) of \(picture)")
      }
    }
    let (files, texts, _) = try images(fixture, lines, pictures: 40)
    let names = files.map { Set($0.map { PathParts.name(of: $0) }) }
    #expect(names[0].isDisjoint(with: names[1]) && names[0].union(names[1]).count == 40)
    #expect(texts[0].isDisjoint(with: texts[1]) && !texts[1].isEmpty)
    // The four pictures of a dog.
    let dogs = files.map { $0.intersection(["0.png", "1.png", "2.png", "3.png"]).count }
    #expect(dogs.contains(0) && dogs.contains(4))
  }

  @Test("A group is kept together through the pictures that its lines share") func groups() throws {
    let fixture = try Fixture()
    let lines = (0..<60).map { "\($0 / 2).png\ttext \($0)\tgroup \($0 / 5)" }
    let (files, _, notes) = try images(fixture, lines + lines.map { $0 + "x" }, pictures: 30)
    #expect(files[0].isDisjoint(with: files[1]))
    // The third picture is in two groups, and so on.
    #expect(files.allSatisfy { !$0.isEmpty && $0.count.isMultiple(of: 5) })
    #expect(notes.contains("24 groups by column 3"), "\(notes)")
  }

  @Test(
    "A third column of another kind is no group",
    arguments: [
      ("0.%d", "column 3 contains numbers with decimals, so that it names no groups"),
      ("en", "column 3 has one value, so that it names no groups"),
      ("by user %d", "column 3 differs from line to line, so that it names no groups"),
    ])
  func otherColumns(_ form: String, _ note: String) throws {
    let fixture = try Fixture()
    func value(_ number: Int) -> String { form.replacing("%d", with: "\(number + 10)") }
    let lines = (0..<60).map { "\($0 / 2).png\ttext \($0)\t\(value($0))" }
    let (files, _, notes) = try images(fixture, lines, pictures: 30)
    #expect(files[0].isDisjoint(with: files[1]) && files.allSatisfy { !$0.isEmpty })
    #expect(notes.contains(note), "\(notes)")
    // Pairs of sentences, too.
    let pairs = try fixture.write(
      (0..<60).map { "source \($0 / 2)\ttarget \($0)\t\(value($0))\n" }.joined(), "pairs.tsv")
    var dataset = ParallelTextDataset(
      source: .tabSeparated(pairs), vocabulary: VocabularyOptions(unit: .character))
    dataset.plan = try SplitPlan("0.6,0.4", seed: 2)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(summary.notes.contains(note))
    // Of each source there are two.
    let counts = try ["train", "validation"].map { try file.dataset("\($0)/offsets").shape[0] - 1 }
    #expect(counts.allSatisfy { $0 > 0 && $0.isMultiple(of: 2) } && counts.reduce(0, +) == 60)
  }

  @Test("Equal sources of several groups tie the groups together") func sources() throws {
    let fixture = try Fixture()
    // Each group has four sentences of its own and one that the next group of a pair has, too.
    let lines = (0..<40).flatMap { group in
      (0..<4).map { "own \(group) \($0)\tx\tgroup \(group)\n" } + ["shared \(group / 2)\tx\tgroup \(group)\n"]
    }
    let path = try fixture.write(lines.joined(), "pairs.tsv")
    var dataset = ParallelTextDataset(
      source: .tabSeparated(path), vocabulary: VocabularyOptions(unit: .character))
    dataset.plan = try SplitPlan("0.5,0.5", seed: 2)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(summary.notes.contains("40 groups by column 3"))
    let counts = try ["train", "validation"].map { try file.dataset("\($0)/offsets").shape[0] - 1 }
    #expect(counts.allSatisfy { $0 > 0 && $0.isMultiple(of: 10) } && counts.reduce(0, +) == 200)
  }

  @Test("Lines that are all tied are an error that says why") func inseparable() throws {
    let fixture = try Fixture()
    let lines = (0..<5).map { "0.png\ttext \($0)" }
    let error = #expect(throws: WeftError.self) { try images(fixture, lines, pictures: 1) }
    #expect(
      error?.message
        == "\(fixture.path("list.tsv")): equal files and captions tie all 5 images together, so that they cannot be"
        + " divided into 2 splits")
  }
}
