import WeftBase

/// Reads lines PATH TEXT, or PATH CLASS, with blanks between: `images/001.jpg 3`, as lists of many sets of images have them.
final class SpacedList: TranscribedReader {
  private let reader: LineReader
  private let kinds: Set<String>
  private let areClasses: Bool
  private var folder: String?

  /// - Throws: If the list cannot be opened.
  init(_ path: String, files: String?, kinds: Set<String>, areClasses: Bool) throws(WeftError) {
    reader = try LineReader(path)
    self.kinds = kinds
    self.areClasses = areClasses
    folder = files
  }

  /// The file that a line begins with, which ends as one of `kinds` and may contain blanks, and the text after it; nil if
  /// there is none.
  static func parts(of line: String, _ kinds: Set<String>) -> (path: String, text: String)? {
    var rest = line[...]
    while let blank = rest.firstIndex(where: \.isWhitespace) {
      let path = line[..<blank]
      let text = line[blank...].joiningLines
      if kinds.contains(PathParts.ending(of: String(path)).lowercased()), !text.isEmpty {
        return (String(path.drop(while: \.isWhitespace)), text)
      }
      rest = line[line.index(after: blank)...]
    }
    return nil
  }

  var note: String? {
    "lines of \(reader.path): file and \(areClasses ? "class" : "text"), with blanks between"
  }
  var hasSeveralTexts: Bool { areClasses || kinds.contains("png") }

  func next() throws(WeftError) -> Result<TranscribedFile, WeftError>? {
    guard let line = try reader.nextEntry() else { return nil }
    return Result { () throws(WeftError) in try file(line) }
  }

  private func file(_ line: String) throws(WeftError) -> TranscribedFile {
    let what = areClasses ? "CLASS" : "TEXT"
    guard let (name, text) = Self.parts(of: line, kinds) else {
      throw reader.failure("expected PATH \(what), as on the first line, but no file has a text after it")
    }
    if areClasses, text.contains(" ") {
      throw reader.failure(
        "\(name): has \(text.split(separator: " ").count) words after it, of which one is its class; write PATH TAB CLASS or"
          + " PATH TAB CLASS TAB GROUP")
    }
    let folder = folder ?? ListedFolder.folder(of: reader.path, holding: name)
    self.folder = folder
    return TranscribedFile(
      path: PathParts.path(name, in: folder), name: name, text: text,
      place: "\(reader.path): line \(reader.number)")
  }
}
