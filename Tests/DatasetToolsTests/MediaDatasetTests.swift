import DatasetTools
import Foundation
import HDF5
import Media
import TestSupport
import Testing

@testable import WeftBase

/// Audio and image datasets, made from the fixtures of `MediaTests`.
@Suite("Sounds and images")
struct MediaDatasetTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "MediaTests/Fixtures").path

  private func copy(_ fixture: String, to url: URL) throws {
    try FileManager.default.copyItem(atPath: "\(Self.fixtures)/\(fixture)", toPath: url.path)
  }

  private func make(
    _ path: String, _ write: (DatasetWriter, ProgressReporter) throws -> ConversionSummary
  ) throws -> ConversionSummary {
    let writer = try DatasetWriter(path)
    let summary = try write(writer, ProgressReporter())
    try writer.finish()
    return summary
  }

  /// The texts of a split's targets, by the vocabulary of the file.
  private func texts(_ file: File, _ split: String) throws -> [[String]] {
    let vocabulary = try file.dataset("target_vocabulary").read(as: String.self)
    let tokens = try file.dataset("\(split)/targets").read(as: Int.self)
    let offsets = try file.dataset("\(split)/target_offsets").read(as: Int.self)
    return zip(offsets, offsets.dropFirst()).map { range in tokens[range.0..<range.1].map { vocabulary[$0] } }
  }

  @Test("audio becomes frames, transcripts become characters, and the settings are stored")
  func audio() throws {
    try TemporaryFolder.use { folder in
      try copy("voice.wav", to: folder.appending(path: "a.wav"))
      try copy("voice.ogg", to: folder.appending(path: "b.ogg"))
      let manifest = folder.appending(path: "clips.tsv").path
      try "a.wav\tSí, a\n\n\(folder.path)/b.ogg\tbé\n".write(
        toFile: manifest, atomically: true, encoding: .utf8)
      var settings = LogMelSettings(bands: 20)
      settings.scale = .slaney
      settings.preEmphasis = 0.5
      settings.highFrequency = 7000
      var vocabulary = VocabularyOptions(unit: .character)
      vocabulary.isLowercase = true
      let dataset = AudioDataset(
        source: TranscribedSource(manifest), features: settings, vocabulary: vocabulary)
      let path = folder.appending(path: "clips.h5").path
      let summary = try make(path) { try dataset.write(to: $0, progress: $1) }
      #expect(summary.text.hasPrefix("train 2 recordings\n"))
      let file = try File(opening: path)
      let frames = 10
      #expect(try file.dataset("train/inputs").shape == [2 * frames, 20])
      #expect(try file.dataset("train/offsets").read(as: Int.self) == [0, frames, 2 * frames])
      let spectrogram = try LogMelSpectrogram(settings)
      let expected =
        try spectrogram.features(of: "\(folder.path)/a.wav").values
        + spectrogram.features(of: "\(folder.path)/b.ogg").values
      #expect(try file.dataset("train/inputs").read(as: Float.self) == expected)
      #expect(try texts(file, "train") == [["s", "í", ",", " ", "a"], ["b", "é"]])
      #expect(try file.dataset("train/files").read(as: String.self) == ["a.wav", "\(folder.path)/b.ogg"])
      #expect(try file.dataset("train/texts").read(as: String.self) == ["Sí, a", "bé"])
      #expect(try Preparation(in: file) == Preparation(logMel: settings))
    }
  }

  @Test("audio files of a folder have transcripts beside them")
  func folder() throws {
    try TemporaryFolder.use { folder in
      let inner = folder.appending(path: "inner")
      try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
      try copy("voice.wav", to: folder.appending(path: "z.wav"))
      try copy("voice.flac", to: inner.appending(path: "y.FLAC"))
      // Files that macOS leaves on other disks, and hidden folders.
      try "macOS".write(to: folder.appending(path: "._z.wav"), atomically: true, encoding: .utf8)
      let hidden = folder.appending(path: ".hidden")
      try FileManager.default.createDirectory(at: hidden, withIntermediateDirectories: true)
      try "none".write(to: hidden.appending(path: "h.wav"), atomically: true, encoding: .utf8)
      try "\u{FEFF} ein\r\n wort \r\n".write(
        to: folder.appending(path: "z.txt"), atomically: true, encoding: .utf8)
      try "zwei".write(to: inner.appending(path: "y.txt"), atomically: true, encoding: .utf8)
      let dataset = AudioDataset(
        source: TranscribedSource(folder.path), features: LogMelSettings(),
        vocabulary: VocabularyOptions(unit: .character))
      let path = folder.appending(path: "out.h5").path
      _ = try make(path) { try dataset.write(to: $0, progress: $1) }
      let file = try File(opening: path)
      #expect(try texts(file, "train").map { $0.joined() } == ["zwei", "ein wort"])
      #expect(try file.dataset("train/files").read(as: String.self) == ["inner/y.FLAC", "z.wav"])
    }
  }

  @Test("training recordings are added at each speed, others unchanged")
  func speeds() throws {
    try TemporaryFolder.use { folder in
      let manifest = folder.appending(path: "clips.tsv").path
      try (0..<20).map { number in
        try copy("voice.wav", to: folder.appending(path: "\(number).wav"))
        return "\(number).wav\t\(String(repeating: "a", count: number + 1))\n"
      }.joined().write(toFile: manifest, atomically: true, encoding: .utf8)
      var dataset = AudioDataset(
        source: TranscribedSource(manifest), features: LogMelSettings(),
        vocabulary: VocabularyOptions(unit: .character))
      dataset.plan = try SplitPlan("0.5,0.5", seed: 3)
      dataset.speeds = [0.8, 1, 2]
      let path = folder.appending(path: "clips.h5").path
      _ = try make(path) { try dataset.write(to: $0, progress: $1) }
      let file = try File(opening: path)
      func lengths(_ split: String) throws -> [Int] {
        let offsets = try file.dataset("\(split)/offsets").read(as: Int.self)
        return zip(offsets, offsets.dropFirst()).map { $1 - $0 }
      }
      // 1,920 samples, so 2,400, 1,920 and 960 at these speeds, in frames of 400, 160 apart.
      let train = try lengths("train")
      let copies = train.count / 3
      #expect(copies >= 5 && train == Array(repeating: [13, 10, 4], count: copies).flatMap(\.self))
      #expect(try Set(lengths("validation")) == [10])
    }
  }

  @Test("unusable files end the conversion, or are skipped and listed")
  func bad() throws {
    try TemporaryFolder.use { folder in
      try copy("voice.wav", to: folder.appending(path: "good.wav"))
      try "no sound".write(to: folder.appending(path: "bad.wav"), atomically: true, encoding: .utf8)
      let manifest = folder.appending(path: "clips.tsv").path
      try "bad.wav\tb\nnone.wav\tn\nalone\ngood.wav\t\ngood.wav\ta\n".write(
        toFile: manifest, atomically: true, encoding: .utf8)
      var dataset = AudioDataset(
        source: TranscribedSource(manifest), features: LogMelSettings(),
        vocabulary: VocabularyOptions(unit: .character))
      let path = folder.appending(path: "clips.h5").path
      let error = #expect(throws: WeftError.self) {
        _ = try make(path) { try dataset.write(to: $0, progress: $1) }
      }
      #expect(
        error?.message
          == "\(manifest): line 3: has 0 tabs; expected PATH TAB TEXT or PATH TAB TEXT TAB GROUP"
          + " (skip such files with --skip-bad)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 3)
      dataset.skipsBad = true
      let notes = try make(path) { try dataset.write(to: $0, progress: $1) }.notes
      let listed = try #require(notes.firstIndex(of: "skipped 4 unusable files:"))
      let lines = notes[(listed + 1)...]
      #expect(lines.count == 4)
      #expect(
        lines[listed + 1].hasPrefix(
          "  \(manifest): line 1: \(folder.path)/bad.wav: not a readable audio file"))
      #expect(
        lines[listed + 2]
          == "  \(manifest): line 2: \(folder.path)/none.wav: cannot be read: No such file or directory")
      #expect(lines[listed + 4] == "  \(manifest): line 4: good.wav: has no text")
      #expect(try File(opening: path).dataset("train/offsets").read(as: Int.self) == [0, 10])
    }
  }

  @Test("if all files are unusable, the first is named")
  func allBad() throws {
    try TemporaryFolder.use { folder in
      let manifest = folder.appending(path: "clips.tsv").path
      try "none.wav\ta\nnone.wav\tb\n".write(toFile: manifest, atomically: true, encoding: .utf8)
      var dataset = AudioDataset(
        source: TranscribedSource(manifest), features: LogMelSettings(),
        vocabulary: VocabularyOptions(unit: .character))
      dataset.skipsBad = true
      let expected = WeftError.data(
        "all 2 files are unusable; the first: \(manifest): line 1: \(folder.path)/none.wav: cannot be read:"
          + " No such file"
          + " or directory")
      #expect(throws: expected) {
        _ = try make(folder.appending(path: "clips.h5").path) { try dataset.write(to: $0, progress: $1) }
      }
    }
  }

  @Test("files of one text, or of one group, are in one split")
  func splits() throws {
    try TemporaryFolder.use { folder in
      for number in 0..<60 { try copy("voice.wav", to: folder.appending(path: "\(number).wav")) }
      func transcripts(_ line: (Int) -> String) throws -> [Set<String>] {
        let manifest = folder.appending(path: "clips.tsv").path
        try (0..<60).map(line).joined().write(toFile: manifest, atomically: true, encoding: .utf8)
        var dataset = AudioDataset(
          source: TranscribedSource(manifest), features: LogMelSettings(),
          vocabulary: VocabularyOptions(unit: .character))
        dataset.plan = try SplitPlan("0.5,0.5", seed: 3)
        let path = folder.appending(path: "\(UUID()).h5").path
        _ = try make(path) { try dataset.write(to: $0, progress: $1) }
        let file = try File(opening: path)
        return try ["train", "validation"].map { Set(try texts(file, $0).map { $0.joined() }) }
      }
      // Two characters, so that no split has one that the training split lacks. One character, which occurs in every
      // split.
      func text(_ number: Int) -> String { String(repeating: "a", count: number + 1) }
      let byText = try transcripts { "\($0).wav\t\(text($0 % 10))\n" }
      #expect(byText[0].isDisjoint(with: byText[1]) && byText[0].union(byText[1]).count == 10)
      let byGroup = try transcripts { "\($0).wav\t\(text($0))\tspeaker \($0 % 10)\n" }
      let speakers = byGroup.map { Set($0.map { ($0.count - 1) % 10 }) }
      #expect(byGroup[0].union(byGroup[1]).count == 60)
      #expect(speakers[0].isDisjoint(with: speakers[1]) && speakers[0].union(speakers[1]).count == 10)
    }
  }

  @Test("images become patches, captions words between begin and end tokens, and the pixels are stored")
  func images() throws {
    try TemporaryFolder.use { folder in
      let manifest = folder.appending(path: "pictures.tsv").path
      let names = ["rgb.png", "rgba.png", "colour.jpg"]
      try names.enumerated().map { "\(Self.fixtures)/\($1)\ta picture \($0)\n" }.joined()
        .write(toFile: manifest, atomically: true, encoding: .utf8)
      var vocabulary = VocabularyOptions(unit: .word)
      vocabulary.minimumCount = 2
      let grid = try PatchGrid(
        height: 8, width: 12, patch: 4, features: .statistics, background: [0, 0.5, 1])
      let dataset = ImageDataset(source: TranscribedSource(manifest), grid: grid, vocabulary: vocabulary)
      let path = folder.appending(path: "pictures.h5").path
      let summary = try make(path) { try dataset.write(to: $0, progress: $1) }
      #expect(summary.notes.first == "6 patches of 14 features")
      let file = try File(opening: path)
      let images = try names.map { try grid.image("\(Self.fixtures)/\($0)") }
      #expect(try file.dataset("train/inputs").shape == [3, 6, 14])
      #expect(try file.dataset("train/inputs").read(as: Float.self) == images.flatMap { grid.describe($0) })
      #expect(try file.dataset("train/pixels").shape == [3, 8, 12, 3])
      #expect(try file.dataset("train/pixels").read(as: UInt8.self) == images.flatMap(\.bytes))
      let caption = ["<bos>", "a", "picture", "<unk>", "<eos>"]
      #expect(try texts(file, "train") == [caption, caption, caption])
      #expect(try file.dataset("train/texts").read(as: String.self) == (0..<3).map { "a picture \($0)" })
      #expect(try Preparation(in: file) == Preparation(patches: grid))
    }
  }

  @Test("damaged settings are named")
  func settings() throws {
    try TemporaryFolder.use { folder in
      let path = folder.appending(path: "damaged.h5").path
      let file = try File(creating: path)
      var settings = LogMelSettings()
      settings.hopLength = 0
      try Preparation(logMel: settings).write(to: file)
      let error = #expect(throws: WeftError.self) { try Preparation(in: file) }
      #expect(error?.message.hasPrefix("\(path): invalid attribute 'preparation': {") == true)
      try file.attributes.set("preparation", to: #"{"log_mel": {"scale": "bark"}}"#)
      #expect(throws: WeftError.self) { try Preparation(in: file) }
    }
  }
}
