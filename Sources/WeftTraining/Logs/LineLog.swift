import Foundation
import WeftBase

/// A file of JSON objects, one per line, each of which starts with its step.
final class LineLog {
  private let path: String
  private var file: UnsafeMutablePointer<FILE>

  /// Creates a new file, or continues that of a run resumed after `step`.
  ///
  /// Removes lines of later steps first, which the run will rewrite, so that the file equals that of an uninterrupted
  /// run.
  init(path: String, resumingAfter step: Int?) throws(WeftError) {
    self.path = path
    if let step, access(path, F_OK) == 0 {
      try Self.removeLines(after: step, path: path)
    } else {
      try TextFile.replace(path, with: "")
    }
    file = try Self.open(path)
  }

  private static func open(_ path: String) throws(WeftError) -> UnsafeMutablePointer<FILE> {
    guard let file = fopen(path, "a") else { throw .system("\(path): cannot be written", errno) }
    return file
  }

  deinit { fclose(file) }

  /// Appends a complete line and flushes it.
  func append(_ line: String) throws(WeftError) {
    guard fputs(line, file) >= 0, fflush(file) == 0 else {
      throw .system("\(path): cannot be written", errno)
    }
  }

  /// Syncs the file to disk.
  func synchronize() throws(WeftError) { try DurableFile.synchronize(path) }

  /// Removes the lines of later steps.
  func truncate(to step: Int) throws(WeftError) {
    try Self.removeLines(after: step, path: path)
    // The old handle may refer to a replaced file.
    let new = try Self.open(path)
    fclose(file)
    file = new
  }

  private static func removeLines(after step: Int, path: String) throws(WeftError) {
    let text = try TextFile.contents(of: path)
    let kept = try lines(of: text, path: path, upTo: step)
    if kept != text { try TextFile.replace(path, with: kept) }
  }

  /// The lines of steps up to `step`, without an incomplete last line left by an interruption.
  static func lines(of text: String, path: String, upTo step: Int) throws(WeftError) -> String {
    var kept = ""
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    for (index, line) in lines.enumerated() {
      let start = "{\"step\":"
      guard line.hasPrefix(start), line.hasSuffix("}"),
        let lineStep = Int(line.dropFirst(start.count).prefix(while: \.isNumber))
      else { throw .failure("\(path):\(index + 1): not a metrics record") }
      if lineStep <= step { kept += line + "\n" }
    }
    return kept
  }

  /// The JSON objects of a file, one per line. An incomplete last line, still being written, is ignored.
  ///
  /// - Parameter what: Name of a line's content, for errors.
  /// - Throws: If the file is missing or a line is invalid.
  static func objects(in path: String, of what: String) throws(WeftError) -> [[String: Any]] {
    let text = try TextFile.contents(of: path)
    var objects: [[String: Any]] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().enumerated()
    {
      guard let object = object(line), BoundedInteger.json(object["step"]) != nil else {
        throw .failure("\(path):\(index + 1): not a record of \(what)")
      }
      objects.append(object)
    }
    return objects
  }

  /// The object of a line; nil if it is not one.
  static func object(_ line: Substring) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
  }
}
