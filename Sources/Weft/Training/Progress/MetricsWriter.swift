import Foundation

/// One line of the metrics: what was measured on a split at a step.
public struct MetricsRecord: Equatable, Sendable {
  /// Optimizer steps done.
  public var step: Int
  /// The epoch that the step was in, from 1.
  public var epoch: Int
  /// The name of the split measured, such as `train`.
  public var split: String
  /// What was measured, by name, in the order in which it is written.
  public var values: KeyValuePairs<String, Double>

  /// What was measured on `split` at `step`.
  public init(step: Int, epoch: Int, split: String, values: KeyValuePairs<String, Double>) {
    self.step = step
    self.epoch = epoch
    self.split = split
    self.values = values
  }

  /// Compares all values bit by bit, so that a measurement that is not a number equals itself.
  public static func == (left: MetricsRecord, right: MetricsRecord) -> Bool {
    left.line == right.line
  }

  /// The record as a line of JSON. The step comes first: a resumed run looks for it there.
  var line: String {
    let measured = values.map { ",\"\($0.key)\":\(NumberText.json($0.value))" }.joined()
    return "{\"step\":\(step),\"epoch\":\(epoch),\"split\":\"\(split)\"\(measured)}\n"
  }
}

/// Appends to the metrics file of a run, one JSON object a line.
public final class MetricsWriter {
  private let path: String
  private let file: UnsafeMutablePointer<FILE>

  /// Begins a new file, or goes on with the one of a run that is resumed after `step`.
  ///
  /// Lines of later steps are removed first: the run will write them anew, and its history then is that of a run
  /// that was never interrupted.
  public init(path: String, resumingAfter step: Int? = nil) throws(WeftError) {
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

  /// Appends a record; it is in the file when the call returns.
  public func append(_ record: MetricsRecord) throws(WeftError) {
    guard fputs(record.line, file) >= 0, fflush(file) == 0 else {
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
