import Foundation
import WeftBase

/// A file of JSON objects, one a line, each of which begins with its step.
final class LineLog {
  private let path: String
  private var file: UnsafeMutablePointer<FILE>

  /// Begins a new file, or goes on with the one of a run that is resumed after `step`.
  ///
  /// Lines of later steps are removed first: the run will write them anew, and its history then is that of a run
  /// that was never interrupted.
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

  /// Appends a line, with its end; it is in the file when the call returns.
  func append(_ line: String) throws(WeftError) {
    guard fputs(line, file) >= 0, fflush(file) == 0 else {
      throw .system("\(path): cannot be written", errno)
    }
  }

  /// Forces what was appended to disk.
  func synchronize() throws(WeftError) { try DurableFile.synchronize(path) }

  /// Goes back to a step: removes the lines of later ones.
  func truncate(to step: Int) throws(WeftError) {
    try Self.removeLines(after: step, path: path)
    // The old handle may belong to a file that was replaced.
    let new = try Self.open(path)
    fclose(file)
    file = new
  }

  private static func removeLines(after step: Int, path: String) throws(WeftError) {
    let text = try TextFile.contents(of: path)
    let kept = try lines(of: text, path: path, upTo: step)
    if kept != text { try TextFile.replace(path, with: kept) }
  }

  /// The lines of steps up to `step`. A last line without an end was being written when the run was cut off, and
  /// goes too.
  static func lines(of text: String, path: String, upTo step: Int) throws(WeftError) -> String {
    var kept = ""
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    for (index, line) in lines.enumerated() {
      let start = "{\"step\":"
      guard line.hasPrefix(start), line.hasSuffix("}"),
        let lineStep = Int(line.dropFirst(start.count).prefix(while: \.isNumber))
      else { throw .failure("\(path):\(index + 1): not a line of metrics") }
      if lineStep <= step { kept += line + "\n" }
    }
    return kept
  }

  /// The objects of a file, one a line. A last line without an end is still being written and left out.
  ///
  /// - Parameter what: What a line is, for errors.
  /// - Throws: If the file is missing or a line is no such object.
  static func objects(in path: String, of what: String) throws(WeftError) -> [[String: Any]] {
    let text = try TextFile.contents(of: path)
    var objects: [[String: Any]] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().enumerated()
    {
      guard let object = object(line), object["step"] is Int else {
        throw .failure("\(path):\(index + 1): not a record of \(what)")
      }
      objects.append(object)
    }
    return objects
  }

  /// A line's object; nil where it is none.
  static func object(_ line: Substring) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
  }
}
