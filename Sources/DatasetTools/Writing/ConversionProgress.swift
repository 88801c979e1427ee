import WeftBase
import WeftTraining

/// How far a conversion has come.
public struct ConversionProgress: LineProgress, Equatable {
  /// What is done in this pass, such as `counting words`.
  public var task: String
  /// Units done.
  public var step: Int
  /// Units in all; nil when not known.
  public var total: Int?
  /// What a unit is, such as `B`, `lines`, `rows`.
  public var unit: String
  /// Since the pass began.
  public var elapsed: Duration

  /// How far a conversion has come.
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

/// Shows on one line how a conversion comes along; elsewhere than on a terminal it says nothing.
public final class ProgressReporter {
  private var line = ProgressLine(logEvery: .max)
  private var task = ""
  private var total: Int?
  private var unit = ""
  private var step = 0
  private var start = ContinuousClock.now

  /// Shows progress on standard error if that is a terminal.
  public init() {}

  /// Begins a pass over `total` units.
  public func begin(_ task: String, total: Int? = nil, unit: String) {
    self.task = task
    self.total = total
    self.unit = unit
    step = 0
    start = .now
  }

  /// Tells of further units.
  public func advance(by count: Int = 1) {
    step += count
    guard line.isRewritten else { return }
    let now = ContinuousClock.now
    line.update(
      ConversionProgress(task: task, step: step, total: total, unit: unit, elapsed: now - start), at: now)
  }

  /// Writes a line that stays.
  public func note(_ text: String) { line.note(text) }

  /// Leaves the last progress standing.
  public func finish() { line.finish() }
}
