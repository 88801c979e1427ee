import Foundation
import WeftBase

/// Reads lines PATH TAB TEXT, or PATH TAB TEXT TAB GROUP.
final class TabbedList: TranscribedReader {
  private let reader: LineReader
  private let folder: String

  /// - Throws: If the list cannot be opened.
  init(_ path: String, files: String?) throws(WeftError) {
    reader = try LineReader(path)
    folder = files ?? PathParts.folder(of: path)
  }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    try reader.nextEntry().map(file)
  }

  private func file(_ line: String) -> Result<TranscribedFile, WeftError> {
    let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    guard (2...3).contains(fields.count) else {
      return .failure(
        reader.failure("has \(fields.count - 1) tabs; expected PATH TAB TEXT or PATH TAB TEXT TAB GROUP"))
    }
    guard !fields[0].isEmpty else { return .failure(reader.failure("has no path")) }
    guard !fields[1].isEmpty else { return .failure(reader.failure("\(fields[0]): has no text")) }
    return .success(
      TranscribedFile(
        path: PathParts.path(fields[0], in: folder), name: fields[0], text: fields[1],
        group: fields.count == 3 && !fields[2].isEmpty ? fields[2] : nil,
        place: "\(reader.path): line \(reader.number)"))
  }
}

/// Reads the files of a folder, each with a text file of the same name.
final class FolderOfTexts: TranscribedReader {
  private var names: ArraySlice<String>
  private let folder: String

  /// - Parameter names: The paths of the files within the folder, in order.
  init(_ names: [String], in folder: String) {
    self.names = names[...]
    self.folder = folder
  }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let name = names.popFirst() else { return nil }
    let path = PathParts.path(name, in: folder)
    let transcript = PathParts.withoutEnding(path) + ".txt"
    return Result { () throws(WeftError) in
      let text = try TextFile.contents(of: transcript).joiningLines
      guard !text.isEmpty else { throw .data("\(transcript): has no text") }
      return TranscribedFile(path: path, name: name, text: text)
    }
  }
}

extension String {
  /// The text on one line, with one space for each run of white space.
  var joiningLines: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
