import Media
import WeftBase

/// Reads JSON objects, one a line, with a file and its text, as manifests of NeMo and `metadata.jsonl` of the Hugging Face
/// Hub have them. `offset` and `duration` tell a piece of a recording.
final class ObjectList: TranscribedReader {
  private let lines: JSONLines
  private let columns: NamedColumns
  private let isOfImages: Bool
  private var folder: String?
  private var transcripts = Transcripts()
  private let times: PieceColumns?
  private var pieces = PieceSurvey()

  private static let offset = "offset"
  private static let duration = "duration"

  /// - Throws: If the list cannot be opened.
  init(
    _ path: String, files: String?, _ columns: NamedColumns, kinds: Set<String>, times: PieceColumns?
  ) throws(WeftError) {
    lines = try JSONLines(
      path,
      fields: [columns.path, columns.text, Self.duration]
        + [columns.group, times?.start, times?.end, times?.duration]
        .compactMap(\.self) + NamedColumns.beginnings)
    self.columns = columns
    self.times = times
    folder = files
    isOfImages = kinds.contains("png")
  }

  var note: String? { columns.note(lines.path) + (pieces.note.map { ", \($0)" } ?? "") }
  var groupName: String { "field '\(columns.group ?? "")'" }
  var hasSeveralTexts: Bool { isOfImages || pieces.count > 0 }

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
    let piece = isOfImages ? nil : try piece(record)
    if let piece {
      if let other = pieces.add(piece, of: name, spoken, at: "line \(lines.number)") {
        throw lines.failure(
          "the same piece of '\(name)' has another transcript on \(other); keep one of them")
      }
    } else if !isOfImages, let line = transcripts.line(ofOther: spoken, of: name, lines.number) {
      throw lines.failure("'\(name)' has another transcript on line \(line); keep one of them")
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
      path: PathParts.path(name, in: folder),
      name: piece.map { "\(name) \($0.start)-\($0.end ?? 0)" } ?? name,
      text: spoken, piece: piece, group: group,
      place: "\(lines.path): line \(lines.number)")
  }

  /// The piece of the recording that has the text; nil for all of it.
  private func piece(_ record: [String: JSONField]) throws(WeftError) -> AudioPiece? {
    if let times {
      return try times.piece(
        { name throws(WeftError) in try number(name, of: record) }, failure: lines.failure)
    }
    // A whole recording does not have the text of a part of it.
    for field in NamedColumns.beginnings.sorted() {
      switch record[field] {
      case nil, .missing: continue
      case .whole(0) where record[Self.duration] == nil: continue
      default: break
      }
      guard field == Self.offset, record[Self.duration] != nil else {
        throw lines.failure(
          "'\(field)' may tell a piece of the recording: --start \(field) with --end or --duration reads it, --start ''"
            + " reads whole recordings")
      }
      return try PieceColumns(start: field, duration: Self.duration).piece(
        { name throws(WeftError) in try number(name, of: record) }, failure: lines.failure)
    }
    return nil
  }

  private func number(_ field: String, of record: [String: JSONField]) throws(WeftError) -> Double {
    switch record[field] {
    case .whole(let number): return Double(number)
    case .fraction(let number): return number
    default: throw lines.failure("has no number in the field '\(field)'")
    }
  }
}
