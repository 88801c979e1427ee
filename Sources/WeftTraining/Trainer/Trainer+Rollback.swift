import WeftBase

/// Going on after a divergence.
extension Trainer {
  /// Goes back to the newest checkpoint, from where learning rates are smaller.
  ///
  /// - Throws: The diagnosis, if the configuration does not want it or there were too many.
  func rollBack(from step: TrainingLoop.Step) throws(WeftError) {
    let training = configuration.training
    let error = loop.divergence(at: step).error
    guard training.onDivergence == .rollback else {
      throw newestCheckpoint == nil
        ? error : .failure("\(error.message), or --resume --set training.on_divergence=rollback")
    }
    let earlier = state.rollbacks
    guard earlier.count < training.rollbacks else {
      throw .failure(
        "\(error.message) (there were \(earlier.count) rollbacks, as many as training.rollbacks)")
    }
    try loop.restoreTogether(ranks.first { () throws(WeftError) in try checkpointToGoBackTo() })
    let scale = (earlier.last?.learningRateScale ?? 1) * training.rollbackFactor
    loop.state.rollbacks =
      earlier + [
        TrainingState.Rollback(step: step.number, checkpoint: state.step, learningRateScale: scale)
      ]
    try log?.truncate(to: state.step)
    // A run that is cut off from here on knows of the rollback; one cut off before makes it again.
    _ = try save(isScheduled: true)
    if ranks.isFirst { folder.removeCheckpoints(after: state.step) }
    onNote(
      "\(error.message); went back to step \(state.step), learning rates are multiplied by"
        + " \(NumberText.significant(scale, digits: 3))")
  }

  /// The newest checkpoint that an undisturbed run would have, or the one before it if going back to that has not
  /// helped: its weights may be large already.
  private func checkpointToGoBackTo() throws(WeftError) -> (path: String, checkpoint: Checkpoint) {
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
