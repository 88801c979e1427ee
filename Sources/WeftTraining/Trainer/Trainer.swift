import Foundation
import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftParallel
import WeftTasks
import WeftTensor

/// A training run: minibatches, optimizer steps, evaluations and checkpoints, in the order of its loop.
///
/// The losses and weights of a run depend only on its configuration and data, not on the number of threads or ranks,
/// nor on interruptions.
///
/// All ranks make the same calls. Only rank 0 has the run's folder and evaluates; its results and failures are sent to
/// the others before they continue.
public final class Trainer {
  /// The configuration of the run.
  public let configuration: Configuration
  /// Number of workers.
  public var threads: Int { loop.executor.pool.count }
  /// The newest checkpoint written or resumed from; nil before the first.
  public internal(set) var newestCheckpoint: String?

  let folder: RunFolder
  /// On rank 0 only.
  let lock: RunLock?
  let ranks: any Communicator
  let loop: TrainingLoop
  let validation: Prefetcher?
  let carriedForEvaluation: RecurrentState?
  /// Metric for the best checkpoint, early stopping and the plateau schedule.
  let metric: Metric
  /// On rank 0 only.
  let log: RunLog?
  let onNote: (String) -> Void
  var onEvent: (TrainingEvent) -> Void = { _ in }
  /// Whether all data are checked in the background of the first epoch.
  package var checksAhead = true

  /// How the training data are understood, in one line.
  ///
  /// - Throws: If they cannot be read.
  package var dataSummary: String {
    get throws(WeftError) { try loop.dataset.summary(split: configuration.data.split.train) }
  }

  /// Opens the dataset and builds the model. Writes nothing until ``run(onProgress:onEvent:interruption:)`` is called.
  ///
  /// - Parameters:
  ///   - configuration: The configuration.
  ///   - output: The run's folder.
  ///   - threads: Number of workers; nil for all available CPUs.
  ///   - resume: Whether to resume from the newest checkpoint in the folder.
  ///   - acceptsChangedData: Whether to resume on other data than the run was trained on, which are otherwise an error.
  ///     The current epoch then starts anew, and the checkpoints record the change.
  ///   - start: Where a new run takes weights from, and deliberate changes of a resumed one.
  ///   - onNote: Called with notes for the user: skipped checkpoints, warnings.
  ///   - onPreparation: Called as all data are read before training, to scale them.
  /// - Throws: If the data cannot be read or does not match the model, or the folder contains another run.
  public convenience init(
    _ configuration: Configuration, output: String, threads: Int? = nil, resume: Bool = false,
    acceptsChangedData: Bool = false, start: TrainingStart = TrainingStart(),
    onNote: @escaping (String) -> Void = { _ in },
    onPreparation: @escaping (DataProgress) -> Void = { _ in }
  ) throws(WeftError) {
    try self.init(
      configuration, output: output, threads: threads, resume: resume,
      acceptsChangedData: acceptsChangedData, start: start, ranks: SingleRank(), onNote: onNote,
      onPreparation: onPreparation)
  }

  /// A trainer for one of several processes that train together.
  ///
  /// - Parameters:
  ///   - threads: Number of workers of this rank.
  ///   - ranks: The processes, all of which create a trainer with the same configuration and folder.
  ///   - onNote: Called on rank 0.
  ///   - onPreparation: Called on rank 0.
  package init(
    _ configuration: Configuration, output: String, threads: Int?, resume: Bool,
    acceptsChangedData: Bool = false, start: TrainingStart = TrainingStart(), ranks: any Communicator,
    onNote: @escaping (String) -> Void, onPreparation: @escaping (DataProgress) -> Void = { _ in }
  ) throws(WeftError) {
    let onNote = ranks.isFirst ? onNote : { _ in }
    let folder = RunFolder(output)
    self.configuration = configuration
    self.onNote = onNote
    self.ranks = ranks
    self.folder = folder
    try Trainer.checkSameStart(
      configuration,
      options: [resume ? "--resume" : "", acceptsChangedData ? "--data-changed" : ""]
        .filter { !$0.isEmpty }.joined(separator: " "), ranks)
    let loop = try ranks.together { () throws(WeftError) in
      try TrainingLoop(
        configuration, threads: threads, ranks: ranks, known: resume ? TrainedData(in: folder) : nil,
        onProgress: ranks.isFirst ? onPreparation : { _ in })
    }
    self.loop = loop
    try Trainer.checkSameData(loop)
    InstructionSet.notes.forEach(onNote)
    let dataset = loop.dataset
    let note = try ranks.first { () throws(WeftError) in
      try loop.task.note(on: dataset, split: configuration.data.split.train)
    }
    if let note = note ?? nil { onNote(note) }
    (metric, validation) = try ranks.together { () throws(WeftError) in
      try Trainer.evaluation(of: loop.task, configuration, dataset)
    }
    carriedForEvaluation = loop.task.makeCarriedState(configuration.training)

    // Before the folder is made, so that a file that cannot be read leaves none.
    let notes = resume ? [] : try ranks.together { () throws(WeftError) in try start.apply(to: loop) }
    lock = try ranks.first { () throws(WeftError) in try Trainer.take(folder, resume: resume) }
    let resumed =
      resume
      ? try Trainer.resume(
        loop, folder, acceptsChangedData: acceptsChangedData, changing: start.changedKeys, onNote: onNote)
      : nil
    notes.forEach(onNote)
    newestCheckpoint = resumed
    let step = resumed == nil ? nil : loop.state.step
    log = try ranks.first { () throws(WeftError) in
      folder.removePartialFiles()
      try TextFile.replace(folder.configuration, with: configuration.yaml)
      return try RunLog(
        folder, configuration.training, totalSteps: loop.totalSteps, resumingAfter: step,
        times: loop.executor.times, onNote: onNote)
    }
  }

  /// Reason for the end of a run.
  public enum Ending: Equatable, Sendable {
    /// All steps are complete.
    case finished
    /// The validation loss stopped improving.
    case stoppedEarly
    /// The run was interrupted and wrote a checkpoint.
    case interrupted
  }

  /// Trains until the last step, early stopping or an interruption, and writes a checkpoint at the end.
  ///
  /// - Parameters:
  ///   - onProgress: Called after each step and its evaluation.
  ///   - onEvent: Called with each line of the metrics and each checkpoint.
  ///   - interruption: Called before the first step of a resumed run, and after each step; true ends the run.
  /// - Throws: If the loss is non-finite, the data cannot be read, or a checkpoint cannot be written; the message names
  ///   the last good checkpoint.
  @discardableResult
  public func run(
    onProgress: (TrainingProgress) -> Void = { _ in }, onEvent: @escaping (TrainingEvent) -> Void = { _ in },
    interruption: () -> Bool = { false }
  ) throws(WeftError) -> Ending {
    self.onEvent = ranks.isFirst ? onEvent : { _ in }
    defer { self.onEvent = { _ in } }
    startCheck()
    do {
      let ending = try train(onProgress: onProgress, interruption: interruption)
      try endCheck()
      return ending
    } catch {
      try? endCheck()
      let kept =
        newestCheckpoint.map { "the last good checkpoint is \($0)" } ?? "there is no checkpoint yet"
      throw error.saying("\(error.message); \(kept)")
    }
  }

  private func train(
    onProgress: (TrainingProgress) -> Void, interruption: () -> Bool
  ) throws(WeftError) -> Ending {
    var meter = ProgressMeter(firstStep: state.step)
    var lastSaved = state.step == 0 ? -1 : state.step
    var ending = Ending.finished
    // A checkpoint for rollbacks.
    if configuration.training.onDivergence == .rollback, newestCheckpoint == nil {
      _ = try save(isScheduled: true)
    }
    // A run that is already where it is to pause takes no further step.
    if state.step > 0, state.step < loop.totalSteps, ranks.any(interruption()) { return .interrupted }
    while state.step < loop.totalSteps {
      let step = try nextStep(lastSaved: lastSaved)
      guard step.isFinite else {
        try rollBack(from: step)
        lastSaved = state.step
        continue
      }
      meter.add(step.result, steps: step.timeSteps)
      log?.add(timeSteps: step.timeSteps)
      let endsEpoch = state.batch == 0
      let isLast = state.step == loop.totalSteps
      var loggedLoss: Double?
      if state.step.isMultiple(of: configuration.training.logEvery) || isLast {
        let loss = loop.state.takeLoggedLoss()
        loggedLoss = loss
        var values: MetricValues = [
          "loss": loss, "gradient_norm": step.gradientNorm, "learning_rate": step.learningRate,
        ]
        // Lines of a run that was changed deliberately are not those of its configuration alone.
        let changes = state.configurationChanges.count
        if changes > 0 {
          values = MetricValues(values.entries + [("configuration_changes", Double(changes))])
        }
        let record = MetricsRecord(step: step.number, epoch: epochNumber, split: "train", values: values)
        try log?.append(record, times: loop.executor.times)
        onEvent(.metrics(record, stepsPerSecond: meter.stepsPerSecond))
      }

      let isEvaluationDue = configuration.training.evaluateEvery.map(state.step.isMultiple(of:)) ?? endsEpoch
      let evaluates = isLast || isEvaluationDue
      let stopsEarly = evaluates ? try evaluate() : false
      if ranks.isFirst { onProgress(progress(meter, step, loss: loggedLoss ?? meter.smoothedLoss)) }
      if evaluates { try appendPictures() }
      let isInterrupted = ranks.any(interruption())
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

  /// Time by phase so far; evaluations count as forward passes.
  public var times: PhaseTimes { loop.executor.times }
  /// Completed optimizer steps.
  public var step: Int { state.step }
  /// The last optimizer step.
  public var totalSteps: Int { loop.totalSteps }
  /// Number of trained weights.
  public var parameterCount: Int { loop.model.layout.parameters.reduce(0) { $0 + $1.count } }
  /// The best evaluation so far; nil before the first one or without validation data.
  public var best: Best? {
    guard validation != nil, state.bestLoss.isFinite else { return nil }
    return Best(
      step: state.bestStep, loss: state.bestLoss,
      selectionMetric: MeasuredMetric(metric, state.bestMetric ?? state.bestLoss))
  }

  /// The best evaluation.
  public struct Best: Sendable, Equatable {
    /// Completed optimizer steps.
    public let step: Int
    /// The validation loss.
    public let loss: Double
    /// The selection metric and its value.
    public let selectionMetric: MeasuredMetric
  }

  var state: TrainingState { loop.state }

  var epochNumber: Int { state.batch == 0 && state.step > 0 ? state.epoch : state.epoch + 1 }

  private var isCheckpointDue: Bool {
    configuration.training.checkpointEvery.map(state.step.isMultiple(of:)) ?? false
  }

  /// One optimizer step, with a record of the gradient flow if one is due.
  private func nextStep(lastSaved: Int) throws(WeftError) -> TrainingLoop.Step {
    let recordsFlow = configuration.training.gradientFlowEvery.map((state.step + 1).isMultiple(of:)) ?? false
    let step: TrainingLoop.Step
    do { step = try loop.step(recordsGradientNorms: recordsFlow) } catch {
      // The model is intact, whatever happened to the data.
      let isShared = error.isShared || ranks.count == 1
      if isShared, state.step > max(lastSaved, 0) { _ = try? save(isScheduled: false) }
      throw error
    }
    if step.isFinite, recordsFlow {
      try log?.append(
        GradientFlow(
          step: step.number, layers: loop.model.tracedLayers.map(\.name), norms: step.result.gradientNorms))
    }
    return step
  }

  /// What the sequences are counted in.
  private var unit: TrainingProgress.Unit {
    guard loop.task.writesText, let vocabulary = loop.dataset.vocabulary else { return .timeSteps }
    return vocabulary.unit == .character ? .characters : .tokens
  }

  private func progress(
    _ meter: ProgressMeter, _ step: TrainingLoop.Step, loss: Double
  ) -> TrainingProgress {
    TrainingProgress(
      step: step.number, totalSteps: loop.totalSteps, epoch: epochNumber,
      totalEpochs: configuration.training.epochs, loss: loss,
      validationLoss: state.history.last?.validationLoss,
      validationMetric: state.history.last?.metric.map { MeasuredMetric(metric, $0) },
      gradientNorm: step.gradientNorm, learningRate: step.learningRate,
      unit: unit,
      unitsPerSecond: meter.stepsPerSecond,
      remaining: meter.remaining(steps: loop.totalSteps - step.number, from: step.number))
  }
}
