import Foundation
import KernelInterface

/// A training run: minibatches, optimizer steps, evaluations and checkpoints, in the order of its loop.
///
/// The losses and weights of a run depend on its configuration and data alone: not on the number of threads, nor on
/// where it was interrupted and resumed.
public final class Trainer {
  /// The configuration of the run.
  public let configuration: Configuration
  /// The number of workers that share a step.
  public var threads: Int { loop.data.pool.count }
  /// The newest checkpoint written or resumed from; nil before the first.
  public private(set) var newestCheckpoint: String?

  private let folder: RunFolder
  private let lock: RunLock
  private let loop: TrainingLoop
  private let validation: Prefetcher?
  private let carriedForEvaluation: RecurrentState?
  /// What decides the best checkpoint, early stopping and the plateau schedule.
  private let metric: Metric
  private let log: RunLog
  private let onNote: (String) -> Void

  /// Opens the data and makes the model; nothing is written before ``run(onProgress:interruption:)``.
  ///
  /// - Parameters:
  ///   - configuration: What to train on, and how.
  ///   - output: The run's folder.
  ///   - threads: Workers; nil for as many as there are processors that the process may use.
  ///   - resume: Whether to go on from the newest checkpoint in the folder.
  ///   - onNote: Called with lines for the user: skipped checkpoints, warnings.
  /// - Throws: If the data cannot be read or do not fit the model, or the folder holds another run.
  public init(
    _ configuration: Configuration, output: String, threads: Int? = nil, resume: Bool = false,
    onNote: @escaping (String) -> Void = { _ in }
  ) throws(WeftError) {
    self.configuration = configuration
    self.onNote = onNote
    folder = RunFolder(output)
    loop = try TrainingLoop(configuration, threads: threads)
    let dataset = loop.dataset
    if loop.job.loss.wantsLabels, let note = try dataset.alignmentNote(split: configuration.data.split.train)
    {
      onNote(note)
    }
    metric = try loop.job.decisiveMetric(named: configuration.training.metric)
    let validationSplit = configuration.data.split.validation
    validation =
      dataset.contains(split: validationSplit)
      ? Prefetcher(try dataset.batches(split: validationSplit, shuffles: false), repeats: false) : nil
    carriedForEvaluation = loop.job.makeCarriedState(configuration.training)

    try folder.create()
    lock = try RunLock(folder: output)
    guard resume || folder.checkpoints.isEmpty else {
      let step = folder.checkpointSteps.first.map { " that has come to step \($0)" } ?? ""
      throw .usage("\(output): holds a run\(step); go on with --resume, or name another --output")
    }
    var resumedStep: Int?
    if resume, folder.checkpoints.isEmpty {
      onNote("\(output): no checkpoint to go on from yet, so the run begins anew")
    } else if resume {
      let (path, checkpoint) = try folder.newestCheckpoint { onNote("skipped a damaged checkpoint: \($0)") }
      try Trainer.checkSameRun(configuration, checkpoint, folder: output)
      try loop.restore(checkpoint, from: path)
      newestCheckpoint = path
      resumedStep = checkpoint.state.step
    }
    folder.removePartialFiles()
    try TextFile.replace(folder.configuration, with: configuration.yaml)
    log = try RunLog(
      folder, configuration.training, totalSteps: loop.totalSteps, resumingAfter: resumedStep,
      times: loop.data.times, onNote: onNote)
  }

  /// How a run ended.
  public enum Ending: Equatable, Sendable {
    /// All steps were made.
    case finished
    /// The validation loss stopped improving.
    case stoppedEarly
    /// It was asked to stop, and wrote a checkpoint.
    case interrupted
  }

  /// Trains until the last step, early stopping or an interruption, and writes a checkpoint at the end.
  ///
  /// - Parameters:
  ///   - onProgress: Called after every step.
  ///   - interruption: Asked after every step; true ends the run.
  /// - Throws: If the loss is not finite, the data cannot be read, or a checkpoint cannot be written; the message
  ///   names the last good checkpoint.
  @discardableResult
  public func run(
    onProgress: (TrainingProgress) -> Void = { _ in }, interruption: () -> Bool = { false }
  ) throws(WeftError) -> Ending {
    do { return try train(onProgress: onProgress, interruption: interruption) } catch {
      let kept =
        newestCheckpoint.map { "the last good checkpoint is \($0)" } ?? "there was no checkpoint yet"
      throw WeftError(error.kind, "\(error.message); \(kept)")
    }
  }

  private func train(
    onProgress: (TrainingProgress) -> Void, interruption: () -> Bool
  ) throws(WeftError) -> Ending {
    var meter = ProgressMeter(firstStep: state.step)
    var lastSaved = state.step == 0 ? -1 : state.step
    var ending = Ending.finished
    // Something to go back to.
    if configuration.training.onDivergence == .rollback, newestCheckpoint == nil {
      _ = try save(isScheduled: true)
    }
    while state.step < loop.totalSteps {
      let step = try nextStep(lastSaved: lastSaved)
      guard step.isFinite else {
        try rollBack(from: step)
        lastSaved = state.step
        continue
      }
      meter.add(step.result, steps: step.timeSteps)
      log.add(timeSteps: step.timeSteps)
      let endsEpoch = state.batch == 0
      let isLast = state.step == loop.totalSteps
      if state.step.isMultiple(of: configuration.training.logEvery) || isLast {
        try log.append(
          MetricsRecord(
            step: step.number, epoch: epochNumber, split: "train",
            values: [
              "loss": step.result.meanLoss, "gradient_norm": step.gradientNorm,
              "learning_rate": step.learningRate,
            ]), times: loop.data.times)
      }
      onProgress(progress(meter, step))

      let every = configuration.training.evaluateEvery
      let evaluates = isLast || (every > 0 ? state.step.isMultiple(of: every) : endsEpoch)
      let stopsEarly = evaluates ? try evaluate() : false
      if evaluates { try appendPictures() }
      let isInterrupted = interruption()
      if evaluates || isInterrupted || isCheckpointDue {
        guard try save(isScheduled: evaluates || isCheckpointDue) else {
          try rollBack(from: step)
          lastSaved = state.step
          continue
        }
        lastSaved = state.step
      }
      if stopsEarly {
        ending = .stoppedEarly
        break
      }
      if isInterrupted, state.step < loop.totalSteps {
        ending = .interrupted
        break
      }
    }
    if lastSaved != state.step { _ = try save(isScheduled: true) }
    return ending
  }

  /// Where the time went so far; evaluations count as forward passes.
  public var times: PhaseTimes { loop.data.times }
  /// Optimizer steps done.
  public var step: Int { state.step }
  /// The best evaluation so far; nil before the first one or without validation data.
  public var best: Best? {
    guard validation != nil, state.bestLoss.isFinite else { return nil }
    return Best(
      step: state.bestStep, loss: state.bestLoss,
      decisive: MeasuredMetric(metric, state.bestMetric ?? state.bestLoss))
  }

  /// An evaluation that no other is better than.
  public struct Best: Sendable, Equatable {
    /// Optimizer steps done.
    public let step: Int
    /// The validation loss.
    public let loss: Double
    /// What decided.
    public let decisive: MeasuredMetric
  }

  private var state: TrainingState { loop.state }

  private var epochNumber: Int { state.batch == 0 && state.step > 0 ? state.epoch : state.epoch + 1 }

  private var isCheckpointDue: Bool {
    let every = configuration.training.checkpointEvery
    return every > 0 && state.step.isMultiple(of: every)
  }

  /// One optimizer step, with a record of how gradients flow if one is due.
  private func nextStep(lastSaved: Int) throws(WeftError) -> TrainingLoop.Step {
    let flowEvery = configuration.training.gradientFlowEvery
    let recordsFlow = flowEvery > 0 && (state.step + 1).isMultiple(of: flowEvery)
    let step: TrainingLoop.Step
    do { step = try loop.step(recordsGradientNorms: recordsFlow) } catch {
      // What was learned so far is sound, whatever happened to the data.
      if state.step > max(lastSaved, 0) { _ = try? save(isScheduled: false) }
      throw error
    }
    if step.isFinite, recordsFlow {
      try log.append(
        GradientFlow(
          step: step.number, layers: loop.model.tracedLayers.map(\.name), norms: step.result.gradientNorms))
    }
    return step
  }

  /// What people look at beside the numbers.
  private func appendPictures() throws(WeftError) {
    try log.appendPictures(
      step: state.step, layout: loop.model.layout, parameters: loop.data.parameters,
      gradients: loop.data.gradients.first
    ) { () throws(WeftError) in
      try loop.data.with(parameters: loop.optimizer.average) { () throws(WeftError) in
        try loop.job.sampleTexts(
          from: validation, on: loop.data, vocabularies: loop.dataset.vocabularies)
      }
    }
    validation?.suspend()
  }

  /// Goes back to the newest checkpoint, from where learning rates are smaller.
  ///
  /// - Throws: The diagnosis, if the configuration does not want it or there were too many.
  private func rollBack(from step: TrainingLoop.Step) throws(WeftError) {
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
    let (path, checkpoint) = try checkpointToGoBackTo()
    try loop.restore(checkpoint, from: path)
    let scale = (earlier.last?.learningRateScale ?? 1) * training.rollbackFactor
    loop.state.rollbacks =
      earlier + [
        TrainingState.Rollback(step: step.number, checkpoint: state.step, learningRateScale: scale)
      ]
    try log.goBack(to: state.step)
    // A run that is cut off from here on knows of the rollback; one cut off before makes it again.
    _ = try save(isScheduled: true)
    folder.removeCheckpoints(after: state.step)
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

  /// Measures the model on the validation data; returns whether training should stop early.
  private func evaluate() throws(WeftError) -> Bool {
    let trainingLoss = loop.state.takeTrainingLoss()
    guard let validation else { return false }
    loop.releaseData()
    let measured = try loop.data.with(parameters: loop.optimizer.average) { () throws(WeftError) in
      try loop.job.measure(
        validation, on: loop.data, carried: carriedForEvaluation, thoroughly: false)
    }
    try loop.checkFiles()
    let decisive = metric == .loss ? nil : measured.value(of: metric)
    // Where a metric cannot tell two models apart, such as BLEU of short sentences, the loss does.
    let hasLessLoss = measured.loss < state.bestLoss
    let improved =
      decisive.map {
        $0 == state.bestMetric ? hasLessLoss : metric.isBetter($0, than: state.bestMetric)
      } ?? hasLessLoss
    loop.state.history.append(
      TrainingState.Evaluation(
        step: state.step, trainingLoss: trainingLoss, validationLoss: measured.loss, metric: decisive))
    loop.schedule.observe(improved: improved)
    loop.state.evaluationsWithoutImprovement = improved ? 0 : state.evaluationsWithoutImprovement + 1
    if improved {
      loop.state.bestLoss = measured.loss
      loop.state.bestMetric = decisive
      loop.state.bestStep = state.step
    }
    try log.append(
      validation: MetricsRecord(
        step: state.step, epoch: epochNumber, split: "validation", values: measured.values))
    let patience = configuration.training.earlyStoppingPatience
    return patience > 0 && state.evaluationsWithoutImprovement >= patience
  }

  /// Writes a checkpoint, unless a number in it is not finite, which the result tells.
  ///
  /// - Parameter isScheduled: Whether an undisturbed run would write it too.
  private func save(isScheduled: Bool) throws(WeftError) -> Bool {
    let scheduledBefore = state.scheduledStep
    if isScheduled { loop.state.scheduledStep = state.step }
    let checkpoint = loop.checkpoint()
    guard checkpoint.isFinite else {
      loop.state.scheduledStep = scheduledBefore
      return false
    }
    try log.synchronize()
    let path = folder.checkpoint(step: state.step)
    // The best first: a run cut off between the two goes on from an earlier checkpoint, and writes it again.
    let isBest = state.step > 0 && (validation == nil || state.bestStep == state.step)
    if isBest { try checkpoint.write(to: folder.best) }
    try checkpoint.write(to: path)
    newestCheckpoint = path
    let rollsBack = configuration.training.onDivergence == .rollback
    folder.prune(
      keep: configuration.training.keep, upTo: state.step, sparing: rollsBack ? state.scheduledStep : nil)
    return true
  }

  private func progress(_ meter: ProgressMeter, _ step: TrainingLoop.Step) -> TrainingProgress {
    TrainingProgress(
      step: step.number, totalSteps: loop.totalSteps, epoch: epochNumber,
      totalEpochs: configuration.training.epochs, loss: meter.smoothedLoss,
      validationLoss: state.history.last?.validationLoss,
      validationMetric: state.history.last?.metric.map { MeasuredMetric(metric, $0) },
      gradientNorm: step.gradientNorm, learningRate: step.learningRate,
      unit: loop.dataset.vocabulary.map { $0.unit == .character ? .characters : .tokens } ?? .timeSteps,
      unitsPerSecond: meter.stepsPerSecond,
      remaining: meter.remaining(steps: loop.totalSteps - step.number, from: step.number))
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
