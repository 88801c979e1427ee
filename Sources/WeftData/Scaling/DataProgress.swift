/// Progress of reading all data once before training.
public struct DataProgress: Sendable, Equatable {
  /// What is done, such as `scaling`.
  public let task: String
  /// Values read so far.
  public let done: Int
  /// All values.
  public let total: Int
}

/// Counts values for ``DataProgress``.
struct ProgressCounter {
  let task: String
  let total: Int
  let report: (DataProgress) -> Void
  private var done = 0

  init(_ task: String, total: Int, _ report: @escaping (DataProgress) -> Void) {
    self.task = task
    self.total = total
    self.report = report
    report(DataProgress(task: task, done: 0, total: total))
  }

  mutating func advance(by count: Int) {
    done += count
    report(DataProgress(task: task, done: min(done, total), total: total))
  }
}
