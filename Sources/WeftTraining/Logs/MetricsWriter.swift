import WeftBase
import WeftMetrics

/// A metrics record: the values measured on a split at a step.
public struct MetricsRecord: Equatable, Sendable {
  /// Completed optimizer steps.
  public var step: Int
  /// The epoch of the step, from 1.
  public var epoch: Int
  /// Name of the split, such as `train`.
  public var split: String
  /// Measured values by name, in the order of writing.
  public var values: MetricValues

  /// Values measured on `split` at `step`.
  public init(step: Int, epoch: Int, split: String, values: MetricValues) {
    self.step = step
    self.epoch = epoch
    self.split = split
    self.values = values
  }

  /// Compares values by bit pattern, so that NaN equals itself.
  public static func == (left: MetricsRecord, right: MetricsRecord) -> Bool {
    left.line == right.line
  }

  /// The record as a line of JSON. The step comes first, where a resumed run looks for it.
  var line: String {
    let measured = values.entries.map { ",\"\($0.name)\":\(NumberText.json($0.value))" }.joined()
    return "{\"step\":\(step),\"epoch\":\(epoch),\"split\":\"\(split)\"\(measured)}\n"
  }
}

/// Appends to the metrics file of a run, one JSON object per line.
public final class MetricsWriter {
  private let lines: LineLog

  /// Creates a new file, or continues that of a run resumed after `step`.
  public convenience init(path: String, resumingAfter step: Int? = nil) throws(WeftError) {
    try self.init(path: path, resumingAfter: step, every: 1, onNote: { _ in })
  }

  /// - Parameters:
  ///   - every: Steps between records.
  ///   - onNote: Called if records up to `step` are lost.
  init(path: String, resumingAfter step: Int?, every: Int, onNote: (String) -> Void) throws(WeftError) {
    lines = try LineLog(
      path: path, resumingAfter: step, every: every, stepOf: { MetricsRecord(line: $0)?.step },
      onNote: onNote)
  }

  /// Appends a record and flushes it.
  public func append(_ record: MetricsRecord) throws(WeftError) { try lines.append(record.line) }

  /// Syncs the file to disk.
  public func synchronize() throws(WeftError) { try lines.synchronize() }

  /// Removes the records of later steps.
  public func truncate(to step: Int) throws(WeftError) { try lines.truncate(to: step) }
}
