import WeftBase

/// Rollbacks after a divergence.
extension Trainer {
  /// Rolls back to the newest checkpoint and reduces the learning rate.
  ///
  /// - Throws: The diagnosis, if rollbacks are disabled or their limit is reached.
  func rollBack(from step: TrainingLoop.Step) throws(WeftError) {
    let training = configuration.training
    let error = loop.divergence(at: step).error
    guard training.onDivergence == .rollback else {
      throw newestCheckpoint == nil
        ? error : error.saying("\(error.message), or --resume --set training.on_divergence=rollback")
    }
    let earlier = state.rollbacks
    guard earlier.count < training.rollbacks else {
      throw error.saying(
        "\(error.message) (after \(earlier.count) rollbacks, the limit of training.rollbacks)")
    }
    // The checkpoint may be older than a deliberate change of the data.
    try loop.restoreTogether(
      ranks.first { () throws(WeftError) in try rollbackCheckpoint() }, acceptsChangedData: true)
    let scale = (earlier.last?.learningRateScale ?? 1) * training.rollbackFactor
    loop.state.rollbacks =
      earlier + [
        TrainingState.Rollback(step: step.number, checkpoint: state.step, learningRateScale: scale)
      ]
    try log?.truncate(to: state.step)
    // A run interrupted after this point resumes after the rollback; one interrupted before repeats it.
    _ = try save(isScheduled: true)
    if ranks.isFirst { folder.removeCheckpoints(after: state.step) }
    onNote(
      "\(error.message); rolled back to step \(state.step), learning rates are multiplied by"
        + " \(NumberText.significant(scale, digits: 3))")
  }

  /// The newest scheduled checkpoint, or the one before it if a rollback to the newest has not helped, since its weights
  /// may be large already.
  private func rollbackCheckpoint() throws(WeftError) -> (path: String, checkpoint: Checkpoint) {
    let newest = state.scheduledStep
    let wasTried = state.rollbacks.last?.checkpoint == newest
    let onSkip = onNote
    if wasTried,
      let earlier = try? folder.newestCheckpoint(
        upTo: newest - 1, where: { $0.state.scheduledStep == $0.state.step && $0.state.step < newest },
        onSkip: { _ in })
    {
      return earlier
    }
    return try folder.newestCheckpoint(upTo: newest) { onSkip("skipped a damaged checkpoint: \($0)") }
  }
}
