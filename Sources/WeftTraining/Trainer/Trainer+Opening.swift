import WeftBase
import WeftData
import WeftMetrics
import WeftTasks

/// Starting and resuming runs.
extension Trainer {
  /// The selection metric and the data for evaluations.
  static func evaluation(
    of task: any TrainingTask, _ configuration: Configuration, _ dataset: DatasetFile
  ) throws(WeftError) -> (Metric, Prefetcher?) {
    let metric = try task.selectionMetric(named: configuration.training.metric)
    let split = configuration.data.split.validation
    guard dataset.contains(split: split) else { return (metric, nil) }
    return (metric, Prefetcher(try dataset.batches(split: split, shuffles: false), repeats: false))
  }

  /// Creates and locks a run's folder.
  static func take(_ folder: RunFolder, resume: Bool) throws(WeftError) -> RunLock {
    try folder.create()
    let lock = try RunLock(folder: folder.path)
    guard resume || folder.checkpoints.isEmpty else {
      let step = folder.checkpointSteps.first.map { " (at step \($0))" } ?? ""
      throw .usage("\(folder.path): contains a run\(step); continue with --resume, or name another --output")
    }
    return lock
  }

  /// Restores the folder's newest checkpoint on all ranks, and removes the checkpoints that an interruption kept the run
  /// from removing.
  ///
  /// - Parameters:
  ///   - acceptsChangedData: Whether to go on with other data.
  ///   - keys: Keys of the configuration that are changed deliberately.
  /// - Returns: The checkpoint's path; nil for a new run.
  static func resume(
    _ loop: TrainingLoop, _ folder: RunFolder, acceptsChangedData: Bool, changing keys: Set<String> = [],
    onNote: (String) -> Void
  ) throws(WeftError) -> String? {
    let found = try loop.ranks.first { () throws(WeftError) -> (path: String, checkpoint: Checkpoint)? in
      if folder.checkpoints.isEmpty {
        onNote("\(folder.path): no checkpoint to resume from; starting a new run")
        return nil
      }
      let found = try folder.newestCheckpoint { onNote("skipped a damaged checkpoint: \($0)") }
      try Trainer.checkSameRun(
        loop.configuration, found.checkpoint, changing: keys, folder: folder.path)
      return found
    }
    let path = try loop.restoreTogether(found ?? nil, acceptsChangedData: acceptsChangedData)
    guard let checkpoint = (found ?? nil)?.checkpoint else { return path }
    folder.prune(keeping: loop.configuration.training, upTo: loop.state)
    // An imported model has seen no data yet.
    if checkpoint.fingerprint == nil, checkpoint.state.step > 0 {
      onNote(
        "\(path ?? ""): contains no fingerprint of its data, so whether they are the same was not checked")
    }
    let changes = loop.state.dataChanges.dropFirst(checkpoint.state.dataChanges.count)
    let changed = loop.configuration.differences(from: checkpoint.configuration).filter {
      $0.changesResult && keys.contains($0.key) && !prolonging.contains($0.key)
    }
    for change in changed {
      loop.state.configurationChanges.append(.init(step: loop.state.step, difference: change.description))
      onNote("changed from step \(loop.state.step + 1) on: \(change)")
    }
    if !changes.isEmpty {
      onNote(
        "the data have changed: \(changes.map(\.difference).joined(separator: "; ")); epoch"
          + " \(loop.state.epoch + 1) starts anew")
    }
    return path
  }

  /// Keys that only tell where a run ends.
  private static let prolonging: Set<String> = ["training.epochs", "training.steps"]

  private static func checkSameRun(
    _ configuration: Configuration, _ checkpoint: Checkpoint, changing keys: Set<String>, folder: String
  ) throws(WeftError) {
    // A run may be prolonged; other settings that change the result may differ only deliberately.
    let differences = configuration.differences(from: checkpoint.configuration).filter {
      $0.changesResult && !prolonging.contains($0.key)
    }
    let others = differences.filter { !keys.contains($0.key) || !TrainingStart.mayChange($0.key) }
    guard !others.isEmpty else { return }
    let hint =
      others.allSatisfy { TrainingStart.mayChange($0.key) }
      ? "; to change it deliberately, repeat it with --set" : ""
    throw .configuration(
      "\(folder): contains a run with a different configuration: "
        + others.map(\.description).joined(separator: "; ") + hint)
  }
}
