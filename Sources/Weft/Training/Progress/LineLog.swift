import Foundation

/// A file of JSON objects, one a line, each of which begins with its step.
final class LineLog {
  private let path: String
  private let file: UnsafeMutablePointer<FILE>

  /// Begins a new file, or goes on with the one of a run that is resumed after `step`.
  ///
  /// Lines of later steps are removed first: the run will write them anew, and its history then is that of a run
  /// that was never interrupted.
  init(path: String, resumingAfter step: Int?) throws(WeftError) {
    self.path = path
    if let step, access(path, F_OK) == 0 {
      let text = try TextFile.contents(of: path)
      let kept = try Self.lines(of: text, path: path, upTo: step)
      if kept != text { try TextFile.replace(path, with: kept) }
    } else {
      try TextFile.replace(path, with: "")
    }
    guard let file = fopen(path, "a") else { throw .system("\(path): cannot be written", errno) }
    self.file = file
  }

  deinit { fclose(file) }

  /// Appends a line, with its end; it is in the file when the call returns.
  func append(_ line: String) throws(WeftError) {
    guard fputs(line, file) >= 0, fflush(file) == 0 else {
      throw .system("\(path): cannot be written", errno)
    }
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
}
