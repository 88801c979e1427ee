import DatasetTools
import Foundation
import HDF5
import Media
import TestSupport
import Testing

@testable import WeftBase

/// Folders of recordings, images and texts whose names tell their classes, texts beside recordings in forms of their own, and
/// what of a folder is left out.
@Suite("Folders of recordings, images and texts") struct NamedFolderTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "MediaTests/Fixtures")

  /// Puts a fixture of `MediaTests` under another name, or a text if there is one.
  private func put(
    _ name: String, _ text: String? = nil, from other: String = "voice.wav", in fixture: Fixture
  ) throws {
    let url = fixture.folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    if let text {
      try text.write(to: url, atomically: true, encoding: .utf8)
    } else {
      try FileManager.default.copyItem(at: Self.fixtures.appending(path: other), to: url)
    }
  }

  private func audio(
    _ source: TranscribedSource, in fixture: Fixture, _ change: (inout AudioDataset) throws -> Void = { _ in }
  ) throws -> (file: File, notes: [String]) {
    var dataset = AudioDataset(
      source: source, features: LogMelSettings(), vocabulary: VocabularyOptions(unit: .character))
    try change(&dataset)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    return (file, summary.notes)
  }

  private func texts(_ file: File, _ split: String = "train") throws -> [String: String] {
    let names = try file.dataset("\(split)/files").read(as: String.self).map { PathParts.name(of: $0) }
    return Dictionary(
      zip(names, try file.dataset("\(split)/texts").read(as: String.self)),
      uniquingKeysWith: { "\($0); \($1)" })
  }

  @Test("classes and speakers of the Free Spoken Digit Dataset") func digits() throws {
    let fixture = try Fixture()
    for digit in 0..<3 {
      for speaker in ["jackson", "theo", "lucas", "nicolas"] {
        try put("recordings/\(digit)_\(speaker)_0.wav", in: fixture)
      }
    }
    let pattern = try NamePattern("{class}_{group}_*", option: "--class-from")
    let source = TranscribedSource(fixture.path("recordings")).naming(classes: pattern)
    let (file, notes) = try audio(source, in: fixture) {
      $0.hasClasses = true
      $0.plan = try SplitPlan("0.5,0.5")
    }
    #expect(try file.dataset("classes").read(as: String.self) == ["0", "1", "2"])
    #expect(notes.contains("3 classes: 0 4, 1 4, 2 4"), "\(notes)")
    var speakers: [String: Set<String>] = [:]
    for split in ["train", "validation"] {
      let files = try file.dataset("\(split)/files").read(as: String.self)
      #expect(try file.dataset("\(split)/targets").read(as: Int.self) == files.map { Int($0.prefix(1)) })
      speakers[split] = Set(files.map { String($0.split(separator: "_")[1]) })
    }
    #expect(speakers["train"]?.isDisjoint(with: speakers["validation"] ?? []) == true)
    // One that does not fit ends the conversion.
    try put("recordings/noise.wav", in: fixture)
    let error = #expect(throws: WeftError.self) { try audio(source, in: fixture) { $0.hasClasses = true } }
    #expect(
      error?.message.contains("noise.wav: its name does not fit --class-from '{class}_{group}_*'") == true)
  }

  /// RAVDESS has a folder for each actor, who is no class.
  @Test func speakersAreDoubtedAsClasses() throws {
    let fixture = try Fixture()
    for actor in ["01", "02"] { try put("r/Actor_\(actor)/03-01-05-01-01-01-\(actor).wav", in: fixture) }
    let (_, notes) = try audio(TranscribedSource(fixture.path("r")), in: fixture) { $0.hasClasses = true }
    #expect(
      notes.contains(
        "folders such as Actor_01 are the classes; if the names of files tell them, read them with --class-from"
      ),
      "\(notes)")
  }

  @Test func recordingsThatAreNotReadAreTold() throws {
    let fixture = try Fixture()
    for name in ["a", "b"] {
      try put("s/\(name).wav", in: fixture)
      try put("s/\(name).txt", "text \(name)", in: fixture)
    }
    try put("s/c.m4a", "-", in: fixture)
    try put("s/c.txt", "text c", in: fixture)
    let (file, notes) = try audio(TranscribedSource(fixture.path("s")), in: fixture)
    #expect(try texts(file) == ["a.wav": "text a", "b.wav": "text b"])
    #expect(
      notes.contains(
        "files of kinds that are not read (.m4a), left out: 1, such as c.m4a; convert them, for example with ffmpeg"
      ),
      "\(notes)")
    try put("raw/x.pcm", "-", in: fixture)
    let error = #expect(throws: WeftError.self) {
      try audio(TranscribedSource(fixture.path("raw")), in: fixture)
    }
    #expect(error?.message.contains("(.pcm), left out: 1, such as x.pcm") == true, "\(error?.message ?? "")")
  }

  /// VCTK 0.92 has two microphones for each text in another folder.
  @Test func firstMicrophonesOfVCTK() throws {
    let fixture = try Fixture()
    for number in 1...2 {
      for microphone in 1...2 {
        try put(
          "v/wav48_silence_trimmed/p225/p225_00\(number)_mic\(microphone).flac", from: "voice.flac",
          in: fixture)
      }
      try put("v/txt/p225/p225_00\(number).txt", "Please call \(number).\n", in: fixture)
    }
    let (file, notes) = try audio(TranscribedSource(fixture.path("v")), in: fixture)
    #expect(
      try texts(file) == ["p225_001_mic1.flac": "Please call 1.", "p225_002_mic1.flac": "Please call 2."])
    #expect(notes.contains { $0.contains("recordings by the second microphone, left out: 2") }, "\(notes)")
  }

  @Test("LibriTTS: normalized texts") func normalizedTexts() throws {
    let fixture = try Fixture()
    for number in 0..<2 {
      let stem = "t/84/121123/84_121123_00000\(number)_000000"
      try put("\(stem).wav", in: fixture)
      try put("\(stem).normalized.txt", "Number \(number)", in: fixture)
      try put("\(stem).original.txt", "No. \(number)", in: fixture)
    }
    let (file, _) = try audio(TranscribedSource(fixture.path("t")), in: fixture)
    #expect(try Set(texts(file).values) == ["Number 0", "Number 1"])
  }

  @Test("lists of CSS10 and JSUT") func lists() throws {
    let fixture = try Fixture()
    try put("c/book/b_0001.wav", in: fixture)
    try put("c/transcript.txt", "book/b_0001.wav|Der 1. Satz|Der erste Satz|2.31\n", in: fixture)
    var (file, notes) = try audio(TranscribedSource(fixture.path("c/transcript.txt")), in: fixture)
    #expect(try texts(file) == ["b_0001.wav": "Der erste Satz"])
    #expect(
      notes.contains {
        $0.hasSuffix("file|text|normalized text|seconds, of which the normalized text is read")
      })
    for number in 1...2 { try put("j/wav/BASIC5000_000\(number).wav", in: fixture) }
    try put("j/transcript_utf8.txt", "BASIC5000_0001:水を:飲む\nBASIC5000_0002:木曜日\n", in: fixture)
    (file, notes) = try audio(TranscribedSource(fixture.path("j/transcript_utf8.txt")), in: fixture)
    #expect(try texts(file) == ["BASIC5000_0001.wav": "水を:飲む", "BASIC5000_0002.wav": "木曜日"])
  }

  private func images(_ source: TranscribedSource, in fixture: Fixture) throws -> (
    file: File, notes: [String]
  ) {
    var vocabulary = VocabularyOptions(unit: .word)
    vocabulary.minimumCount = 1
    let dataset = ImageDataset(
      source: source, grid: try PatchGrid(height: 8, width: 8, patch: 4), vocabulary: vocabulary)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    return (file, summary.notes)
  }

  /// Karpathy's splits of Flickr8k and COCO.
  @Test func captionsWithSplits() throws {
    let fixture = try Fixture()
    func entry(_ name: String, _ folder: String?, _ split: String, _ texts: [String]) -> String {
      let sentences = texts.map {
        "{\"tokens\": [\"x\"], \"raw\": \"\($0)\", \"imgid\": 0, \"sentid\": 0}"
      }.joined(separator: ", ")
      return
        "{\"sentids\": [0], \"imgid\": 0, \(folder.map { "\"filepath\": \"\($0)\", " } ?? "")\"sentences\": [\(sentences)],"
        + " \"split\": \"\(split)\", \"filename\": \"\(name)\"}"
    }
    let entries = [
      entry("1.jpg", nil, "train", ["A dog .", "A brown dog"]),
      entry("2.jpg", "val2014", "restval", ["A cat"]),
      entry("3.jpg", nil, "val", ["A cow"]), entry("4.jpg", nil, "test", ["A hen", "Hens"]),
    ]
    let text = "{\"images\": [\(entries.joined(separator: ",\n"))], \"dataset\": \"flickr8k\"}"
    try put("dataset_flickr8k.json", text, in: fixture)
    for name in ["1.jpg", "val2014/2.jpg", "3.jpg", "4.jpg"] {
      try put("images/\(name)", from: "colour.jpg", in: fixture)
    }
    let path = fixture.path("dataset_flickr8k.json")
    let (file, notes) = try images(TranscribedSource(path), in: fixture)
    #expect(try texts(file) == ["1.jpg": "A dog .; A brown dog", "2.jpg": "A cat"])
    #expect(try texts(file, "validation") == ["3.jpg": "A cow"])
    #expect(try texts(file, "test") == ["4.jpg": "A hen; Hens"])
    #expect(notes.contains("captions and splits of \(path), images in \(fixture.path("images"))"), "\(notes)")
    let error = #expect(throws: WeftError.self) {
      var dataset = ImageDataset(
        source: TranscribedSource(path), grid: try PatchGrid(height: 8, width: 8, patch: 4),
        vocabulary: VocabularyOptions(unit: .word))
      dataset.plan = try SplitPlan("0.9,0.1")
      try fixture.make { try dataset.write(to: $0, progress: $1) }
    }
    #expect(
      error?.message == "\(path): tells the split of each file; remove --split, --validation and --test")
  }

  @Test func imagesThatAreNotReadAreTold() throws {
    let fixture = try Fixture()
    for (name, other) in [("a.png", "rgb.png"), ("b.jpg", "colour.jpg")] {
      try put("p/\(name)", from: other, in: fixture)
    }
    for name in ["a", "b", "c", "d"] { try put("p/\(name).txt", "an image", in: fixture) }
    for name in ["c.webp", "d.gif"] { try put("p/\(name)", "-", in: fixture) }
    let (_, notes) = try images(TranscribedSource(fixture.path("p")), in: fixture)
    #expect(
      notes.contains(
        "files of kinds that are not read (.gif, .webp), left out: 2, such as c.webp; convert them, for example with"
          + " ImageMagick"), "\(notes)")
  }

  /// Names of people by language, as a tutorial of PyTorch has them: a file for each class, a text in each line.
  @Test func linesOfFilesOfClasses() throws {
    let fixture = try Fixture()
    try put("names/Czech.txt", "Abl\n\nČapek\n", in: fixture)
    try put("names/Irish.txt", "Adam\nO'Neal", in: fixture)
    let pattern = try NamePattern("{class}", option: "--class-from")
    for paths in [
      [fixture.path("names")], [fixture.path("names/Czech.txt"), fixture.path("names/Irish.txt")],
    ] {
      let dataset = LabelledTextDataset(
        paths: paths, form: .named(pattern, areLines: true, .utf8),
        vocabulary: VocabularyOptions(unit: .character))
      let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
      #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 0, 1, 1])
      #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, 3, 8, 12, 18])
      #expect(summary.notes.contains("2 classes: Czech 2, Irish 2"), "\(summary.notes)")
    }
    let whole = LabelledTextDataset(
      paths: [fixture.path("names")], form: .named(pattern, areLines: false, .utf8),
      vocabulary: VocabularyOptions(unit: .character))
    let (file, _) = try fixture.make { try whole.write(to: $0, progress: $1) }
    #expect(try file.dataset("train/names").read(as: String.self) == ["Czech.txt", "Irish.txt"])
    #expect(try file.dataset("train/targets").read(as: Int.self) == [0, 1])
  }
}
