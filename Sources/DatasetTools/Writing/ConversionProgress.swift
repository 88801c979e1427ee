import WeftBase
import WeftData
import WeftTerminal

/// Progress of a conversion.
public struct ConversionProgress: LineProgress, Equatable {
  /// Name of this pass, such as `counting words`.
  public var task: String
  /// Completed units.
  public var step: Int
  /// Total number of units; nil if unknown.
  public var total: Int?
  /// Unit, such as `B`, `lines`, `rows`.
  public var unit: String
  /// Time since the start of the pass.
  public var elapsed: Duration

  /// Progress of a conversion.
  public init(task: String, step: Int, total: Int?, unit: String, elapsed: Duration) {
    self.task = task
    self.step = step
    self.total = total
    self.unit = unit
    self.elapsed = elapsed
  }

  /// The progress in one line of at most `width` columns.
  public func line(width: Int) -> String {
    let seconds = elapsed / .seconds(1)
    var parts = [task]
    if let total, total > 0 { parts.append("\(min(100, 100 * step / total))%") }
    parts.append("\(NumberText.abbreviated(Double(step))) \(unit)")
    if seconds > 0 { parts.append("\(NumberText.abbreviated(Double(step) / seconds)) \(unit)/s") }
    if let total, step > 0, total > step {
      parts.append("\(NumberText.duration(elapsed * (Double(total - step) / Double(step)))) left")
    }
    return String(parts.joined(separator: "  ").prefix(width))
  }
}

/// Shows the progress of a conversion on one line of a terminal; elsewhere it prints nothing.
public final class ProgressReporter {
  private var line = ProgressLine(logEvery: .max)
  private var task = ""
  private var total: Int?
  private var unit = ""
  private var step = 0
  private var start = ContinuousClock.now

  /// Shows progress on standard error if that is a terminal.
  public init() {}

  /// Starts a pass over `total` units.
  public func begin(_ task: String, total: Int? = nil, unit: String) {
    self.task = task
    self.total = total
    self.unit = unit
    step = 0
    start = .now
  }

  /// Adds completed units.
  public func advance(by count: Int = 1) {
    step += count
    guard line.isRewritten else { return }
    let now = ContinuousClock.now
    line.update(
      ConversionProgress(task: task, step: step, total: total, unit: unit, elapsed: now - start), at: now)
  }

  /// Shows how far all data are read to scale them.
  package func update(_ progress: DataProgress) {
    update(progress.task, done: progress.done, total: progress.total, unit: "values")
  }

  /// Shows how many units of a pass are completed; starts it if it is another one.
  package func update(_ task: String, done: Int, total: Int?, unit: String) {
    if done == 0 || self.task != task { begin(task, total: total, unit: unit) }
    advance(by: max(done - step, 0))
  }

  /// Writes a permanent line.
  public func note(_ text: String) { line.note(text) }

  /// Shows the latest progress and ends the line.
  public func finish() { line.finish() }
}
