import Foundation
import WeftBase

/// Source of audio or image files with their texts.
public enum TranscribedSource: Sendable, Equatable {
  /// A text file of lines PATH TAB TEXT, or PATH TAB TEXT TAB GROUP. Paths are relative to its folder.
  case manifest(String)
  /// A folder, searched recursively: every audio or image file has a text file of the same name ending in `.txt`. Hidden
  /// files, whose name begins with a dot, are left out.
  case folder(String)

  /// The path of the file or folder.
  var path: String {
    switch self {
    case .manifest(let path), .folder(let path): path
    }
  }

  /// A folder if the path is one, otherwise a manifest.
  public init(_ path: String) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    self = exists && isFolder.boolValue ? .folder(path) : .manifest(path)
  }
}

/// An audio or image file with its text.
struct TranscribedFile {
  let path: String
  /// The path as the manifest has it, or within the folder.
  let name: String
  let text: String
  /// The text by which it is compared with others.
  let textKey: String
  /// The third column of the manifest; nil if it is missing or empty.
  let group: String?
  /// Place in the manifest, such as `clips.tsv: line 3`; nil in a folder.
  let place: String?
  /// The path without what does not change where it leads, to find the same file in several lines.
  var fileKey: String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: true).filter { $0 != "." }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}

/// Lists the files one by one.
final class TranscribedFiles {
  private enum Source {
    case lines(LineReader, folder: String)
    case names(ArraySlice<String>, folder: String)
  }
  private var source: Source
  private let isLowercase: Bool

  /// - Parameters:
  ///   - kinds: Extensions of files in a folder, in lower case.
  ///   - isLowercase: Whether texts that differ only in case are equal and belong to one group.
  /// - Throws: If the manifest or folder cannot be read.
  init(_ source: TranscribedSource, kinds: Set<String>, isLowercase: Bool) throws(WeftError) {
    self.isLowercase = isLowercase
    switch source {
    case .manifest(let path):
      self.source = .lines(try LineReader(path), folder: PathParts.folder(of: path))
    case .folder(let path):
      // Other systems leave files beside those that they copy: `._x.wav` contains no sound.
      let wanted = try FolderListing.files(under: path) {
        kinds.contains(PathParts.ending(of: $0).lowercased())
      }.filter { !$0.hasPrefix(".") && !$0.contains("/.") }
      guard !wanted.isEmpty else {
        throw .data("\(path): contains no file that ends in \(kinds.sorted().joined(separator: ", "))")
      }
      self.source = .names(wanted.sorted()[...], folder: path)
    }
  }

  /// The next file; nil after the last. Errors of a file are returned as results, so that it can be skipped.
  ///
  /// - Throws: If the manifest cannot be read.
  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    switch source {
    case .lines(let reader, let folder):
      while let line = try reader.next() {
        if !line.contains(where: { !$0.isWhitespace }) { continue }
        return file(line, reader, folder: folder)
      }
      return nil
    case .names(var names, let folder):
      guard let name = names.popFirst() else { return nil }
      source = .names(names, folder: folder)
      return file(name, folder: folder)
    }
  }

  private func file(_ line: String, _ reader: LineReader, folder: String) -> Result<
    TranscribedFile, WeftError
  > {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard (2...3).contains(fields.count) else {
      return .failure(
        reader.failure("has \(fields.count - 1) tabs; expected PATH TAB TEXT or PATH TAB TEXT TAB GROUP"))
    }
    guard !fields[0].isEmpty else { return .failure(reader.failure("has no path")) }
    guard !fields[1].isEmpty else { return .failure(reader.failure("\(fields[0]): has no text")) }
    let path = PathParts.path(fields[0], in: folder)
    return .success(
      TranscribedFile(
        path: path, name: fields[0], text: fields[1], textKey: folded(fields[1]),
        group: fields.count == 3 && !fields[2].isEmpty ? fields[2] : nil,
        place: "\(reader.path): line \(reader.number)"))
  }

  private func file(_ name: String, folder: String) -> Result<TranscribedFile, WeftError> {
    let path = PathParts.path(name, in: folder)
    let transcript = PathParts.withoutEnding(path) + ".txt"
    do {
      let text = try TextFile.contents(of: transcript).split(whereSeparator: \.isWhitespace).joined(
        separator: " ")
      guard !text.isEmpty else { return .failure(.data("\(transcript): has no text")) }
      return .success(
        TranscribedFile(path: path, name: name, text: text, textKey: folded(text), group: nil, place: nil))
    } catch {
      return .failure(error)
    }
  }

  private func folded(_ text: String) -> String { isLowercase ? text.lowercased() : text }
}
