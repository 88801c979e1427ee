import WeftBase

/// Reads lines ID TEXT of recordings that lie anywhere in a folder under that name, as AISHELL and Multilingual LibriSpeech have
/// them, also in the forms of ``Form``. The speaker is the number that an identifier begins with, or the folder of the
/// recording.
final class IdentifiedList: TranscribedReader {
  /// How an identifier and its text are written.
  private enum Form: CaseIterable {
    /// ID TEXT, where ID may be a path of another folder, as `PROMPTS` of VoxForge have it: `*/mfc/a0001 TEXT`.
    case blank
    /// ID:TEXT, as JSUT has it.
    case colon
    /// ( ID "TEXT" ), as `txt.done.data` of CMU ARCTIC and Festival has it.
    case festival
    /// `<s> TEXT </s> (ID)`, as Sphinx has it.
    case sphinx

    /// The identifier and the text; the text is nil if there is none.
    func parts(of line: String) -> (name: String, text: String?) {
      let line = MissingValues.trimmed(line)
      switch self {
      case .blank, .colon:
        let parts = line.split(
          maxSplits: 1, whereSeparator: self == .colon ? { $0 == ":" } : \.isWhitespace)
        return (String(parts.first ?? ""), parts.count == 2 ? parts[1].joiningLines : nil)
      case .festival:
        guard let found = line.wholeMatch(of: #/\(\s*(\S+)\s+"(.*)"\s*\)/#) else { return (line, nil) }
        return (String(found.1), found.2.replacing("\\\"", with: "\"").joiningLines)
      case .sphinx:
        guard let found = line.wholeMatch(of: #/(?:<s>)?(.*?)(?:</s>)?\s*\(\s*(\S+)\s*\)/#) else {
          return (line, nil)
        }
        return (String(found.2), found.1.joiningLines)
      }
    }
  }

  private let reader: LineReader
  private let form: Form
  private let folder: String
  /// The paths of recordings within the folder by their names without extension, as far as no line named them.
  private var recordings: [String: String]
  /// The line of each identifier.
  private var lines: [String: Int] = [:]

  /// - Parameters:
  ///   - first: The first line of the list.
  ///   - files: The folder of the recordings; nil for the usual ones.
  /// - Returns: Nil if the line does not tell the name of a recording without its extension.
  /// - Throws: If the list or the folder cannot be read.
  init?(_ path: String, first: String, files: String?, kinds: Set<String>) throws(WeftError) {
    let own = PathParts.folder(of: path)
    let forms = Form.allCases.filter { form in
      let (name, text) = form.parts(of: first)
      return text != nil && !kinds.contains(PathParts.ending(of: name).lowercased())
        && !OutputFile.exists(PathParts.path(name, in: files ?? own))
    }
    if forms.isEmpty { return nil }
    let beside = ListedFolder.recordings(of: path).dropFirst()
    for folder in files.map({ [$0] }) ?? beside.filter(FolderListing.isFolder) + [own] {
      guard FolderListing.isFolder(folder) else { continue }
      guard let found = try Self.recordings(in: folder, kinds) else { continue }
      let form = forms.first { found[PathParts.name(of: $0.parts(of: first).name)] != nil }
      guard let form else { continue }
      (self.form, self.folder, recordings) = (form, folder, found)
      reader = try LineReader(path)
      return
    }
    return nil
  }

  /// The recordings in a folder by their names without extension; nil if two have the same.
  private static func recordings(
    in folder: String, _ kinds: Set<String>
  ) throws(WeftError) -> [String: String]? {
    var found: [String: String] = [:]
    let names = try FolderListing.visibleFiles(under: folder) {
      kinds.contains(PathParts.ending(of: $0).lowercased())
    }
    for name in names {
      guard found.updateValue(name, forKey: PathParts.stem(of: name)) == nil else { return nil }
    }
    return found
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
    let (path, told) = form.parts(of: line)
    let key = PathParts.name(of: path)
    guard let text = told, !text.isEmpty else { throw reader.failure("\(path): has no text") }
    if let other = lines.updateValue(reader.number, forKey: key) {
      throw reader.failure("'\(key)' has another transcript on line \(other); keep one of them")
    }
    guard let name = recordings.removeValue(forKey: key) else {
      throw reader.failure("'\(key)' is no recording in \(folder)")
    }
    let number = key.prefix { $0.isASCII && $0.isNumber }
    let isSpeaker = !number.isEmpty && "-_".contains(key.dropFirst(number.count).first ?? " ")
    let inner = name.split(separator: "/").dropLast().last.map(String.init)
    return TranscribedFile(
      path: PathParts.path(name, in: folder), name: name, text: text,
      group: isSpeaker ? String(number) : inner, place: "\(reader.path): line \(reader.number)")
  }
}
