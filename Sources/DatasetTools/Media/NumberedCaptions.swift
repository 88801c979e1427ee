import WeftBase

/// Reads lines IMAGE#NUMBER TAB CAPTION, as Flickr8k and Flickr30k have them.
final class NumberedCaptions: TranscribedReader {
  private let reader: LineReader
  private let kinds: Set<String>
  private var folder: String?

  /// - Throws: If the list cannot be opened.
  init(_ path: String, files: String?, kinds: Set<String>) throws(WeftError) {
    reader = try LineReader(path)
    self.kinds = kinds
    folder = files
  }

  /// The file in `picture.jpg#0`; nil for other texts.
  static func name(_ field: String, _ kinds: Set<String>) -> String? {
    guard let mark = field.lastIndex(of: "#"), Int(field[field.index(after: mark)...]) != nil else {
      return nil
    }
    let name = String(field[..<mark])
    return kinds.contains(PathParts.ending(of: name).lowercased()) ? name : nil
  }

  var note: String? { "lines of \(reader.path): image#number and caption" }
  var hasSeveralTexts: Bool { true }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let line = try reader.nextEntry() else { return nil }
    return Result { () throws(WeftError) in try file(line) }
  }

  private func file(_ line: String) throws(WeftError) -> TranscribedFile {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 2 else {
      throw reader.failure("has \(fields.count - 1) tabs; expected IMAGE#NUMBER TAB CAPTION")
    }
    let field = MissingValues.trimmed(fields[0])
    guard let mark = field.lastIndex(of: "#"), Int(field[field.index(after: mark)...]) != nil else {
      throw reader.failure("'\(field)' is not an image with # and the number of its caption, as on line 1")
    }
    let name = String(field[..<mark])
    let text = fields[1].joiningLines
    guard !text.isEmpty else { throw reader.failure("\(field): has no text") }
    let folder = folder ?? ListedFolder.folder(of: reader.path, holding: name)
    self.folder = folder
    return TranscribedFile(
      path: PathParts.path(name, in: folder), name: name, text: text,
      place: "\(reader.path): line \(reader.number)")
  }
}
