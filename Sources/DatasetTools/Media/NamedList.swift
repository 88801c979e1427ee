import Media
import WeftBase

/// The columns of a table of files with texts, by their names.
struct NamedColumns {
  let separator: UInt8
  let (path, text): (String, String)
  let group: String?

  private static let paths = [
    "path", "file_name", "filename", "file", "file_path", "audio_filepath", "audio", "image", "image_name",
    "wav", "slice_file_name",
  ]
  private static let texts = ["sentence", "text", "transcription", "transcript", "caption", "comment"]
  private static let classes = [
    "label", "class", "category", "genre", "emotion", "command", "keyword", "target",
  ]
  private static let groups = ["client_id", "speaker_id", "speaker", "group"]
  /// Corpora of sounds tell by folds which recordings are of one source.
  private static let classGroups = groups + ["fold"]

  /// The columns that the first line of a list names; nil if it names none.
  ///
  /// - Parameter areClasses: Whether classes are wanted rather than texts.
  init?(_ line: String, areClasses: Bool = false) {
    for separator in ["\t", ",", "|"] as [Character] {
      let names = line.split(separator: separator, omittingEmptySubsequences: false).map {
        MissingValues.trimmed(String($0)).unquoted
      }
      // A text after a tab may contain other separators.
      if separator != "\t", line.contains("\t") { return nil }
      let byte = separator.asciiValue ?? 0
      if let found = NamedColumns(names: names, separator: byte, areClasses: areClasses) {
        self = found
        return
      }
    }
    return nil
  }

  /// The columns among some names; nil if one is missing.
  ///
  /// - Parameters:
  ///   - separator: The character between columns; 0 for fields of objects.
  ///   - areClasses: Whether classes are wanted rather than texts.
  init?(names: [String], separator: UInt8 = 0, areClasses: Bool = false) {
    func first(_ wanted: [String]) -> String? {
      for text in wanted {
        if let name = names.first(where: { $0.lowercased() == text }) { return name }
      }
      return nil
    }
    guard let path = first(Self.paths), let text = first(areClasses ? Self.classes : Self.texts) else {
      return nil
    }
    (self.path, self.text, group) = (path, text, first(areClasses ? Self.classGroups : Self.groups))
    self.separator = separator
  }

  /// Whether files are pieces already, whatever the table tells of where they are from (UrbanSound8K).
  var hasWholeFiles: Bool { path == "slice_file_name" }

  /// Names of fields and columns that tell where in a recording a text begins.
  static let beginnings: Set<String> = [
    "offset", "start", "start_time", "segment_start", "begin", "begin_time", "start_sec",
    "segment_start_time",
    "start_ms", "start_seconds",
  ]

  /// How they are understood, for the user.
  ///
  /// - Parameters:
  ///   - list: The list.
  ///   - areClasses: Whether texts are the classes of their files.
  func note(_ list: String, areClasses: Bool = false) -> String {
    "columns of \(list): file '\(path)', \(areClasses ? "class" : "text") '\(text)'"
      + (group.map { ", group '\($0)'" } ?? "")
  }
}

/// Reads a table of files with texts and names of columns, as Common Voice and the Hugging Face Hub have them.
///
/// Quotation marks are characters in tab-separated tables, and surround fields in others.
final class NamedList: TranscribedReader {
  private let reader: TableReader
  private let columns: NamedColumns
  private let (path, text): (Int, Int)
  private let group: Int?
  private var folder: String?
  private let isOfImages: Bool
  private let areClasses: Bool
  private var transcripts = Transcripts()
  private let times: PieceColumns?
  private let timeIndices: [String: Int]
  private var pieces = PieceSurvey()

  /// - Parameters:
  ///   - areClasses: Whether texts are the classes of their files.
  ///   - times: The columns that tell pieces of recordings; nil if none do.
  /// - Throws: If the list cannot be opened, may tell pieces of recordings, or a column has the name of another.
  init(
    _ path: String, files: String?, _ columns: NamedColumns, kinds: Set<String>, areClasses: Bool = false,
    times: PieceColumns? = nil
  ) throws(WeftError) {
    self.areClasses = areClasses
    var format = TableFormat()
    format.separator = columns.separator
    if columns.separator != UInt8(ascii: ",") { format.quote = nil }
    reader = try TableReader(path, format: format)
    self.columns = columns
    let names = reader.names.map { MissingValues.trimmed($0).unquoted }
    func index(_ name: String) throws(WeftError) -> Int {
      let found = names.indices.filter { names[$0] == name }
      guard found.count < 2 else { throw .data("\(path): line 1: duplicate column name '\(name)'") }
      guard let index = found.first else {
        let near = name.nearest(among: names).map { "; did you mean '\($0)'?" } ?? ""
        throw .data("\(path): has no column '\(name)'\(near)")
      }
      return index
    }
    (self.path, text) = (try index(columns.path), try index(columns.text))
    group = try columns.group.map { name throws(WeftError) in try index(name) }
    folder = files
    isOfImages = kinds.contains("png")
    self.times = times
    var indices: [String: Int] = [:]
    for name in [times?.start, times?.end, times?.duration].compactMap(\.self) where !name.isEmpty {
      indices[name] = try index(name)
    }
    timeIndices = indices
    guard times == nil, !isOfImages, columns.hasWholeFiles == false,
      let column = names.first(where: { NamedColumns.beginnings.contains($0.lowercased()) })
    else { return }
    throw .data(
      "\(path): column '\(column)' may tell pieces of recordings: --start \(column.shellQuoted) with --end or --duration reads"
        + " them, --start '' reads whole recordings")
  }

  var note: String? {
    columns.note(reader.path, areClasses: areClasses) + (pieces.note.map { ", \($0)" } ?? "")
  }
  var groupName: String { "column '\(columns.group ?? "")'" }
  var hasSeveralTexts: Bool { isOfImages || areClasses || times?.start.isEmpty == false }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let fields = try reader.next() else { return nil }
    let name = MissingValues.trimmed(fields[path])
    guard !name.isEmpty else { return .failure(reader.failure("has no file", column: columns.path)) }
    let text = fields[text].joiningLines
    guard !text.isEmpty else {
      return .failure(reader.failure("\(name): has no text", column: columns.text))
    }
    let piece: AudioPiece?
    do throws(WeftError) {
      piece = try times?.piece(
        { column throws(WeftError) in try time(fields, column) },
        failure: { reader.failure("\(name): \($0)", column: times?.start ?? "") })
    } catch { return .failure(error) }
    if let piece {
      if let other = pieces.add(piece, of: name, text, at: "line \(reader.line)") {
        return .failure(
          reader.failure(
            "the same piece of '\(name)' has another \(areClasses ? "class" : "transcript") on \(other)"))
      }
    } else if !isOfImages, let line = transcripts.line(ofOther: text, of: name, reader.line) {
      return .failure(reader.failure("'\(name)' has another transcript on line \(line); keep one of them"))
    }
    let group = group.map { MissingValues.trimmed(fields[$0]) }
    // UrbanSound8K keeps the recordings of each fold in a folder of its own.
    let inner = columns.hasWholeFiles && columns.group == "fold" ? "fold\(group ?? "")/\(name)" : name
    let folder = folder ?? ListedFolder.folder(of: reader.path, holding: inner)
    self.folder = folder
    return .success(
      TranscribedFile(
        path: PathParts.path(inner, in: folder),
        name: piece.map { "\(name) \($0.start)-\($0.end ?? 0)" } ?? name, text: text, piece: piece,
        group: group?.isEmpty == true ? nil : group, place: "\(reader.path): line \(reader.line)"))
  }

  private func time(_ fields: TableRow, _ column: String) throws(WeftError) -> Double {
    guard let index = timeIndices[column], let number = Double(MissingValues.trimmed(fields[index])) else {
      throw reader.failure("is not a number, of a time", column: column)
    }
    return number
  }
}
