import DatasetTools
import Foundation
import HDF5
import Media
import TestSupport
import Testing

@testable import WeftBase

/// Lists with blanks between a file and its text or class, and transcripts that name recordings in other ways.
@Suite("Lists with blanks") struct SpacedListTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "MediaTests/Fixtures")

  private func put(_ name: String, _ text: String? = nil, in fixture: Fixture) throws {
    let url = fixture.folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    if let text {
      try text.write(to: url, atomically: true, encoding: .utf8)
    } else {
      let own = name.hasSuffix(".wav") ? "voice.wav" : "rgb.png"
      try FileManager.default.copyItem(at: Self.fixtures.appending(path: own), to: url)
    }
  }

  private func audio(
    _ path: String, in fixture: Fixture, hasClasses: Bool = false, plan: SplitPlan = .whole
  ) throws -> (texts: [String: String], notes: [String], file: File) {
    var dataset = AudioDataset(
      source: TranscribedSource(fixture.path(path)), features: LogMelSettings(),
      vocabulary: VocabularyOptions(unit: .character))
    (dataset.hasClasses, dataset.plan) = (hasClasses, plan)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let names = try file.dataset("train/files").read(as: String.self)
    let texts =
      hasClasses
      ? try classes(file) : try file.dataset("train/texts").read(as: String.self)
    return (Dictionary(uniqueKeysWithValues: zip(names, texts)), summary.notes, file)
  }

  private func classes(_ file: File) throws -> [String] {
    let names = try file.dataset("classes").read(as: String.self)
    return try file.dataset("train/targets").read(as: Int.self).map { names[$0] }
  }

  @Test("a file and a class, as lists of images and recordings have them") func classesAfterFiles() throws {
    let fixture = try Fixture()
    for name in ["a b.wav", "2.wav", "3.wav"] { try put("sounds/\(name)", in: fixture) }
    try put("train.txt", "sounds/a b.wav 3\nsounds/2.wav  12\nsounds/3.wav\u{20}3 \n", in: fixture)
    let (found, notes, _) = try audio("train.txt", in: fixture, hasClasses: true)
    #expect(found == ["sounds/a b.wav": "3", "sounds/2.wav": "12", "sounds/3.wav": "3"])
    #expect(notes.contains { $0.hasSuffix("train.txt: file and class, with blanks between") }, "\(notes)")
    try put("more.txt", "sounds/2.wav 3 1\nsounds/3.wav 3 1\n", in: fixture)
    let error = #expect(throws: WeftError.self) { _ = try audio("more.txt", in: fixture, hasClasses: true) }
    #expect(
      error?.message.contains(
        "more.txt: line 1: sounds/2.wav: has 2 words after it, of which one is its class; write PATH TAB CLASS"
      ) == true,
      "\(error?.message ?? "")")
  }

  @Test("a file and a caption") func captions() throws {
    let fixture = try Fixture()
    for name in ["1.png", "2.png"] { try put("images/\(name)", in: fixture) }
    try put("captions.txt", "1.png A dog runs.\n2.png Two cats\n1.png A dog\n", in: fixture)
    let grid = try PatchGrid(height: 8, width: 8, patch: 4)
    let dataset = ImageDataset(
      source: TranscribedSource(fixture.path("captions.txt")), grid: grid,
      vocabulary: VocabularyOptions(unit: .character))
    let (file, _) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    #expect(
      try file.dataset("train/texts").read(as: String.self) == ["A dog runs.", "Two cats", "A dog"])
    #expect(try file.dataset("train/files").read(as: String.self) == ["1.png", "2.png", "1.png"])
  }

  @Test("VoxForge: a folder for each session, with etc/PROMPTS") func prompts() throws {
    let fixture = try Fixture()
    let sessions = ["Ann-2008-kdl", "anonymous-2009-x", "Ann-2010-abc"] + (0..<9).map { "P\($0)-2011" }
    for session in sessions {
      for name in ["a0001", "a0002"] { try put("vf/\(session)/wav/\(name).wav", in: fixture) }
      try put(
        "vf/\(session)/etc/PROMPTS", "\(session)/mfc/a0001 \(session) ONE\n*/mfc/a0002 \(session) TWO\n",
        in: fixture)
    }
    let (found, notes, _) = try audio("vf", in: fixture)
    #expect(found.count == 24 && found["Ann-2008-kdl/wav/a0002.wav"] == "Ann-2008-kdl TWO", "\(found)")
    #expect(notes.contains("lines of PROMPTS files: recording and transcript; speakers are groups"))
    // Two sessions of Ann are one group.
    let drawn = try audio("vf", in: fixture, plan: SplitPlan("0.5,0.5"))
    #expect(drawn.notes.contains("11 groups by the speaker"), "\(drawn.notes)")
    let one = try audio("vf/Ann-2008-kdl/etc/PROMPTS", in: fixture)
    #expect(one.texts == ["a0001.wav": "Ann-2008-kdl ONE", "a0002.wav": "Ann-2008-kdl TWO"])
  }

  @Test(
    "CMU ARCTIC and Sphinx",
    arguments: [
      ("txt.done.data", "( a1 \"Philip said \\\"go\\\".\" )\n( a2 \"Etc. (or so)\" )\n"),
      ("train.transcription", "<s> Philip said \"go\". </s> (a1)\n Etc. (or so) (a2)\n"),
      ("plain.txt", "x/a1 Philip said \"go\".\nx/a2 Etc. (or so)\n"),
    ])
  func identifiers(_ name: String, _ text: String) throws {
    let fixture = try Fixture()
    for name in ["a1", "a2"] { try put("voice/wav/\(name).wav", in: fixture) }
    try put("voice/etc/\(name)", text, in: fixture)
    let (found, _, _) = try audio("voice/etc/\(name)", in: fixture)
    #expect(found == ["a1.wav": "Philip said \"go\".", "a2.wav": "Etc. (or so)"])
  }

  @Test("THCHS-30 and the Montreal Forced Aligner: texts in .wav.trn and .lab") func otherEndings() throws {
    let fixture = try Fixture()
    for name in ["data/A1.wav", "train/A1.wav", "mfa/1.wav", "htk/1.wav"] { try put(name, in: fixture) }
    try put("data/A1.wav.trn", "绿 是\nlv4 shi4\nl v4\n", in: fixture)
    try put("train/A1.wav.trn", "../data/A1.wav.trn\n", in: fixture)
    try put("mfa/1.lab", "some words\n", in: fixture)
    try put("htk/1.lab", "0 1200000 sil\n1200000 2400000 ax\n", in: fixture)
    #expect(try audio("data", in: fixture).texts == ["A1.wav": "绿 是"])
    #expect(try audio("train", in: fixture).texts == ["A1.wav": "绿 是"])
    #expect(try audio("mfa", in: fixture).texts == ["1.wav": "some words"])
    let error = #expect(throws: WeftError.self) { _ = try audio("htk", in: fixture) }
    #expect(error?.message.contains("1.lab: has times and labels of phones, not a text") == true)
  }

  @Test(
    "what other lists are refused with",
    arguments: [
      ("list.json", "[{\"image\": \"1.png\", \"label\": \"cat\"}]\n", "jq -c '.[]'"),
      ("gt.txt", "1.png, \"cat\"\n", "the first line must name its columns, such as path,text"),
      ("dev.csv", "fname,labels\n1,\"a,b\"\n", "rename(columns={'fname': 'path', 'labels': 'label'})"),
      ("captions.tsv", "a cat\thttp://example.org/1.png\n", "has an address in column 2"),
    ])
  func refusals(_ name: String, _ text: String, _ advice: String) throws {
    let fixture = try Fixture()
    try put("1.png", in: fixture)
    try put(name, text, in: fixture)
    let grid = try PatchGrid(height: 8, width: 8, patch: 4)
    var dataset = ImageDataset(
      source: TranscribedSource(fixture.path(name)), grid: grid,
      vocabulary: VocabularyOptions(unit: .character))
    dataset.hasClasses = name != "captions.tsv"
    let message = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(message.contains(advice), "\(message)")
  }

  @Test("files that are all in one folder tell how to name classes") func oneFolder() throws {
    let fixture = try Fixture()
    for name in ["images/cat/1.png", "images/dog/1.png"] { try put("set/\(name)", in: fixture) }
    let grid = try PatchGrid(height: 8, width: 8, patch: 4)
    var dataset = ImageDataset(
      source: TranscribedSource(fixture.path("set")), grid: grid,
      vocabulary: VocabularyOptions(unit: .character))
    dataset.hasClasses = true
    let message = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(
      message.contains("all have the class 'images'")
        && message.contains("name the one that has a folder for each"))
  }
}
