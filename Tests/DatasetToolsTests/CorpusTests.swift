import DatasetTools
import Foundation
import HDF5
import Media
import TestSupport
import Testing

@testable import WeftBase

/// Recordings and images with texts in the layouts in which corpora are published. Recordings are told apart by their
/// lengths and images by their colours, so that a text beside another file shows.
@Suite("Corpora of speech and captions") struct CorpusTests {
  /// Writes a recording of a number of milliseconds.
  private func recording(_ name: String, _ milliseconds: Int, in fixture: Fixture) throws {
    let samples = (0..<16 * milliseconds).map { Int16(8000 * sin(Double($0) / 5)) }
    var bytes = Data("RIFF".utf8)
    func append(_ number: some FixedWidthInteger) {
      withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
    append(UInt32(36 + 2 * samples.count))
    bytes += Data("WAVEfmt ".utf8)
    append(UInt32(16))
    for number: UInt16 in [1, 1] { append(number) }
    for number: UInt32 in [16_000, 32_000] { append(number) }
    for number: UInt16 in [2, 16] { append(number) }
    bytes += Data("data".utf8)
    append(UInt32(2 * samples.count))
    for sample in samples { append(sample) }
    try write(bytes, name, in: fixture)
  }

  private func write(_ bytes: Data, _ name: String, in fixture: Fixture) throws {
    let url = fixture.folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: url)
  }

  private func write(_ text: String, _ name: String, in fixture: Fixture) throws {
    try write(Data(text.utf8), name, in: fixture)
  }

  /// An image of a fixture of `MediaTests`, under another name.
  private func image(_ fixtureName: String, _ name: String, in fixture: Fixture) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "MediaTests/Fixtures/\(fixtureName)")
    try write(Data(contentsOf: folder), name, in: fixture)
  }

  private func audio(
    _ path: String, in fixture: Fixture, _ change: (inout AudioDataset) throws -> Void = { _ in }
  ) throws -> (file: File, summary: ConversionSummary) {
    var dataset = AudioDataset(
      source: TranscribedSource(path), features: LogMelSettings(),
      vocabulary: VocabularyOptions(unit: .character))
    try change(&dataset)
    return try fixture.make { try dataset.write(to: $0, progress: $1) }
  }

  /// The frames of each recording and its text. A window is of 25 ms, and a hop of 10.
  private func recordings(_ file: File, _ split: String = "train") throws -> [String] {
    let offsets = try file.dataset("\(split)/offsets").read(as: Int.self)
    let texts = try file.dataset("\(split)/texts").read(as: String.self)
    let words = try file.dataset("target_vocabulary").read(as: String.self)
    let tokens = try file.dataset("\(split)/targets").read(as: Int.self)
    let places = try file.dataset("\(split)/target_offsets").read(as: Int.self)
    for (index, text) in texts.enumerated() {
      #expect(tokens[places[index]..<places[index + 1]].map { words[$0] }.joined() == text)
    }
    return zip(zip(offsets, offsets.dropFirst()), texts).map { "\($0.1 - $0.0) \($1)" }
  }

  @Test("LibriSpeech: transcripts in a file beside the recordings, speakers as groups")
  func librispeech() throws {
    let fixture = try Fixture()
    for speaker in 0..<8 {
      var lines = ""
      for number in 0..<6 {
        let name = "\(speaker + 10)-7-000\(number)"
        try recording("dev/\(speaker + 10)/7/\(name).flac", 35 + 10 * (6 * speaker + number), in: fixture)
        lines += "\(name) TEXT \(String(repeating: "A", count: 6 * speaker + number + 1))\n"
      }
      try write(lines, "dev/\(speaker + 10)/7/\(speaker + 10)-7.trans.txt", in: fixture)
    }
    try recording("dev/10/7/10-7-0009.flac", 100, in: fixture)
    let (file, summary) = try audio(fixture.path("dev"), in: fixture) {
      $0.plan = try SplitPlan("0.5,0.5", seed: 4)
    }
    var all: [String] = []
    var speakers: [Set<String>] = []
    for split in ["train", "validation"] {
      all += try recordings(file, split)
      speakers.append(
        Set(try file.dataset("\(split)/files").read(as: String.self).map { String($0.prefix(2)) }))
    }
    // Each recording has the frames that its text says.
    #expect(Set(all) == Set((0..<48).map { "\($0 + 2) TEXT \(String(repeating: "A", count: $0 + 1))" }))
    #expect(speakers[0].isDisjoint(with: speakers[1]) && speakers[0].union(speakers[1]).count == 8)
    #expect(summary.notes.contains("8 groups by the speaker"), "\(summary.notes)")
    #expect(summary.notes.contains { $0.hasSuffix("recordings without a transcript, left out: 1") })
    // Twice the same identifier, and one without a recording.
    try write("10-8-0000 A\n10-8-0000 B\n", "twice/10/8/10-8.trans.txt", in: fixture)
    #expect(throws: WeftError.self) { _ = try audio(fixture.path("twice"), in: fixture) }
    try write("10-8-0000 A\n", "none/10/8/10-8.trans.txt", in: fixture)
    let error = #expect(throws: WeftError.self) { _ = try audio(fixture.path("none"), in: fixture) }
    #expect(
      error?.message.contains("10-8.trans.txt: line 1: ") == true
        && error?.message.contains("10-8-0000.flac: cannot be read") == true, "\(error?.message ?? "")")
  }

  @Test(
    "LJ Speech: bars between identifier, text and normalized text, in which quotation marks are characters")
  func ljspeech() throws {
    let fixture = try Fixture()
    try recording("lj/wavs/LJ001-0001.wav", 35, in: fixture)
    try recording("lj/wavs/LJ001-0002.wav", 45, in: fixture)
    try write(
      "LJ001-0001|In 1455, \"Bible|in fourteen fifty-five, \"Bible\nLJ001-0002|Dr. \"X\"|doctor \"X\"\n",
      "lj/metadata.csv", in: fixture)
    for path in ["lj", "lj/metadata.csv"] {
      let (file, summary) = try audio(fixture.path(path), in: fixture)
      #expect(try recordings(file) == ["2 in fourteen fifty-five, \"Bible", "3 doctor \"X\""])
      #expect(summary.notes.contains { $0.contains("of which the last is read") })
    }
    try write("LJ001-0001|a|b\nLJ001-0002|c\n", "lj/metadata.csv", in: fixture)
    let error = #expect(throws: WeftError.self) { _ = try audio(fixture.path("lj"), in: fixture) }
    #expect(error?.message.contains("line 2: has 2 fields between |, but line 1 has 3") == true)
    try write("LJ001-0001|a\nLJ001-0001|c\n", "lj/metadata.csv", in: fixture)
    let twice = #expect(throws: WeftError.self) { _ = try audio(fixture.path("lj"), in: fixture) }
    #expect(
      twice?.message.contains("line 2: 'LJ001-0001' has another transcript on line 1") == true,
      "\(twice?.message ?? "")")
  }

  @Test("Common Voice: columns by name, recordings in clips, quotation marks as characters")
  func commonVoice() throws {
    let fixture = try Fixture()
    for number in 0..<12 { try recording("en/clips/c\(number).mp3", 35 + 10 * number, in: fixture) }
    func list(_ numbers: Range<Int>, _ name: String) throws {
      let lines = numbers.map {
        "speaker\($0 % 4)\tc\($0).mp3\t\"He, \(String(repeating: "x", count: $0 + 1))\t2\t\t\n"
      }
      try write(
        "client_id\tpath\tsentence\tup_votes\tage\tlocale\n" + lines.joined(), "en/\(name).tsv", in: fixture)
    }
    func text(_ number: Int) -> String { "\(number + 2) \"He, \(String(repeating: "x", count: number + 1))" }
    try list(0..<8, "train")
    try list(8..<12, "dev")
    let (file, summary) = try audio(fixture.path("en/train.tsv"), in: fixture) {
      $0.others = [SplitSource("validation", TranscribedSource(fixture.path("en/dev.tsv")))]
    }
    #expect(try recordings(file) == (0..<8).map(text))
    #expect(try recordings(file, "validation") == (8..<12).map(text))
    #expect(
      summary.notes.contains { $0.hasSuffix("file 'path', text 'sentence', group 'client_id'") },
      "\(summary.notes)")
    try list(0..<12, "all")
    let (drawn, notes) = try audio(fixture.path("en/all.tsv"), in: fixture) {
      $0.plan = try SplitPlan("0.5,0.5", seed: 1)
    }
    let parts = try ["train", "validation"].map { Set(try recordings(drawn, $0)) }
    #expect(parts[0].union(parts[1]) == Set((0..<12).map(text)))
    for speaker in 0..<4 {
      let own = Set([speaker, speaker + 4, speaker + 8].map(text))
      #expect(parts[0].isSuperset(of: own) || parts[1].isSuperset(of: own))
    }
    #expect(notes.notes.contains("4 groups by column 'client_id'"), "\(notes.notes)")
    // A row that lacks a field is no pair.
    try write("client_id\tpath\tsentence\na\tc0.mp3\tx\nb\tc1.mp3\n", "en/short.tsv", in: fixture)
    let error = #expect(throws: WeftError.self) { _ = try audio(fixture.path("en/short.tsv"), in: fixture) }
    #expect(error?.message.contains("line 3: has 2 fields, but the first line names 3 columns") == true)
  }

  @Test("JSON lines with a file, a text and a speaker")
  func objects() throws {
    let fixture = try Fixture()
    for number in 0..<3 { try recording("a/\(number).wav", 35 + 10 * number, in: fixture) }
    let lines = [
      #"{"duration": 0.1, "text": "one \"1\"", "audio_filepath": "a/1.wav"}"#,
      #"{"audio_filepath": "a/0.wav", "text": "null", "speaker": 7}"#,
      #"{"audio_filepath": "a/2.wav", "speaker": "x", "text": "NA"}"#,
    ]
    try write(lines.joined(separator: "\r\n"), "manifest.json", in: fixture)
    let (file, summary) = try audio(fixture.path("manifest.json"), in: fixture)
    #expect(try recordings(file) == ["3 one \"1\"", "2 null", "4 NA"])
    #expect(summary.notes.contains { $0.hasSuffix("file 'audio_filepath', text 'text'") }, "\(summary.notes)")
    try write(lines[1] + "\n" + #"{"audio_filepath": "a/2.wav"}"#, "manifest.json", in: fixture)
    let error = #expect(throws: WeftError.self) { _ = try audio(fixture.path("manifest.json"), in: fixture) }
    #expect(error?.message.contains("manifest.json: line 2: has no text in the field 'text'") == true)
    // A whole recording beside the text of a part of it, and two texts of one recording.
    func failure(_ line: String) throws -> String {
      try write(lines[1] + "\n" + line, "manifest.json", in: fixture)
      do { return "\(try audio(fixture.path("manifest.json"), in: fixture).summary)" } catch {
        return "\(error)"
      }
    }
    #expect(
      try failure(#"{"audio_filepath": "a/2.wav", "text": "x", "offset": 0.5}"#).contains(
        "line 2: 'offset' may tell a piece of the recording: --start offset"))
    #expect(try failure(#"{"audio_filepath": "a/2.wav", "text": "x", "offset": 0.0}"#).contains("recordings"))
    #expect(
      try failure(#"{"audio_filepath": "a/0.wav", "text": "other"}"#).contains(
        "line 2: 'a/0.wav' has another transcript on line 1"))
    try write("path,start,text\na/0.wav,0,x\n", "parts.csv", in: fixture)
    let parts = #expect(throws: WeftError.self) { _ = try audio(fixture.path("parts.csv"), in: fixture) }
    #expect(parts?.message.contains("column 'start' may tell pieces of recordings: --start start") == true)
  }

  @Test("line ends of CR alone, at which pairs would run together, are refused")
  func carriageReturns() throws {
    let fixture = try Fixture()
    for (name, text) in [
      ("a.tsv", "a.wav\tx\rb.wav\ty\r"), ("b.csv", "a|x\rb|y\r"), ("1-1.trans.txt", "1-1-1 A\r1-1-2 B\r"),
    ] {
      try write(text, name, in: fixture)
      let error = #expect(throws: WeftError.self) { _ = try audio(fixture.path(name), in: fixture) }
      #expect(
        error?.message.contains("\(name): line 1: contains a carriage return between others") == true,
        "\(error?.message ?? "")")
    }
  }

  /// The name of each image and its caption, and whether the pixels are those of the image.
  private func captions(
    _ path: String, in fixture: Fixture, folder: String? = nil, plan: SplitPlan = .whole,
    others: [SplitSource<TranscribedSource>] = []
  ) throws -> (captions: [[String]], summary: ConversionSummary) {
    let grid = try PatchGrid(height: 4, width: 4, patch: 4, features: .pixels, background: [0, 0, 0])
    var dataset = ImageDataset(
      source: try TranscribedSource(fixture.path(path), files: folder.map(fixture.path)), grid: grid,
      vocabulary: VocabularyOptions(unit: .character))
    (dataset.plan, dataset.others) = (plan, others)
    let (file, summary) = try fixture.make { try dataset.write(to: $0, progress: $1) }
    let found = try (plan.names + others.map(\.split)).map { split in
      let files = try file.dataset("\(split)/files").read(as: String.self)
      let pixels = try file.dataset("\(split)/pixels").read(as: UInt8.self)
      for (index, name) in files.enumerated() {
        let own = try grid.image(fixture.path("images/\(name)")).bytes
        #expect(Array(pixels[48 * index..<48 * (index + 1)]) == own)
      }
      return zip(files, try file.dataset("\(split)/texts").read(as: String.self)).map { "\($0): \($1)" }
    }
    return (found, summary)
  }

  @Test("COCO: captions by the identifiers of images, in another order than these")
  func coco() throws {
    let fixture = try Fixture()
    try image("rgb.png", "images/b.png", in: fixture)
    try image("colour.jpg", "images/a.jpg", in: fixture)
    try image("rgba.png", "images/c.png", in: fixture)
    let images =
      #"[{"id": 7, "file_name": "a.jpg", "height": 3}, {"file_name": "b.png", "id": 3}, {"id": 9, "file_name": "c.png"}]"#
    func write(_ annotations: String) throws {
      try self.write(
        #"{"info": {}, "images": \#(images), "annotations": [\#(annotations)]}"#,
        "annotations/captions_val2017.json", in: fixture)
    }
    try write(
      #"{"image_id": 3, "id": 1, "caption": "A \"bee\".\n "}, {"image_id": 7, "id": 2, "caption": "null"},"#
        + #"{"id": 5, "image_id": 3, "caption": "NA"}"#)
    for folder in [nil, "images"] {
      let (found, summary) = try captions("annotations/captions_val2017.json", in: fixture, folder: folder)
      #expect(found == [["b.png: A \"bee\".", "a.jpg: null", "b.png: NA"]])
      #expect(
        summary.notes.contains { $0.hasSuffix("images without a caption, left out: 1") }, "\(summary.notes)")
    }
    try write(#"{"image_id": 4, "id": 1, "caption": "x"}"#)
    let error = #expect(throws: WeftError.self) {
      _ = try captions("annotations/captions_val2017.json", in: fixture)
    }
    #expect(error?.message.contains("annotation 1: image_id 4 is none of its images") == true)
    try write(#"{"image_id": 3, "id": 1, "bbox": []}"#)
    let other = #expect(throws: WeftError.self) {
      _ = try captions("annotations/captions_val2017.json", in: fixture)
    }
    #expect(
      other?.message.contains("'caption' is missing in annotations Index 0") == true,
      "\(other?.message ?? "")")
  }

  @Test("Flickr8k: numbered lines and tables; all captions of an image lie in one split")
  func flickr() throws {
    let fixture = try Fixture()
    let names = (0..<20).map { "\($0).\($0.isMultiple(of: 2) ? "png" : "jpg")" }
    for (number, name) in names.enumerated() {
      try image(number.isMultiple(of: 2) ? "rgb.png" : "colour.jpg", "images/\(name)", in: fixture)
    }
    // Captions that several images share tie nothing.
    let pairs = names.flatMap { name in
      (0..<3).map { (name, $0, $0 == 0 ? "a \"dog\", it runs" : "\(name) \($0)") }
    }
    try write(
      pairs.map { "\($0)#\($1)\t\($2)\n" }.joined(), "Flickr8k.token.txt", in: fixture)
    try write(
      "image,caption\n" + pairs.map { "\($0.0),\"\($0.2.replacing("\"", with: "\"\""))\"\n" }.joined(),
      "captions.txt",
      in: fixture)
    let expected = pairs.map { "\($0.0): \($0.2)" }
    for list in ["Flickr8k.token.txt", "captions.txt"] {
      #expect(try captions(list, in: fixture).captions == [expected])
      let (found, _) = try captions(list, in: fixture, plan: SplitPlan("0.5,0.5", seed: 3))
      #expect(Set(found[0] + found[1]) == Set(expected))
      let images = found.map { Set($0.map { $0.split(separator: ":")[0] }) }
      #expect(images[0].isDisjoint(with: images[1]) && images[0].count + images[1].count == 20)
      #expect(found.allSatisfy { $0.count.isMultiple(of: 3) && !$0.isEmpty })
    }
    // Published splits are lists of names.
    try write("4.png\r\n1.jpg\r\n", "testImages.txt", in: fixture)
    try write("3.jpg\n", "devImages.txt", in: fixture)
    let lists = [("validation", "devImages.txt"), ("test", "testImages.txt")].map {
      SplitSource($0, TranscribedSource(fixture.path($1)))
    }
    let (found, _) = try captions("captions.txt", in: fixture, others: lists)
    #expect(found[1] == expected.filter { $0.hasPrefix("3.jpg: ") })
    #expect(found[2] == expected.filter { $0.hasPrefix("4.png: ") || $0.hasPrefix("1.jpg: ") })
    #expect(found[0] == expected.filter { !found[1].contains($0) && !found[2].contains($0) })
    try write("4.png\n100.jpg\n", "testImages.txt", in: fixture)
    let absent = #expect(throws: WeftError.self) {
      _ = try captions("captions.txt", in: fixture, others: lists)
    }
    #expect(absent?.message.contains("testImages.txt: line 2: '100.jpg' has no text in ") == true)
    try write("4.png\n3.jpg\n", "testImages.txt", in: fixture)
    let twice = #expect(throws: WeftError.self) {
      _ = try captions("captions.txt", in: fixture, others: lists)
    }
    #expect(
      twice?.message.contains("testImages.txt: line 2: '3.jpg' is in the list of another split") == true)
    try write("0.png#0\ta\n1.jpg\tb\n", "bad.txt", in: fixture)
    let error = #expect(throws: WeftError.self) { _ = try captions("bad.txt", in: fixture) }
    #expect(error?.message.contains("line 2: '1.jpg' is not an image with # and the number") == true)
  }

  @Test("AISHELL and Multilingual LibriSpeech: names of recordings in other folders")
  func identifiers() throws {
    let fixture = try Fixture()
    for (number, name) in ["S02/B2", "S02/B1", "S03/B3"].enumerated() {
      try recording("wav/train/\(name).wav", 35 + 10 * number, in: fixture)
    }
    try write("B1 而 对\nB2 楼市\n", "transcript/list.txt", in: fixture)
    let (file, summary) = try audio(fixture.path("transcript/list.txt"), in: fixture)
    #expect(try recordings(file) == ["3 而 对", "2 楼市"])
    #expect(
      summary.notes.contains { $0.hasSuffix("recordings without a transcript, left out: 1") },
      "\(summary.notes)")
    try write("B1 a\nB9 b\n", "transcript/list.txt", in: fixture)
    let error = #expect(throws: WeftError.self) {
      _ = try audio(fixture.path("transcript/list.txt"), in: fixture)
    }
    #expect(error?.message.contains("line 2: 'B9' is no recording in") == true, "\(error?.message ?? "")")
  }

  @Test("VCTK: texts in a folder of their own") func textsElsewhere() throws {
    let fixture = try Fixture()
    for number in 0..<2 {
      try recording("vctk/wav48/p1/p1_\(number).wav", 35 + 10 * number, in: fixture)
      try write("text \(number)\n", "vctk/txt/p1/p1_\(number).txt", in: fixture)
    }
    let (file, summary) = try audio(fixture.path("vctk"), in: fixture)
    #expect(try recordings(file) == ["2 text 0", "3 text 1"])
    #expect(
      summary.notes.contains {
        $0.hasPrefix("texts of the names of recordings, in other folders: 2; speakers")
      },
      "\(summary.notes)")
  }
}
