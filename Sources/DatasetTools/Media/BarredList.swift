import Foundation
import WeftBase

/// Reads lines ID|TEXT or ID|TEXT|NORMALIZED TEXT, as LJ Speech has them, of which the last field is the transcript.
/// Quotation marks are characters.
final class BarredList: TranscribedReader {
  private let reader: LineReader
  private let kinds: Set<String>
  private var folder: String?
  /// The extension of all files; nil until the first is looked for, and empty if identifiers have it.
  private var ending: String?
  /// The number of fields, and the line that tells it.
  private var shape: (count: Int, line: Int)?
  /// The line of each recording.
  private var lines: [String: Int] = [:]

  /// - Throws: If the list cannot be opened.
  init(_ path: String, files: String?, kinds: Set<String>) throws(WeftError) {
    reader = try LineReader(path)
    self.kinds = kinds
    folder = files
  }

  /// Whether a line is an identifier and one or two texts.
  static func isWritten(_ line: String) -> Bool {
    let fields = line.split(separator: "|", omittingEmptySubsequences: false)
    return (2...3).contains(fields.count) && !fields[0].isEmpty && !fields[0].contains(where: \.isWhitespace)
  }

  var note: String? {
    guard let shape else { return nil }
    return
      "lines of \(reader.path): file|text\(shape.count == 3 ? "|normalized text, of which the last is read" : "")"
  }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let line = try reader.nextEntry() else { return nil }
    let fields = line.split(separator: "|", omittingEmptySubsequences: false).map {
      MissingValues.trimmed(String($0))
    }
    let shape = shape ?? (fields.count, reader.number)
    self.shape = shape
    guard fields.count == shape.count else {
      throw reader.failure(
        "has \(fields.count) fields between |, but line \(shape.line) has \(shape.count); write it as the others"
      )
    }
    return Result { () throws(WeftError) in try file(fields) }
  }

  private func file(_ fields: [String]) throws(WeftError) -> TranscribedFile {
    let (name, text) = (fields[0], fields[fields.count - 1])
    guard !name.isEmpty else { throw reader.failure("has no file") }
    guard !text.isEmpty else { throw reader.failure("\(name): has no text in its last field") }
    if let line = lines.updateValue(reader.number, forKey: name) {
      throw reader.failure("'\(name)' has another transcript on line \(line); keep one of them")
    }
    let (folder, ending) = place(of: name)
    (self.folder, self.ending) = (folder, ending)
    return TranscribedFile(
      path: PathParts.path(name + ending, in: folder), name: name + ending, text: text,
      place: "\(reader.path): line \(reader.number)")
  }

  /// The folder of the recordings, and the ending that identifiers lack.
  private func place(of name: String) -> (folder: String, ending: String) {
    if let folder, let ending { return (folder, ending) }
    let hasOwn = kinds.contains(PathParts.ending(of: name).lowercased())
    let endings = hasOwn ? [""] : [".wav", ".flac", ".mp3", ".ogg", ".opus"]
    for ending in endings {
      let found = folder ?? ListedFolder.folder(of: reader.path, holding: name + ending)
      if FileManager.default.fileExists(atPath: PathParts.path(name + ending, in: found)) {
        return (found, ending)
      }
    }
    return (folder ?? ListedFolder.folder(of: reader.path, holding: name + endings[0]), endings[0])
  }
}
