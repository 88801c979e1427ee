import WeftBase
import WeftTasks

/// Checkpoints of a run.
extension Trainer {
  /// Writes a checkpoint and returns true, unless it contains a non-finite value.
  ///
  /// - Parameter isScheduled: Whether an uninterrupted run would write it, too.
  func save(isScheduled: Bool) throws(WeftError) -> Bool {
    let scheduledBefore = state.scheduledStep
    if isScheduled { loop.state.scheduledStep = state.step }
    let checkpoint = loop.checkpoint()
    if ranks.any(checkpoint?.isFinite == false) {
      loop.state.scheduledStep = scheduledBefore
      return false
    }
    let path = folder.checkpoint(step: state.step)
    _ = try ranks.first { () throws(WeftError) in try write(checkpoint, to: path) }
    newestCheckpoint = path
    onEvent(.checkpoint(step: state.step, path: path))
    return true
  }

  private func write(_ checkpoint: Checkpoint?, to path: String) throws(WeftError) {
    try log?.synchronize()
    // The best one first: a run interrupted between the two resumes from an earlier checkpoint and rewrites it.
    let isBest = state.step > 0 && (validation == nil || state.bestStep == state.step)
    if isBest { try checkpoint?.write(to: folder.best) }
    try checkpoint?.write(to: path)
    folder.prune(keeping: configuration.training, upTo: state)
  }
}

extension RunFolder {
  /// Removes all checkpoints up to that of `state` except those to keep.
  func prune(keeping training: TrainingConfiguration, upTo state: TrainingState) {
    prune(
      keep: training.keep, upTo: state.step,
      sparing: training.onDivergence == .rollback ? state.scheduledStep : nil)
  }
}
