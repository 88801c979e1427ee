import Foundation
import WeftBase

/// Reads lines ID|TEXT or ID|TEXT|NORMALIZED TEXT, as LJ Speech has them, of which the last text is the transcript; CSS10 adds
/// the seconds. Quotation marks are characters.
final class BarredList: TranscribedReader {
  private let reader: LineReader
  private let kinds: Set<String>
  private var folder: String?
  /// The extension of all files; nil until the first is looked for, and empty if identifiers have it.
  private var ending: String?
  /// Fields of lines that end with a duration.
  private static let timedCount = 4
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

  /// Whether a line is an identifier and one or two texts, and perhaps a duration after two.
  static func isWritten(_ line: String) -> Bool {
    var fields = line.split(separator: "|", omittingEmptySubsequences: false)
    if fields.count == Self.timedCount, Double(MissingValues.trimmed(String(fields[3]))) != nil {
      fields.removeLast()
    }
    return (2...3).contains(fields.count) && !fields[0].isEmpty && !fields[0].contains(where: \.isWhitespace)
  }

  var note: String? {
    guard let shape else { return nil }
    let more =
      switch shape.count {
      case 2: ""
      case 3: "|normalized text, of which the last is read"
      default: "|normalized text|seconds, of which the normalized text is read"
      }
    return "lines of \(reader.path): file|text\(more)"
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
    let (name, text) = (fields[0], fields[min(fields.count, Self.timedCount - 1) - 1])
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
