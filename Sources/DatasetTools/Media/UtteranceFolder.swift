import WeftBase

/// Reads the transcripts of LibriSpeech: files `84-121123.trans.txt` of lines ID TEXT, each beside the recordings `ID.flac`.
/// An identifier begins with the number of its speaker.
final class UtteranceFolder: TranscribedReader {
  /// The end of the names of files with transcripts.
  static let ending = ".trans.txt"

  private var transcripts: ArraySlice<String>
  private let folder: String
  private var reader: LineReader?
  /// The folder of the current transcripts, within the folder of all.
  private var inner = ""
  /// Recordings without a transcript so far, by their paths without extension.
  private var recordings: [String: String] = [:]
  /// The place of each identifier.
  private var lines: [String: String] = [:]

  /// - Parameter names: The paths of transcripts and recordings within the folder, in order.
  init(_ names: [String], in folder: String) {
    self.folder = folder
    transcripts = names.filter { $0.hasSuffix(Self.ending) }[...]
    for name in names where !name.hasSuffix(Self.ending) { recordings[PathParts.withoutEnding(name)] = name }
  }

  var note: String? {
    let left = recordings.count
    return "lines of \(Self.ending) files: recording and transcript; speakers are groups"
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
    let key = PathParts.path(parts[0], in: inner)
    let place = "\(reader.path): line \(reader.number)"
    if let other = lines.updateValue(place, forKey: key) {
      throw reader.failure("'\(parts[0])' has another transcript in \(other); keep one of them")
    }
    let name = recordings.removeValue(forKey: key) ?? key + ".flac"
    let speaker = parts[0].split(separator: "-").first.map(String.init)
    return TranscribedFile(
      path: PathParts.path(name, in: folder), name: name, text: parts[1].joiningLines,
      group: parts[0].contains("-") ? speaker : nil, place: place)
  }
}
