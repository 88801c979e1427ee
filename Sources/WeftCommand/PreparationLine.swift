import DatasetTools
import WeftData
import WeftTerminal
import WeftTraining

/// Shows the progress of reading all data before training, once it takes longer than a second: on a terminal one rewritten
/// line, elsewhere a line for every tenth.
struct PreparationLine {
  private var line = ProgressLine(logEvery: 1)
  private var start: ContinuousClock.Instant?
  private var tenth = 0
  private var isShown = false

  /// Shows progress.
  mutating func update(_ progress: DataProgress) {
    let now = ContinuousClock.now
    guard let start, progress.done > 0 else {
      (start, tenth) = (now, 0)
      return
    }
    let done = 10 * progress.done / max(progress.total, 1)
    guard now - start > .seconds(1), line.isRewritten || done > tenth else { return }
    (tenth, isShown) = (done, true)
    line.update(
      ConversionProgress(
        task: progress.task, step: progress.done, total: progress.total, unit: "values", elapsed: now - start)
    )
  }

  /// Ends the line.
  mutating func finish() {
    if isShown { line.finish() }
  }
}
