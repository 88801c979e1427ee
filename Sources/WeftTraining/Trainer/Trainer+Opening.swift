import WeftBase
import WeftData
import WeftMetrics
import WeftTasks

/// How a run begins or goes on.
extension Trainer {
  /// What decides which evaluation is the best, and the data for evaluations.
  static func evaluation(
    of task: any TrainingTask, _ configuration: Configuration, _ dataset: DatasetFile
  ) throws(WeftError) -> (Metric, Prefetcher?) {
    let metric = try task.selectionMetric(named: configuration.training.metric)
    let split = configuration.data.split.validation
    guard dataset.contains(split: split) else { return (metric, nil) }
    return (metric, Prefetcher(try dataset.batches(split: split, shuffles: false), repeats: false))
  }

  /// Makes a run's folder and keeps others from it.
  static func take(_ folder: RunFolder, resume: Bool) throws(WeftError) -> RunLock {
    try folder.create()
    let lock = try RunLock(folder: folder.path)
    guard resume || folder.checkpoints.isEmpty else {
      let step = folder.checkpointSteps.first.map { " that has come to step \($0)" } ?? ""
      throw .usage("\(folder.path): holds a run\(step); go on with --resume, or name another --output")
    }
    return lock
  }

  /// Makes all ranks stand where the folder's newest checkpoint stands.
  ///
  /// - Returns: The checkpoint's path; nil where the run begins anew.
  static func resume(
    _ loop: TrainingLoop, _ folder: RunFolder, resume: Bool, onNote: (String) -> Void
  ) throws(WeftError) -> String? {
    if !resume { return nil }
    let found = try loop.ranks.first { () throws(WeftError) -> (path: String, checkpoint: Checkpoint)? in
      if folder.checkpoints.isEmpty {
        onNote("\(folder.path): no checkpoint to go on from yet, so the run begins anew")
        return nil
      }
      let found = try folder.newestCheckpoint { onNote("skipped a damaged checkpoint: \($0)") }
      try Trainer.checkSameRun(loop.configuration, found.checkpoint, folder: folder.path)
      return found
    }
    return try loop.restoreTogether(found ?? nil)
  }

  private static func checkSameRun(
    _ configuration: Configuration, _ checkpoint: Checkpoint, folder: String
  ) throws(WeftError) {
    // A longer run than before may go on; everything else that changes the result may not.
    let differences = configuration.differences(from: checkpoint.configuration).filter {
      $0.changesResult && !["training.epochs", "training.steps"].contains($0.key)
    }
    guard !differences.isEmpty else { return }
    throw .failure(
      "\(folder): holds a run of another configuration: "
        + differences.map(\.description).joined(separator: "; "))
  }
}
