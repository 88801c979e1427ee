import Foundation
import WeftBase

/// Source of audio or image files with their texts.
public enum TranscribedSource: Sendable, Equatable {
  /// A list of files with their texts, in one of the forms of ``TranscribedFiles``. Paths are relative to `files`, or, if
  /// that is nil, to the folder of the list or one beside it where corpora keep them.
  case manifest(String, files: String?)
  /// A folder, searched recursively: every audio or image file has a text file of the same name ending in `.txt`, or there
  /// are `.trans.txt` or `metadata.csv` files of corpora. Hidden files, whose name begins with a dot, are left out.
  case folder(String)

  /// The path of the file or folder.
  var path: String {
    switch self {
    case .manifest(let path, _), .folder(let path): path
    }
  }

  /// A folder if the path is one, otherwise a list.
  ///
  /// - Parameter files: The folder of the files that a list names; nil for the usual ones.
  /// - Throws: A usage error if a folder is given for the files of a folder.
  public init(_ path: String, files: String?) throws(WeftError) {
    self.init(path)
    guard let files else { return }
    guard case .manifest = self else {
      throw .usage("--folder names the folder of the files in a list, but \(path) is a folder itself")
    }
    self = .manifest(path, files: files)
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
  /// The speaker or another group of the file; nil if the source tells none.
  var group: String?
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
}

extension TranscribedReader {
  var note: String? { nil }
  var groupName: String { "column 3" }
  var hasSeveralTexts: Bool { false }
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
    case .folder(let path):
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
      let names = try FolderListing.files(under: path) { name in
        kinds.contains(PathParts.ending(of: name).lowercased()) || name.hasSuffix(UtteranceFolder.ending)
      }.filter { !$0.hasPrefix(".") && !$0.contains("/.") }.sorted()
      if names.contains(where: { $0.hasSuffix(UtteranceFolder.ending) }) {
        return UtteranceFolder(names, in: path)
      }
      guard !names.isEmpty else {
        throw .data("\(path): contains no file that ends in \(kinds.sorted().joined(separator: ", "))")
      }
      return FolderOfTexts(names, in: path)
    case .manifest(let path, let files):
      if path.hasSuffix(UtteranceFolder.ending) {
        let folder = PathParts.folder(of: path)
        return UtteranceFolder([PathParts.name(of: path)], in: files ?? folder)
      }
      if let columns = try JSONLines.names(in: path).flatMap({ NamedColumns(names: $0) }) {
        return try ObjectList(path, files: files, columns, kinds: kinds)
      }
      if try ByteReader.start(of: path).first == UInt8(ascii: "{") {
        return try CaptionFile(path, files: files, kinds: kinds)
      }
      guard let first = try LineReader(path).next() else { return try TabbedList(path, files: files) }
      if let columns = NamedColumns(first) {
        return try NamedList(path, files: files, columns, kinds: kinds)
      }
      if let name = first.split(separator: "\t").first, NumberedCaptions.name(String(name), kinds) != nil {
        return try NumberedCaptions(path, files: files, kinds: kinds)
      }
      if kinds.contains("wav"), !first.contains("\t"), BarredList.isWritten(first) {
        return try BarredList(path, files: files, kinds: kinds)
      }
      return try TabbedList(path, files: files)
    }
  }

  /// A reader of a source of files with their classes.
  private static func classReader(
    _ source: TranscribedSource, kinds: Set<String>
  ) throws(WeftError) -> any TranscribedReader {
    switch source {
    case .folder(let path):
      let names = try FolderListing.files(under: path) {
        kinds.contains(PathParts.ending(of: $0).lowercased())
      }
      return try ClassedFolder(names.filter { !$0.hasPrefix(".") && !$0.contains("/.") }.sorted(), in: path)
    case .manifest(let path, let files):
      if let first = try LineReader(path).next(), let columns = NamedColumns(first, areClasses: true) {
        return try NamedList(path, files: files, columns, kinds: kinds, areClasses: true)
      }
      return try TabbedList(path, files: files)
    }
  }
}
