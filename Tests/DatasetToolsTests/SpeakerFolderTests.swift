import DatasetTools
import Foundation
import HDF5
import Media
import TestSupport
import Testing

/// Corpora whose folders are speakers, as they are published: no speaker is in two splits.
@Suite("Folders of speakers") struct SpeakerFolderTests {
  private static let voice = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "MediaTests/Fixtures/voice.wav").path

  private func put(_ name: String, _ text: String?, in fixture: Fixture) throws {
    let url = fixture.folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    if let text {
      try Data(text.utf8).write(to: url)
    } else {
      try FileManager.default.copyItem(atPath: Self.voice, toPath: url.path)
    }
  }

  private func speakers(
    _ fixture: Fixture, seed: UInt64, _ speaker: (String) -> String
  ) throws -> (splits: [Set<String>], notes: [String]) {
    var dataset = AudioDataset(
      source: TranscribedSource(fixture.path("c")), features: LogMelSettings(),
      vocabulary: VocabularyOptions(unit: .character))
    dataset.plan = try SplitPlan("0.6,0.4", seed: seed)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let splits = try ["train", "validation"].map {
      Set(try file.dataset("\($0)/files").read(as: String.self).map(speaker))
    }
    return (splits, summary.notes)
  }

  /// All speakers of TIMIT say SA1, and several the same SX.
  @Test func timit() throws {
    let fixture = try Fixture()
    for number in 0..<10 {
      let folder = "c/DR\(number % 2 + 1)/\(number % 2 == 0 ? "F" : "M")CJF\(number)"
      for (name, text) in [
        ("SA1", "She had your dark suit."), ("SX\(number / 3)", "Sentence \(number / 3)."),
        ("SI\(number)", "Own \(number)."),
      ] {
        try put("\(folder)/\(name).WAV", nil, in: fixture)
        try put("\(folder)/\(name).TXT", "0 46797 \(text)\n", in: fixture)
        try put("\(folder)/\(name).PHN", "0 3050 h#\n", in: fixture)
      }
    }
    let (splits, notes) = try speakers(fixture, seed: 1) { String($0.split(separator: "/")[1]) }
    #expect(splits[0].isDisjoint(with: splits[1]) && splits[0].union(splits[1]).count == 10)
    #expect(notes.contains { $0.contains("speakers are groups") }, "\(notes)")
    #expect(notes.contains("10 groups by the speaker"), "\(notes)")
  }

  @Test func vctk() throws {
    let fixture = try Fixture()
    for number in 225..<235 {
      for (place, text) in ["Please call Stella.", "Own \(number)."].enumerated() {
        try put("c/wav48/p\(number)/p\(number)_00\(place + 1).wav", nil, in: fixture)
        try put("c/txt/p\(number)/p\(number)_00\(place + 1).txt", text, in: fixture)
      }
    }
    let (splits, _) = try speakers(fixture, seed: 1) { String($0.split(separator: "/")[1]) }
    #expect(splits[0].isDisjoint(with: splits[1]) && splits[0].union(splits[1]).count == 10)
  }

  @Test func libriTTS() throws {
    let fixture = try Fixture()
    for number in 1..<11 {
      for chapter in 1...2 {
        let stem = "c/\(number)/\(chapter)0/\(number)_\(chapter)0_000001_000000"
        try put("\(stem).wav", nil, in: fixture)
        try put("\(stem).normalized.txt", "Text \(number) \(chapter)", in: fixture)
      }
    }
    let (splits, _) = try speakers(fixture, seed: 1) { String($0.split(separator: "/")[0]) }
    #expect(splits[0].isDisjoint(with: splits[1]) && splits[0].union(splits[1]).count == 10)
  }

  /// Where transcripts tie everything together, no seed is asked for.
  @Test func tiedByTranscripts() throws {
    let fixture = try Fixture()
    for number in 1...4 {
      for place in 0..<5 {
        try put("c/\(number)/1/\(number)-1-\(place).flac", nil, in: fixture)
      }
      try put(
        "c/\(number)/1/\(number)-1.trans.txt",
        (0..<5).map { "\(number)-1-\($0) \($0 == 0 && number < 4 ? "YES" : "TEXT \(number) \($0)")\n" }
          .joined(),
        in: fixture)
    }
    var dataset = AudioDataset(
      source: TranscribedSource(fixture.path("c")), features: LogMelSettings(),
      vocabulary: VocabularyOptions(unit: .character))
    dataset.plan = try SplitPlan("0.6,0.2,0.2", seed: 1)
    let failure = fixture.failure { try dataset.write(to: $0, progress: $1) }
    #expect(failure.contains("tie all 20 recordings together in 2 sets"), "\(failure)")
    // Three sets can be divided, by some seeds.
    try put("c/5/1/5-1-0.flac", nil, in: fixture)
    try put("c/5/1/5-1.trans.txt", "5-1-0 OTHER\n", in: fixture)
    var messages: Set<String> = []
    for seed: UInt64 in 1...8 {
      dataset.plan = try SplitPlan("0.6,0.2,0.2", seed: seed)
      do { _ = try fixture.make { try dataset.write(to: $0, progress: $1) } } catch {
        messages.insert("\(error)")
      }
    }
    let advised = try #require(messages.first)
    #expect(
      advised.contains("together in one split, and 3 sets of recordings are drawn at random"), "\(advised)")
    let seed = try #require(advised.firstMatch(of: #/--seed (\d+)/#).flatMap { UInt64($0.1) })
    dataset.plan = try SplitPlan("0.6,0.2,0.2", seed: seed)
    #expect(throws: Never.self) { _ = try fixture.make { try dataset.write(to: $0, progress: $1) } }
  }
}
