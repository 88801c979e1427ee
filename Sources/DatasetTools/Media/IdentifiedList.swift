import WeftBase

/// Reads lines ID TEXT, or ID:TEXT as JSUT has them, of recordings that lie anywhere in a folder under that name, as AISHELL and
/// Multilingual LibriSpeech have them. The speaker is the number that an identifier begins with, or the folder of the recording.
final class IdentifiedList: TranscribedReader {
  private let reader: LineReader
  private let folder: String
  /// The paths of recordings within the folder by their names without extension, as far as no line named them.
  private var recordings: [String: String]
  /// The line of each identifier.
  private var lines: [String: Int] = [:]
  /// Whether a colon follows identifiers rather than space.
  private let hasColons: Bool

  /// Where corpora keep recordings beside their lists.
  private static let usual = ["audio", "wav", "wavs", "flac", "../audio", "../wav", "../wavs", "../flac"]

  /// - Parameters:
  ///   - first: The first line of the list.
  ///   - files: The folder of the recordings; nil for the usual ones.
  /// - Returns: Nil if the line does not begin with the name of a recording without its extension.
  /// - Throws: If the list or the folder cannot be read.
  init?(_ path: String, first: String, files: String?, kinds: Set<String>) throws(WeftError) {
    hasColons = first.prefix { !$0.isWhitespace }.contains(":")
    let parts = Self.parts(of: first, hasColons: hasColons)
    let own = PathParts.folder(of: path)
    guard parts.count == 2, !kinds.contains(PathParts.ending(of: parts[0]).lowercased()),
      !OutputFile.exists(PathParts.path(parts[0], in: files ?? own))
    else { return nil }
    let beside = Self.usual.map { PathParts.path($0, in: own) }.first(where: FolderListing.isFolder)
    folder = files ?? beside ?? own
    guard FolderListing.isFolder(folder) else { return nil }
    var found: [String: String] = [:]
    let names = try FolderListing.visibleFiles(under: folder) {
      kinds.contains(PathParts.ending(of: $0).lowercased())
    }
    for name in names {
      let stem = PathParts.stem(of: name)
      guard found.updateValue(name, forKey: stem) == nil else { return nil }
    }
    guard found[parts[0]] != nil else { return nil }
    recordings = found
    reader = try LineReader(path)
  }

  private static func parts(of line: String, hasColons: Bool) -> [String] {
    line.split(maxSplits: 1, whereSeparator: hasColons ? { $0 == ":" } : \.isWhitespace).map(String.init)
  }

  var note: String? {
    let left = recordings.count
    return "lines of \(reader.path): name of a recording in \(folder) and transcript; speakers are groups"
      + (left > 0 ? "; recordings without a transcript, left out: \(left)" : "")
  }
  var groupName: String { "the speaker" }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let line = try reader.nextEntry() else { return nil }
    return Result { () throws(WeftError) in try file(line) }
  }

  private func file(_ line: String) throws(WeftError) -> TranscribedFile {
    let parts = Self.parts(of: line, hasColons: hasColons)
    guard parts.count == 2 else { throw reader.failure("\(parts.first ?? ""): has no text") }
    if let other = lines.updateValue(reader.number, forKey: parts[0]) {
      throw reader.failure("'\(parts[0])' has another transcript on line \(other); keep one of them")
    }
    guard let name = recordings.removeValue(forKey: parts[0]) else {
      throw reader.failure("'\(parts[0])' is no recording in \(folder)")
    }
    let number = parts[0].prefix { $0.isASCII && $0.isNumber }
    let isSpeaker = !number.isEmpty && "-_".contains(parts[0].dropFirst(number.count).first ?? " ")
    let inner = name.split(separator: "/").dropLast().last.map(String.init)
    return TranscribedFile(
      path: PathParts.path(name, in: folder), name: name, text: parts[1].joiningLines,
      group: isSpeaker ? String(number) : inner, place: "\(reader.path): line \(reader.number)")
  }
}
