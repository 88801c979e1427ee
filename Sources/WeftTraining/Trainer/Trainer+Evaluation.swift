import WeftBase

/// Evaluations of the model during training.
extension Trainer {
  /// Evaluates the model on the validation data; returns whether training should stop early.
  func evaluate() throws(WeftError) -> Bool {
    let trainingLoss = loop.state.takeTrainingLoss()
    guard let validation else { return false }
    loop.releaseData()
    let average = loop.optimizer.average.flatMap { loop.executor.collect($0) }
    let measured = try ranks.first { () throws(WeftError) in
      let measured = try loop.executor.with(parameters: average) { () throws(WeftError) in
        try loop.task.measure(
          validation, carried: carriedForEvaluation, fullEvaluation: false, on: loop.executor)
      }
      try loop.checkFiles()
      return measured
    }
    let loss = ranks.gather(measured?.loss ?? 0)[0]
    let selectionValue = metric == .loss ? nil : ranks.gather(measured?.value(of: metric))[0]
    // Ties in the metric, such as BLEU of short sentences, are broken by the loss.
    let hasLessLoss = loss < state.bestLoss
    let improved =
      selectionValue.map {
        $0 == state.bestMetric ? hasLessLoss : metric.isBetter($0, than: state.bestMetric)
      } ?? hasLessLoss
    loop.state.history.append(
      TrainingState.HistoryEntry(
        step: state.step, trainingLoss: trainingLoss, validationLoss: loss, metric: selectionValue))
    loop.schedule.observe(improved: improved)
    loop.state.evaluationsWithoutImprovement = improved ? 0 : state.evaluationsWithoutImprovement + 1
    if improved {
      loop.state.bestLoss = loss
      loop.state.bestMetric = selectionValue
      loop.state.bestStep = state.step
    }
    if let measured {
      let record = MetricsRecord(
        step: state.step, epoch: epochNumber, split: "validation", values: measured.values)
      try log?.append(validation: record)
      onEvent(.metrics(record, stepsPerSecond: nil))
    }
    guard let patience = configuration.training.earlyStoppingPatience else { return false }
    return state.evaluationsWithoutImprovement >= patience
  }

  /// Samples for inspection.
  func appendPictures() throws(WeftError) {
    defer { validation?.suspend() }
    guard configuration.training.tensorboard else { return }
    let average = loop.optimizer.average.flatMap { loop.executor.collect($0) }
    _ = try ranks.first { () throws(WeftError) in
      // With several ranks, each has only a part of the gradient.
      try log?.appendPictures(
        step: state.step, layout: loop.model.layout, parameters: loop.executor.parameters,
        gradients: ranks.count == 1 ? loop.executor.gradients.first : nil
      ) { () throws(WeftError) in
        try loop.executor.with(parameters: average) { () throws(WeftError) in
          try loop.task.samples(from: validation, length: 300, count: 3, on: loop.executor)
        }
      }
    }
  }
}
