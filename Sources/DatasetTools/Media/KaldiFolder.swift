import Foundation
import Media
import WeftBase

/// Reads a data folder of Kaldi: `wav.scp` with the recordings, `text` with the transcripts, `segments` with the piece of a
/// recording that each utterance is, and `utt2spk` with their speakers. The last two may be missing.
final class KaldiFolder: TranscribedReader {
  /// A line UTTERANCE RECORDING START END of `segments`.
  private struct Utterance {
    let name: String
    let recording: String
    var piece: AudioPiece?
    let place: String
  }

  private let path: String
  private let files: String?
  private var utterances: ArraySlice<Utterance>
  private var texts: [String: String]
  private let speakers: [String: String]
  private var recordings: [String: (path: String, channel: Int?)] = [:]
  private var pieces = PieceSurvey()
  private var withoutText = 0
  private let hasSegments: Bool

  /// Whether a folder is one.
  static func isOne(_ folder: String) -> Bool { OutputFile.exists("\(folder)/wav.scp") }

  /// - Parameter files: The folder to which paths are relative; nil for that of the recipe, above the folder.
  /// - Throws: If a file is missing or has other lines.
  init(_ path: String, files: String?) throws(WeftError) {
    self.path = path
    self.files = files
    guard OutputFile.exists("\(path)/text") else {
      throw .data("\(path): has wav.scp, but no file 'text' with the transcript of each utterance")
    }
    texts = [:]
    for (name, text, line) in try Self.lines("\(path)/text")
    where texts.updateValue(text, forKey: name) != nil {
      throw .data("\(path)/text: line \(line): '\(name)' has another transcript above; keep one of them")
    }
    var speakers: [String: String] = [:]
    if OutputFile.exists("\(path)/utt2spk") {
      for (name, speaker, _) in try Self.lines("\(path)/utt2spk") { speakers[name] = speaker }
    }
    self.speakers = speakers
    hasSegments = OutputFile.exists("\(path)/segments")
    var utterances: [Utterance] = []
    var recordings: [String: (path: String, channel: Int?)] = [:]
    for (name, source, line) in try Self.lines("\(path)/wav.scp") {
      let place = "\(path)/wav.scp: line \(line)"
      guard recordings.updateValue(try Self.recording(source, place), forKey: name) == nil else {
        throw .data("\(place): '\(name)' is another recording above")
      }
      if !hasSegments { utterances.append(Utterance(name: name, recording: name, place: place)) }
    }
    if hasSegments {
      for (name, rest, line) in try Self.lines("\(path)/segments") {
        let place = "\(path)/segments: line \(line)"
        let fields = rest.split(separator: " ").map(String.init)
        guard fields.count == 3 || fields.count == 4, let start = Double(fields[1]),
          let end = Double(fields[2]),
          start >= 0
        else { throw .data("\(place): is not UTTERANCE RECORDING START END, with times in seconds") }
        // −1 is the end of the recording; a channel, from 0, may follow.
        let piece = AudioPiece(
          start: start, end: end == -1 ? nil : end,
          channel: fields.count == 4 ? Int(fields[3]).flatMap { $0 >= 0 ? $0 : nil } : nil)
        utterances.append(Utterance(name: name, recording: fields[0], piece: piece, place: place))
      }
    }
    self.utterances = utterances[...]
    self.recordings = recordings
  }

  var note: String? {
    "\(path): folder of Kaldi"
      + (hasSegments ? ", \(pieces.note ?? "no pieces")" : "")
      + (speakers.isEmpty ? "" : "; speakers are groups")
      + (withoutText > 0 ? "; left out: \(withoutText) utterances without a text" : "")
      + (texts.isEmpty ? "" : "; left out: \(NumberText.counted(texts.count, "texts")) without a recording")
  }
  var groupName: String { "the speaker" }
  var hasSeveralTexts: Bool { hasSegments }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    while let utterance = utterances.popFirst() {
      guard let text = texts.removeValue(forKey: utterance.name) else {
        withoutText += 1
        continue
      }
      return Result { () throws(WeftError) in try file(utterance, text) }
    }
    return nil
  }

  private func file(_ utterance: Utterance, _ text: String) throws(WeftError) -> TranscribedFile {
    guard !text.isEmpty else { throw .data("\(path)/text: '\(utterance.name)' has no text") }
    guard let recording = recordings[utterance.recording] else {
      throw .data("\(utterance.place): '\(utterance.recording)' is not in \(path)/wav.scp")
    }
    var piece = utterance.piece
    if let channel = recording.channel {
      piece = piece ?? AudioPiece()
      piece?.channel = channel
    }
    if let own = utterance.piece,
      let other = pieces.add(own, of: utterance.recording, text, at: utterance.place)
    {
      throw .data("\(utterance.place): the same piece has another transcript in \(other); keep one of them")
    }
    return TranscribedFile(
      path: place(of: recording.path), name: utterance.name, text: text, piece: piece,
      group: speakers[utterance.name], place: utterance.place)
  }

  /// Recipes name recordings from their own folder, of which the data folder is a part.
  private func place(of name: String) -> String {
    if name.hasPrefix("/") { return name }
    if let files { return PathParts.path(name, in: files) }
    let folders = [path, "\(path)/..", "\(path)/../..", "\(path)/../../..", "."]
    let places = folders.map { PathParts.path(name, in: $0) }
    return places.first { FileManager.default.fileExists(atPath: $0) } ?? places[0]
  }

  /// What a line of `wav.scp` reads: a file, perhaps by a command that only decodes it. Commands are never run.
  private static func recording(_ source: String, _ place: String) throws(WeftError) -> (
    path: String, channel: Int?
  ) {
    var words = source.split(separator: " ").map(String.init)
    guard source.hasSuffix("|") else {
      if source.contains(".ark:") {
        throw .data(
          "\(place): is a part of an archive of Kaldi; write recordings to files with wav-copy, or extract them"
        )
      }
      return (source, nil)
    }
    if words.last == "|" { words.removeLast() } else { words[words.count - 1].removeLast() }
    let program = words.first.map { PathParts.name(of: $0) } ?? ""
    var channel: Int?
    var names: [String] = []
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      switch (program, word) {
      case ("sph2pipe", "-c"): channel = rest.popFirst().flatMap { Int($0) }.map { $0 - 1 }
      case ("sph2pipe", "-f"): _ = rest.popFirst()
      case ("sph2pipe", "-p"), ("flac", "-c"), ("flac", "-d"), ("flac", "-s"), ("flac", "-cds"),
        ("flac", "-dcs"),
        ("flac", "-sdc"), ("flac", "-cd"), ("flac", "-dc"), ("flac", "--silent"), ("flac", "--decode"),
        ("flac", "--stdout"):
        continue
      default: names.append(word)
      }
    }
    guard ["sph2pipe", "flac", "cat"].contains(program), names.count == 1, !names[0].hasPrefix("-"),
      channel ?? 0 >= 0
    else {
      throw .data(
        "\(place): is the command '\(source.prefix(60))', and of commands only sph2pipe, flac -c -d and cat of one file are"
          + " read, as the file; write its output to a file and name that")
    }
    return (names[0], channel)
  }

  /// Lines of a name and what follows it.
  private static func lines(_ path: String) throws(WeftError) -> [(name: String, rest: String, line: Int)] {
    let reader = try LineReader(path)
    var found: [(name: String, rest: String, line: Int)] = []
    while let line = try reader.nextEntry() {
      let parts = line.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
      found.append((parts[0], parts.count > 1 ? parts[1].joiningLines : "", reader.number))
    }
    return found
  }
}
