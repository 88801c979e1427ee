import WeftBase
import WeftMetrics

/// One line of the metrics: what was measured on a split at a step.
public struct MetricsRecord: Equatable, Sendable {
  /// Optimizer steps done.
  public var step: Int
  /// The epoch that the step was in, from 1.
  public var epoch: Int
  /// The name of the split measured, such as `train`.
  public var split: String
  /// What was measured, by name, in the order in which it is written.
  public var values: MetricValues

  /// What was measured on `split` at `step`.
  public init(step: Int, epoch: Int, split: String, values: MetricValues) {
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
    let measured = values.entries.map { ",\"\($0.name)\":\(NumberText.json($0.value))" }.joined()
    return "{\"step\":\(step),\"epoch\":\(epoch),\"split\":\"\(split)\"\(measured)}\n"
  }
}

/// Appends to the metrics file of a run, one JSON object a line.
public final class MetricsWriter {
  private let lines: LineLog

  /// Begins a new file, or goes on with the one of a run that is resumed after `step`.
  public init(path: String, resumingAfter step: Int? = nil) throws(WeftError) {
    lines = try LineLog(path: path, resumingAfter: step)
  }

  /// Appends a record; it is in the file when the call returns.
  public func append(_ record: MetricsRecord) throws(WeftError) { try lines.append(record.line) }

  /// Forces what was appended to disk.
  public func synchronize() throws(WeftError) { try lines.synchronize() }

  /// Goes back to a step: removes the records of later ones.
  public func truncate(to step: Int) throws(WeftError) { try lines.truncate(to: step) }
}
