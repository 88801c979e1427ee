import Foundation
import Media
import WeftBase

/// Source of audio or image files with their texts.
public enum TranscribedSource: Sendable, Equatable {
  /// A list of files with their texts, in one of the forms of ``TranscribedFiles``. Paths are relative to `files`, or, if
  /// that is nil, to the folder of the list or one beside it where corpora keep them. `times` names the columns of a table
  /// that tell pieces of recordings; nil if none do.
  case manifest(String, files: String?, times: PieceColumns? = nil)
  /// A folder, searched recursively: every audio or image file has a text file of the same name ending in `.txt`, or there
  /// are `.trans.txt`, `.stm` or `metadata.csv` files of corpora, or a data folder of Kaldi. Hidden files, whose name begins
  /// with a dot, are left out.
  case folder(String)
  /// A folder, searched recursively, in which the names of files tell their classes.
  case named(folder: String, NamePattern)

  /// The path of the file or folder.
  var path: String {
    switch self {
    case .manifest(let path, _, _), .folder(let path), .named(let path, _): path
    }
  }

  /// The same source, if it is a folder with its classes in the names of its files; a list as it is.
  public func naming(classes pattern: NamePattern) -> TranscribedSource {
    if case .folder(let path) = self { .named(folder: path, pattern) } else { self }
  }

  /// A folder if the path is one, otherwise a list.
  ///
  /// - Parameters:
  ///   - files: The folder of the files that a list names; nil for the usual ones.
  ///   - times: The columns of a table that tell pieces of recordings; nil if none do.
  /// - Throws: A usage error if a folder or columns are given for a folder of files.
  public init(_ path: String, files: String?, times: PieceColumns? = nil) throws(WeftError) {
    self.init(path)
    if times != nil, case .folder = self {
      throw .usage("--start names a column of a table, but \(path) is a folder")
    }
    if files == nil, times == nil { return }
    if case .folder = self {
      guard KaldiFolder.isOne(path) else {
        throw .usage("--folder names the folder of the files in a list, but \(path) is a folder itself")
      }
      // What is named is relative to the folder of the recordings.
      self = .manifest("\(path)/wav.scp", files: files)
      return
    }
    self = .manifest(path, files: files, times: times)
  }

  /// A folder if the path is one, otherwise a list whose files are in their usual place.
  public init(_ path: String) {
    self = FolderListing.isFolder(path) ? .folder(path) : .manifest(path, files: nil)
  }
}

/// An audio or image file with its text.
struct TranscribedFile {
  let path: String
  /// The path as the manifest has it, or within the folder.
  let name: String
  let text: String
  /// The part of a recording that has the text; nil for all of it.
  var piece: AudioPiece?
  /// The speaker or another group of the file; nil if the source tells none.
  var group: String?
  /// The split that the source tells, one of its reader's; nil if it tells none.
  var split: String?
  /// Place in the list, such as `clips.tsv: line 3`; nil in a folder.
  var place: String?
  /// The path without what does not change where it leads, to find the same file in several lines.
  var fileKey: String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).filter { $0 != "." }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }

  /// The text by which it is compared with others.
  ///
  /// - Parameter isLowercase: Whether texts that differ only in case are equal.
  func textKey(isLowercase: Bool) -> String { isLowercase ? text.lowercased() : text }
}

/// Reads files with their texts, one by one.
protocol TranscribedReader: AnyObject {
  /// The next file; nil after the last. Errors of a file are returned as results, so that it can be skipped.
  ///
  /// - Throws: If the list cannot be read.
  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>?

  /// How the source is understood, and what was left out, when all have been read; nil for the form of Weft's own lists.
  var note: String? { get }
  /// What names the groups, such as `column 3`.
  var groupName: String { get }
  /// Whether the same text of two files is a coincidence, as where every image has several captions.
  var hasSeveralTexts: Bool { get }
  /// The splits that the source tells of all its files, that for training first; empty if it tells none.
  var splits: [String] { get }
}

extension TranscribedReader {
  var note: String? { nil }
  var groupName: String { "column 3" }
  var hasSeveralTexts: Bool { false }
  var splits: [String] { [] }
}

/// The forms of lists and folders, told by their names and first lines.
enum TranscribedFiles {
  /// A reader of a source.
  ///
  /// - Parameters:
  ///   - kinds: Extensions of files in a folder, in lower case.
  ///   - areClasses: Whether texts are the classes of their files.
  /// - Throws: If the list or folder cannot be read.
  static func reader(
    _ source: TranscribedSource, kinds: Set<String>, areClasses: Bool = false
  ) throws(WeftError) -> any TranscribedReader {
    if areClasses { return try classReader(source, kinds: kinds) }
    switch source {
    case .named(let path, let pattern): return try namedReader(path, pattern, kinds)
    case .folder(let path):
      if kinds.contains("wav"), KaldiFolder.isOne(path) { return try KaldiFolder(path, files: nil) }
      let metadata = "\(path)/metadata.csv"
      let objects = "\(path)/metadata.jsonl"
      if FileManager.default.fileExists(atPath: objects),
        try JSONLines.names(in: objects).flatMap({ NamedColumns(names: $0) }) != nil
      {
        return try reader(.manifest(objects, files: nil), kinds: kinds)
      }
      if FileManager.default.fileExists(atPath: metadata), let first = try LineReader(metadata).next(),
        NamedColumns(first) != nil || kinds.contains("wav") && BarredList.isWritten(first)
      {
        return try reader(.manifest(metadata, files: nil), kinds: kinds)
      }
      let transcripts = "\(path)/transcripts.txt"
      if kinds.contains("wav"), FileManager.default.fileExists(atPath: transcripts) {
        return try reader(.manifest(transcripts, files: nil), kinds: kinds)
      }
      let (names, left) = try UnreadFiles.beside(kinds, in: path) { name in
        kinds.contains("wav")
          && (UtteranceFolder.isTranscript(name) || name.hasSuffix(SegmentTimesReader.ending))
      }
      if names.contains(where: UtteranceFolder.isTranscript) {
        return UtteranceFolder(names, in: path)
      }
      let segmented = names.filter { $0.hasSuffix(SegmentTimesReader.ending) }
      if kinds.contains("wav"), !segmented.isEmpty {
        return SegmentTimesReader(segmented.map { PathParts.path($0, in: path) }, files: nil, kinds: kinds)
      }
      guard !names.isEmpty else { throw absence(in: path, kinds, left) }
      return FolderOfTexts(names, in: path, left: left)
    case .manifest(let path, let files, let times):
      if kinds.contains("wav"), let reader = try pieceReader(path, files, kinds) {
        if times != nil {
          throw .usage("--start names a column of a table, but \(path) tells times by itself")
        }
        return reader
      }
      if path.hasSuffix(UtteranceFolder.ending) {
        let folder = PathParts.folder(of: path)
        return UtteranceFolder([PathParts.name(of: path)], in: files ?? folder)
      }
      if let columns = try JSONLines.names(in: path).flatMap({ NamedColumns(names: $0) }) {
        return try ObjectList(path, files: files, columns, kinds: kinds, times: times)
      }
      if try ByteReader.start(of: path).first == UInt8(ascii: "{") {
        return try captionReader(path, files: files, kinds: kinds)
      }
      guard let first = try LineReader(path).next() else { return try TabbedList(path, files: files) }
      if let columns = NamedColumns(first) {
        return try NamedList(path, files: files, columns, kinds: kinds, times: times)
      }
      if times != nil { throw .usage("--start names a column, but \(path) has no names of columns") }
      if let name = first.split(separator: "\t").first, NumberedCaptions.name(String(name), kinds) != nil {
        return try NumberedCaptions(path, files: files, kinds: kinds)
      }
      if kinds.contains("wav"), !first.contains("\t"), BarredList.isWritten(first) {
        return try BarredList(path, files: files, kinds: kinds)
      }
      if kinds.contains("wav"), let list = try IdentifiedList(path, first: first, files: files, kinds: kinds)
      {
        return list
      }
      if isSpaced(first, kinds) {
        return try SpacedList(path, files: files, kinds: kinds, areClasses: false)
      }
      return try TabbedList(path, files: files)
    }
  }

  /// A reader of a source of files with their classes.
  private static func classReader(
    _ source: TranscribedSource, kinds: Set<String>
  ) throws(WeftError) -> any TranscribedReader {
    switch source {
    case .named(let path, let pattern): return try namedReader(path, pattern, kinds)
    case .folder(let path):
      let (names, left) = try UnreadFiles.beside(kinds, in: path)
      return try ClassedFolder(names, in: path, left: left, areImages: kinds.contains("png"))
    case .manifest(let path, let files, let times):
      let first = try LineReader(path).next() ?? ""
      if let columns = NamedColumns(first, areClasses: true) {
        return try NamedList(path, files: files, columns, kinds: kinds, areClasses: true, times: times)
      }
      if times != nil { throw .usage("--start names a column, but \(path) has no names of columns") }
      if isSpaced(first, kinds) {
        return try SpacedList(path, files: files, kinds: kinds, areClasses: true)
      }
      return try TabbedList(path, files: files)
    }
  }

  /// Whether a line is a file and a text with blanks between.
  private static func isSpaced(_ line: String, _ kinds: Set<String>) -> Bool {
    !line.contains("\t") && SpacedList.parts(of: line, kinds) != nil
  }

  /// The error of a folder without files.
  private static func absence(in folder: String, _ kinds: Set<String>, _ left: UnreadFiles) -> WeftError {
    let others = left.note.map { "; \($0)" } ?? ""
    return .data(
      "\(folder): contains no file that ends in \(kinds.sorted().joined(separator: ", "))\(others)")
  }

  /// A reader of a file of captions in JSON.
  private static func captionReader(
    _ path: String, files: String?, kinds: Set<String>
  ) throws(WeftError) -> any TranscribedReader {
    guard kinds.contains("png") else {
      throw .data(
        "\(path): is JSON, of which lines with a recording and its text are read, such as {\"audio_filepath\": \"a.wav\","
          + " \"text\": \"yes\"}; lhotse prepare writes manifests of corpora such as GigaSpeech, which are read, too"
      )
    }
    let bytes = try RegularFile.contents(of: path, atMost: CaptionFile.limit)
    return switch try CaptionContents(path, bytes) {
    case .divided(let images): try DividedCaptions(path, images, files: files)
    case .listed(let images, let captions): try CaptionFile(path, images, captions, files: files)
    }
  }

  /// A reader of a folder whose names of files tell their classes.
  private static func namedReader(
    _ folder: String, _ pattern: NamePattern, _ kinds: Set<String>
  ) throws(WeftError) -> any TranscribedReader {
    let (names, left) = try UnreadFiles.beside(kinds, in: folder)
    guard !names.isEmpty else { throw absence(in: folder, kinds, left) }
    return NamedFolder(names, in: folder, pattern, left: left)
  }

  /// A reader of lists of other programs that tell pieces of recordings; nil for any other list.
  private static func pieceReader(
    _ path: String, _ files: String?, _ kinds: Set<String>
  ) throws(WeftError) -> (any TranscribedReader)? {
    if path.hasSuffix(SegmentTimesReader.ending) {
      return SegmentTimesReader([path], files: files, kinds: kinds)
    }
    if path.hasSuffix(WordTimesReader.ending) {
      return try WordTimesReader(path, files: files, kinds: kinds)
    }
    if PathParts.name(of: path) == "wav.scp" {
      return try KaldiFolder(PathParts.folder(of: path), files: files)
    }
    if try JSONLines.names(in: path).map(LhotseManifest.isOne) == true {
      return try LhotseManifest(path, files: files)
    }
    return nil
  }
}
