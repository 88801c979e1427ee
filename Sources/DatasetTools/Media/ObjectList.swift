import WeftBase

/// Reads JSON objects, one a line, with a file and its text, as manifests of NeMo and `metadata.jsonl` of the Hugging Face
/// Hub have them.
final class ObjectList: TranscribedReader {
  private let lines: JSONLines
  private let columns: NamedColumns
  private let isOfImages: Bool
  private var folder: String?
  private var transcripts = Transcripts()

  /// - Throws: If the list cannot be opened.
  init(_ path: String, files: String?, _ columns: NamedColumns, kinds: Set<String>) throws(WeftError) {
    lines = try JSONLines(
      path,
      fields: [columns.path, columns.text] + (columns.group.map { [$0] } ?? []) + NamedColumns.beginnings)
    self.columns = columns
    folder = files
    isOfImages = kinds.contains("png")
  }

  var note: String? { columns.note(lines.path) }
  var groupName: String { "field '\(columns.group ?? "")'" }
  var hasSeveralTexts: Bool { isOfImages }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let record = try lines.next() else { return nil }
    return Result { () throws(WeftError) in try file(record) }
  }

  private func file(_ record: [String: JSONField]) throws(WeftError) -> TranscribedFile {
    func text(_ field: String) throws(WeftError) -> String {
      guard case .text(let text) = record[field], !text.joiningLines.isEmpty else {
        throw lines.failure("has no text in the field '\(field)'")
      }
      return text
    }
    let (name, spoken) = (try text(columns.path), try text(columns.text).joiningLines)
    if !isOfImages {
      // A whole recording does not have the text of a part of it.
      for field in NamedColumns.beginnings.sorted() {
        switch record[field] {
        case nil, .missing, .whole(0): continue
        default:
          throw lines.failure(
            "'\(field)' is not 0: parts of recordings are not read; cut the recordings into files of their own"
          )
        }
      }
      if let line = transcripts.line(ofOther: spoken, of: name, lines.number) {
        throw lines.failure("'\(name)' has another transcript on line \(line); keep one of them")
      }
    }
    let folder = folder ?? ListedFolder.folder(of: lines.path, holding: name)
    self.folder = folder
    let group: String? =
      switch columns.group.flatMap({ record[$0] }) {
      case .text(let group) where !group.isEmpty: group
      case .whole(let number): "\(number)"
      default: nil
      }
    return TranscribedFile(
      path: PathParts.path(name, in: folder), name: name, text: spoken, group: group,
      place: "\(lines.path): line \(lines.number)")
  }
}
