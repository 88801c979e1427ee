import WeftBase

/// Reads the transcripts of LibriSpeech: files `84-121123.trans.txt` of lines ID TEXT, each beside the recordings `ID.flac`.
/// An identifier begins with the number of its speaker.
///
/// Those of VoxForge are files `etc/PROMPTS` of lines FOLDER/mfc/ID TEXT, each beside a folder `wav` or `flac`, in a folder that
/// begins with the speaker.
final class UtteranceFolder: TranscribedReader {
  /// The end of the names of files with transcripts.
  static let ending = ".trans.txt"
  /// The name of such files of VoxForge, in a folder `etc`.
  private static let prompts = "PROMPTS"
  /// Where VoxForge keeps recordings.
  private static let sounds = ["wav", "flac"]

  private var transcripts: ArraySlice<String>
  private let folder: String
  private var reader: LineReader?
  /// The folder of the current transcripts, within the folder of all.
  private var inner = ""
  /// Recordings without a transcript so far, by their paths without extension.
  private var recordings: [String: String] = [:]
  /// The place of each identifier.
  private var lines: [String: String] = [:]
  private let hasPrompts: Bool

  /// - Parameter names: The paths of transcripts and recordings within the folder, in order.
  init(_ names: [String], in folder: String) {
    self.folder = folder
    transcripts = names.filter(Self.isTranscript)[...]
    hasPrompts = transcripts.contains { !$0.hasSuffix(Self.ending) }
    for name in names where !Self.isTranscript(name) { recordings[PathParts.withoutEnding(name)] = name }
  }

  /// Whether a file is one of transcripts, by its name.
  static func isTranscript(_ path: String) -> Bool {
    path.hasSuffix(ending) || PathParts.name(of: path) == prompts
  }

  var note: String? {
    let left = recordings.count
    return
      "lines of \(hasPrompts ? Self.prompts : Self.ending) files: recording and transcript; speakers are groups"
      + (left > 0 ? "; recordings without a transcript, left out: \(left)" : "")
  }
  var groupName: String { "the speaker" }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    while true {
      if reader == nil {
        guard let name = transcripts.popFirst() else { return nil }
        inner = PathParts.folder(of: name)
        reader = try LineReader(PathParts.path(name, in: folder))
      }
      guard let reader else { return nil }
      guard let line = try reader.nextEntry() else {
        self.reader = nil
        continue
      }
      return Result { () throws(WeftError) in try file(line, reader) }
    }
  }

  private func file(_ line: String, _ reader: LineReader) throws(WeftError) -> TranscribedFile {
    let parts = line.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
    guard parts.count == 2 else { throw reader.failure("\(parts.first ?? ""): has no text") }
    let isPrompt = PathParts.name(of: reader.path) == Self.prompts
    let key = isPrompt ? prompted(parts[0]) : PathParts.path(parts[0], in: inner)
    let place = "\(reader.path): line \(reader.number)"
    if let other = lines.updateValue(place, forKey: key) {
      throw reader.failure("'\(parts[0])' has another transcript in \(other); keep one of them")
    }
    let name = recordings.removeValue(forKey: key) ?? key + (isPrompt ? ".wav" : ".flac")
    return TranscribedFile(
      path: PathParts.path(name, in: folder), name: name, text: parts[1].joiningLines,
      group: speaker(isPrompt ? PathParts.name(of: PathParts.folder(of: inner)) : parts[0]), place: place)
  }

  /// The speaker that a name begins with; nil if it does not. Anonymous ones are as many as there are names.
  private func speaker(_ name: String) -> String? {
    guard name.contains("-"), let speaker = name.split(separator: "-").first else { return nil }
    return speaker == "anonymous" ? name : String(speaker)
  }

  /// The path without extension of a recording that a line of VoxForge names.
  private func prompted(_ path: String) -> String {
    let beside = Self.sounds.map { sound in
      PathParts.path(PathParts.name(of: path), in: PathParts.path(sound, in: PathParts.folder(of: inner)))
    }
    return beside.first { recordings[$0] != nil } ?? beside[0]
  }
}
