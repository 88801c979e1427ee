import DatasetTools
import Foundation
import HDF5
import Media
import TestSupport
import Testing

@testable import WeftBase

/// Recordings with classes as corpora have them, and what lists of other programs are refused with.
@Suite("Recordings with classes") struct SoundClassTests {
  private static let voice = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "MediaTests/Fixtures/voice.wav").path

  private func put(_ name: String, in fixture: Fixture) throws {
    let url = fixture.folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: Self.voice, toPath: url.path)
  }

  private func dataset(_ path: String, hasClasses: Bool = true) -> AudioDataset {
    var dataset = AudioDataset(
      source: TranscribedSource(path), features: LogMelSettings(),
      vocabulary: VocabularyOptions(unit: .character))
    dataset.hasClasses = hasClasses
    return dataset
  }

  /// The file and the class of each recording of a split.
  private func classes(_ file: File, _ split: String = "train") throws -> [String: String] {
    let names = try file.dataset("classes").read(as: String.self)
    let targets = try file.dataset("\(split)/targets").read(as: Int.self)
    #expect(try file.dataset("\(split)/offsets").shape == [targets.count + 1])
    let files = try file.dataset("\(split)/files").read(as: String.self)
    return Dictionary(uniqueKeysWithValues: zip(files, targets.map { names[$0] }))
  }

  @Test("a folder for each class, with published lists and speakers: Speech Commands") func folders() throws {
    let fixture = try Fixture()
    for speaker in 0..<12 {
      for word in ["yes", "no"] { try put("sc/\(word)/\(speaker)_nohash_0.wav", in: fixture) }
    }
    try put("sc/_background_noise_/tap.wav", in: fixture)
    let lists = [
      try fixture.write("yes/1_nohash_0.wav\n", "sc/validation_list.txt"),
      try fixture.write("no/2_nohash_0.wav\n", "sc/testing_list.txt"),
    ]
    var made = dataset(fixture.path("sc"))
    made.others = [
      SplitSource("validation", TranscribedSource(lists[0])),
      SplitSource("test", TranscribedSource(lists[1])),
    ]
    let (file, summary) = try fixture.make { try made.write(to: $0, progress: $1) }
    #expect(try file.dataset("classes").read(as: String.self) == ["no", "yes"])
    #expect(try classes(file, "validation") == ["yes/1_nohash_0.wav": "yes"])
    #expect(try classes(file, "test") == ["no/2_nohash_0.wav": "no"])
    let train = try classes(file)
    #expect(train.count == 22 && train.allSatisfy { $0.key.hasPrefix("\($0.value)/") })
    #expect(summary.notes.contains("2 classes: no 12, yes 12"), "\(summary.notes)")
    #expect(
      summary.notes.contains { $0 == "recordings in _background_noise_, which have no class, left out: 1" })
    #expect(try file.contains("train/inputs") && !file.contains("target_vocabulary"))
    // Drawn splits keep speakers together.
    var drawn = dataset(fixture.path("sc"))
    drawn.plan = try SplitPlan("0.5,0.5")
    let (halves, _) = try fixture.make { try drawn.write(to: $0, progress: $1) }
    func speakers(_ split: String) throws -> Set<String> {
      Set(try classes(halves, split).keys.map { PathParts.name(of: $0) })
    }
    let (one, other) = (try speakers("train"), try speakers("validation"))
    #expect(one.isDisjoint(with: other) && one.count + other.count == 12)
  }

  @Test("a table with columns: ESC-50") func table() throws {
    let fixture = try Fixture()
    for name in ["1-a.wav", "2-b.wav"] { try put("audio/\(name)", in: fixture) }
    let path = try fixture.write(
      "filename,fold,target,category\n1-a.wav,1,0,dog\n2-b.wav,2,1,rain, light\n".replacing(
        "rain, light", with: "\"rain, light\""), "esc50.csv")
    let (file, summary) = try fixture.make { try dataset(path).write(to: $0, progress: $1) }
    #expect(try classes(file) == ["1-a.wav": "dog", "2-b.wav": "rain, light"])
    #expect(summary.notes.contains("columns of \(path): file 'filename', class 'category', group 'fold'"))
    #expect(
      fixture.failure { try dataset(path, hasClasses: false).write(to: $0, progress: $1) }.contains(
        "or with --classes for the class, such as label"))
  }

  @Test("TIMIT: upper-case names, and numbers of samples that are no words") func timit() throws {
    let fixture = try Fixture()
    try put("DR1/FCJF0/SA1.WAV", in: fixture)
    _ = try fixture.write("0 46797 She had your dark suit.\n", "DR1/FCJF0/SA1.TXT")
    _ = try fixture.write("0 3050 h#\n", "DR1/FCJF0/SA1.PHN")
    let (file, summary) = try fixture.make {
      try dataset(fixture.path("DR1"), hasClasses: false).write(to: $0, progress: $1)
    }
    #expect(try file.dataset("train/texts").read(as: String.self) == ["She had your dark suit."])
    #expect(
      summary.notes.contains { $0.contains("before the words of 1 texts, left out (TIMIT)") },
      "\(summary.notes)")
  }

  @Test(arguments: [
    ("utt1 a.wav\n", "wav.scp", "has wav.scp, but no file 'text'"),
    ("SPEAKER a 1 0.0 1.0 <NA> <NA> s\n", "T.rttm", "it tells parts of recordings, which are not cut"),
  ])
  func otherListsAreRefused(_ text: String, _ name: String, _ advice: String) throws {
    let fixture = try Fixture()
    let path = try fixture.write(text, name)
    let failure = fixture.failure { try dataset(path, hasClasses: false).write(to: $0, progress: $1) }
    #expect(failure.contains(advice), "\(failure)")
  }

  @Test("recordings without texts are told what else they may be") func noTexts() throws {
    let fixture = try Fixture()
    try put("gtzan/rock/1.wav", in: fixture)
    let failure = fixture.failure {
      try dataset(fixture.path("gtzan"), hasClasses: false).write(to: $0, progress: $1)
    }
    #expect(failure.contains("has no text 1.txt beside it") && failure.contains("--classes"), "\(failure)")
  }
}
