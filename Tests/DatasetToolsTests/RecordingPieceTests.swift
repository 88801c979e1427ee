import DatasetTools
import Foundation
import HDF5
import Media
import TestSupport
import Testing

@testable import WeftBase

/// Pieces of recordings, in the forms in which corpora tell them. What is read of a piece is what is read of a file that has
/// its samples alone.
@Suite("Pieces of recordings") struct RecordingPieceTests {
  private static let rate = 16_000

  /// Samples of a recording that differ at every place.
  private static func samples(_ number: Int) -> [Int16] {
    (0..<rate).map { Int16(8000 * sin(Double($0) * (0.05 + 0.01 * Double(number)) + 1e-6 * Double($0 * $0))) }
  }

  /// Writes a WAV file of some channels.
  private func write(_ channels: [[Int16]], _ name: String, in fixture: Fixture) throws {
    let count = channels[0].count * channels.count
    var bytes = Data("RIFF".utf8)
    func append(_ number: some FixedWidthInteger) {
      withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
    append(UInt32(36 + 2 * count))
    bytes += Data("WAVEfmt ".utf8)
    append(UInt32(16))
    for number in [1, UInt16(channels.count)] { append(number) }
    for number in [Self.rate, 2 * Self.rate * channels.count] { append(UInt32(number)) }
    for number in [UInt16(2 * channels.count), 16] { append(number) }
    bytes += Data("data".utf8)
    append(UInt32(2 * count))
    for place in channels[0].indices { for channel in channels { append(channel[place]) } }
    let url = fixture.folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: url)
  }

  private func write(_ text: String, _ name: String, in fixture: Fixture) throws {
    let url = fixture.folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  /// The features of each text, and the notes.
  private func read(
    _ path: String, times: PieceColumns? = nil, in fixture: Fixture
  ) throws -> (features: [String: [Float]], notes: [String]) {
    let dataset = AudioDataset(
      source: try TranscribedSource(path, files: nil, times: times), features: LogMelSettings(),
      vocabulary: VocabularyOptions(unit: .character))
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let offsets = try file.dataset("train/offsets").read(as: Int.self)
    let values = try file.dataset("train/inputs").read(as: Float.self)
    let texts = try file.dataset("train/texts").read(as: String.self)
    var features: [String: [Float]] = [:]
    for (index, text) in texts.enumerated() {
      features[text] = Array(values[40 * offsets[index]..<40 * offsets[index + 1]])
    }
    return (features, summary.notes)
  }

  private func failure(_ path: String, times: PieceColumns? = nil, in fixture: Fixture) throws -> String {
    let dataset = AudioDataset(
      source: try TranscribedSource(path, files: nil, times: times), features: LogMelSettings(),
      vocabulary: VocabularyOptions(unit: .character))
    return fixture.failure { try dataset.write(to: $0, progress: $1) }
  }

  /// Pieces of two recordings: their number, first and last sample, and text.
  private static let pieces: [(recording: Int, start: Int, end: Int, text: String)] = [
    (0, 1600, 6400, "one"), (0, 8000, 16000, "two"), (1, 0, 4808, "three"), (1, 4808, 9600, "four"),
  ]

  private static func seconds(_ sample: Int) -> String { "\(Double(sample) / Double(rate))" }

  /// The recordings, and what files of the pieces alone have.
  private func expected(in fixture: Fixture) throws -> [String: [Float]] {
    for number in 0..<2 { try write([Self.samples(number)], "wav/r\(number).wav", in: fixture) }
    for piece in Self.pieces {
      try write(
        [Array(Self.samples(piece.recording)[piece.start..<piece.end])], "cut/\(piece.text).wav", in: fixture)
    }
    try write(
      Self.pieces.map { "cut/\($0.text).wav\t\($0.text)\n" }.joined(), "cut.tsv", in: fixture)
    return try read(fixture.path("cut.tsv"), in: fixture).features
  }

  /// Each form of list, made of the pieces: the recording, the beginning, the end and the text.
  @Test(arguments: ["kaldi", "stm", "nemo", "lhotse", "supervisions", "table", "milliseconds"])
  func formsOfLists(_ form: String) throws {
    let fixture = try Fixture()
    let expected = try self.expected(in: fixture)
    let lines = Self.pieces.enumerated().map { index, piece in
      (
        id: "u\(index)", recording: "r\(piece.recording)", start: Self.seconds(piece.start),
        end: Self.seconds(piece.end), duration: Self.seconds(piece.end - piece.start), text: piece.text
      )
    }
    var (path, times) = ("list", nil as PieceColumns?)
    switch form {
    case "kaldi":
      try write("r0 wav/r0.wav\nr1 cat wav/r1.wav |\n", "data/train/wav.scp", in: fixture)
      try write(
        lines.map { "\($0.id) \($0.recording) \($0.start) \($0.end)\n" }.joined(), "data/train/segments",
        in: fixture)
      try write(lines.map { "\($0.id) \($0.text)\n" }.joined(), "data/train/text", in: fixture)
      try write(lines.map { "\($0.id) s\($0.recording)\n" }.joined(), "data/train/utt2spk", in: fixture)
      path = "data/train"
    case "stm":
      path = "stm/all.stm"
      try write(
        ";; comment\n"
          + lines.map { "\($0.recording) 1 s \($0.start) \($0.end) <o,f0,male> \($0.text)\n" }.joined()
          + "r0 1 s 0 1 <o,f0,male> ignore_time_segment_in_scoring\n", path, in: fixture)
    case "nemo":
      path = "list.json"
      try write(
        lines.map {
          "{\"audio_filepath\": \"wav/\($0.recording).wav\", \"offset\": \($0.start), \"duration\": \($0.duration),"
            + " \"text\": \"\($0.text)\"}\n"
        }.joined(), path, in: fixture)
    case "lhotse", "supervisions":
      func recording(_ name: String) -> String {
        "{\"id\": \"\(name)\", \"sources\": [{\"type\": \"file\", \"channels\": [0], \"source\":"
          + " \"wav/\(name).wav\"}], \"sampling_rate\": 16000, \"num_samples\": 16000, \"duration\": 1.0}"
      }
      let isOfCuts = form == "lhotse"
      path = isOfCuts ? "cuts.jsonl" : "x_supervisions_dev.jsonl"
      if !isOfCuts {
        try write("\(recording("r0"))\n\(recording("r1"))\n", "x_recordings_dev.jsonl", in: fixture)
      }
      try write(
        lines.map { line in
          let supervision =
            "{\"id\": \"\(line.id)\", \"recording_id\": \"\(line.recording)\", \"start\":"
            + " \(isOfCuts ? "0.0" : line.start), \"duration\": \(line.duration), \"channel\": 0, \"text\":"
            + " \"\(line.text)\", \"speaker\": \"s\"}\n"
          if !isOfCuts { return supervision }
          return
            "{\"id\": \"c\(line.id)\", \"start\": \(line.start), \"duration\": \(line.duration), \"channel\": 0,"
            + " \"supervisions\": [\(supervision.dropLast())], \"recording\": \(recording(line.recording)),"
            + " \"type\": \"MonoCut\"}\n"
        }.joined(), path, in: fixture)
    default:
      let isOfMilliseconds = form == "milliseconds"
      path = "list.csv"
      try write(
        "path,begin,length,text\n"
          + Self.pieces.map { piece in
            let scale = isOfMilliseconds ? 1000.0 : 1
            return
              "wav/r\(piece.recording).wav,\(scale * Double(piece.start) / Double(Self.rate)),"
              + "\(scale * Double(piece.end - piece.start) / Double(Self.rate)),\(piece.text)\n"
          }.joined(), path, in: fixture)
      times = PieceColumns(start: "begin", duration: "length")
      times?.unit = isOfMilliseconds ? .milliseconds : .seconds
    }
    let (features, notes) = try self.read(fixture.path(path), times: times, in: fixture)
    #expect(features == expected)
    #expect(notes.contains { $0.contains("4 pieces of 2 recordings") }, "\(notes)")
  }

  @Test func channelsAreTold() throws {
    let fixture = try Fixture()
    _ = try self.expected(in: fixture)
    try write([Self.samples(0), Self.samples(1)], "wav/both.wav", in: fixture)
    try write("r0.wav\ta\nr1.wav\tb\n", "wav/single.tsv", in: fixture)
    let single = try self.read(fixture.path("wav/single.tsv"), in: fixture).features
    try write("both A s 0 1 <o,,> a\nboth 2 s 0 1 <o,,> b\n", "wav/x.stm", in: fixture)
    #expect(try read(fixture.path("wav/x.stm"), in: fixture).features == single)
    try write("both 3 s 0 1 <o,,> a\n", "wav/x.stm", in: fixture)
    #expect(
      try failure(fixture.path("wav/x.stm"), in: fixture).contains(
        "both.wav: has 2 channels, but channel 3 is to be read"))
  }

  @Test func wordsOfARecordingAreItsTranscript() throws {
    let fixture = try Fixture()
    _ = try self.expected(in: fixture)
    try write(
      "r0 1 0.5 0.1 b 0.9\nr0 1 0.1 0.2 a 0.9\nr1 1 0.1 0.2 c\n", "wav/x.ctm", in: fixture)
    let (features, notes) = try self.read(fixture.path("wav/x.ctm"), in: fixture)
    #expect(features.keys.sorted() == ["a b", "c"])
    #expect(notes.contains { $0.contains("2 recordings") }, "\(notes)")
  }

  @Test(
    "what lies outside of a recording, or is read twice, is refused",
    arguments: [
      (
        "r0 1 s 0.5 1.6 <o,,> a\n",
        "r0.wav: ends after 1 s, before the piece ends at 1.6 s; are its times seconds?"
      ),
      ("r0 1 s 1.0 1.2 <o,,> a\n", "ends after 1 s, before the piece begins at 1 s"),
      ("r0 1 s 0.5 0.5 <o,,> a\n", "the piece from 0.5 to 0.5 s has no length"),
      ("r0 1 s nan 0.5 <o,,> a\n", "line 1: "),
      (
        "r0 1 s 0 0.5 <o,,> a\nr0 1 s 0 0.5 <o,,> b\n",
        "line 2: the same piece of 'r0' has another transcript"
      ),
      ("r9 1 s 0 0.5 <o,,> a\n", "r9.wav: cannot be read"),
      ("r0 1 s 0\n", "line 1: is not RECORDING CHANNEL"),
    ])
  func wrongPieces(_ text: String, _ message: String) throws {
    let fixture = try Fixture()
    _ = try self.expected(in: fixture)
    try write(text, "wav/x.stm", in: fixture)
    let failure = try self.failure(fixture.path("wav/x.stm"), in: fixture)
    #expect(failure.contains(message), "\(failure)")
  }

  @Test func overlapsAndRoundedEndsAreTold() throws {
    let fixture = try Fixture()
    _ = try self.expected(in: fixture)
    try write("r0 1 s 0 0.6 <o,,> a\nr0 1 s 0.5 1.3 <o,,> b\n", "wav/x.stm", in: fixture)
    let (features, notes) = try self.read(fixture.path("wav/x.stm"), in: fixture)
    // 25 ms, and a hop of 10 ms.
    #expect(features["b"]?.count == 40 * 48)
    #expect(notes.contains { $0.hasSuffix("that begin before another has ended: 1") }, "\(notes)")
    #expect(notes.contains { $0.hasSuffix("after their recordings, cut there: 1") }, "\(notes)")
  }

  @Test(
    "commands in wav.scp are not run",
    arguments: [
      ("r0 sox wav/r0.wav -t wav - |", "of commands only sph2pipe, flac -c -d and cat of one file are read"),
      ("r0 raw.ark:12", "is a part of an archive of Kaldi"),
    ])
  func commands(_ line: String, _ message: String) throws {
    let fixture = try Fixture()
    try write(line + "\n", "data/wav.scp", in: fixture)
    try write("r0 a\n", "data/text", in: fixture)
    let failure = try self.failure(fixture.path("data"), in: fixture)
    #expect(failure.contains(message), "\(failure)")
  }
}
