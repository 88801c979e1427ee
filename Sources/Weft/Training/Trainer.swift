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
  private let loop: TrainingLoop
  private let validation: (any BatchSource)?
  private let carriedForEvaluation: RecurrentState?
  /// What decides the best checkpoint, early stopping and the plateau schedule.
  private let metric: Metric
  private let metrics: MetricsWriter
  private let gradientFlow: GradientFlowLog?
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
    let (dataset, model) = (loop.dataset, loop.model)
    if loop.job.loss.wantsLabels, let note = try dataset.alignmentNote(split: configuration.data.split.train)
    {
      onNote(note)
    }
    metric = try loop.job.decisiveMetric(named: configuration.training.metric)
    let validationSplit = configuration.data.split.validation
    validation =
      dataset.contains(split: validationSplit)
      ? try dataset.batches(split: validationSplit, shuffles: false) : nil
    carriedForEvaluation = loop.job.makeCarriedState(configuration.training)

    var resumedStep: Int?
    if resume, folder.checkpointSteps.isEmpty {
      onNote("\(output): no checkpoint to go on from yet, so the run begins anew")
    } else if resume {
      let (path, checkpoint) = try folder.newestCheckpoint { onNote("skipped a damaged checkpoint: \($0)") }
      try Trainer.checkSameRun(configuration, checkpoint, folder: output)
      guard checkpoint.vocabularies == loop.dataset.vocabularies else {
        throw .failure("\(loop.dataset.path): its vocabulary is not the one that \(path) was trained on")
      }
      try checkpoint.restore("weights", into: loop.data.parameters, layout: model.layout, file: path)
      for (name, tensor) in loop.optimizer.tensors {
        try checkpoint.restore(name.checkpointGroup, into: tensor, layout: model.layout, file: path)
      }
      if let carried = loop.carried, checkpoint.state.hasCarriedState {
        try checkpoint.restore(into: carried, file: path)
      }
      loop.optimizer.restore(steps: checkpoint.state.step)
      loop.schedule.restore(reductions: checkpoint.state.reductions, stalled: checkpoint.state.stalled)
      loop.state = checkpoint.state
      newestCheckpoint = path
      resumedStep = checkpoint.state.step
    } else if let step = folder.checkpointSteps.first {
      throw .usage(
        "\(output): holds a run that has come to step \(step); go on with --resume, or name another --output")
    }
    try folder.create()
    folder.removePartialFiles()
    try TextFile.replace(folder.configuration, with: configuration.yaml)
    metrics = try MetricsWriter(path: folder.metrics, resumingAfter: resumedStep)
    gradientFlow =
      configuration.training.gradientFlowEvery > 0
      ? try GradientFlowLog(path: folder.gradients, resumingAfter: resumedStep) : nil
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
  /// - Throws: If the loss is not finite, the data cannot be read, or a checkpoint cannot be written.
  @discardableResult
  public func run(
    onProgress: (TrainingProgress) -> Void = { _ in }, interruption: () -> Bool = { false }
  ) throws(WeftError) -> Ending {
    var meter = ProgressMeter(firstStep: state.step)
    var lastSaved = state.step == 0 ? -1 : state.step
    var ending = Ending.finished
    while state.step < loop.totalSteps {
      let step = try nextStep()
      meter.add(step.result, steps: step.timeSteps)
      let endsEpoch = state.batch == 0
      let isLast = state.step == loop.totalSteps
      if state.step.isMultiple(of: configuration.training.logEvery) || isLast {
        try metrics.append(
          MetricsRecord(
            step: step.number, epoch: epochNumber, split: "train",
            values: [
              "loss": step.result.meanLoss, "gradient_norm": step.gradientNorm,
              "learning_rate": step.learningRate,
            ]))
      }
      onProgress(progress(meter, step))

      let every = configuration.training.evaluateEvery
      let evaluates = isLast || (every > 0 ? state.step.isMultiple(of: every) : endsEpoch)
      if evaluates, try evaluate() { ending = .stoppedEarly }
      let isInterrupted = interruption()
      if evaluates || isInterrupted || isCheckpointDue {
        try save()
        lastSaved = state.step
      }
      if ending == .stoppedEarly { break }
      if isInterrupted, state.step < loop.totalSteps {
        ending = .interrupted
        break
      }
    }
    if lastSaved != state.step { try save() }
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
  private func nextStep() throws(WeftError) -> TrainingLoop.Step {
    let flowEvery = configuration.training.gradientFlowEvery
    let recordsFlow = flowEvery > 0 && (state.step + 1).isMultiple(of: flowEvery)
    let step = try loop.step(recordsGradientNorms: recordsFlow)
    guard step.isFinite else {
      throw Diverged(
        step: step, layer: loop.data.firstLayerWithoutFiniteGradient, checkpoint: newestCheckpoint
      ).error
    }
    if recordsFlow, let gradientFlow {
      let flow = GradientFlow(
        step: step.number, layers: loop.model.tracedLayers, norms: step.result.gradientNorms)
      try gradientFlow.append(flow)
      for warning in flow.warnings { onNote("step \(step.number): \(warning)") }
    }
    return step
  }

  /// Measures the model on the validation data; returns whether training should stop early.
  private func evaluate() throws(WeftError) -> Bool {
    let trainingLoss = loop.state.takeTrainingLoss()
    guard let validation else { return false }
    let measured = try loop.data.with(parameters: loop.optimizer.average) { () throws(WeftError) in
      try loop.job.measure(
        validation, on: loop.data, carried: carriedForEvaluation, thoroughly: false)
    }
    let decisive = metric == .loss ? nil : measured.value(of: metric)
    let improved =
      decisive.map { metric.isBetter($0, than: state.bestMetric) } ?? (measured.loss < state.bestLoss)
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
    try metrics.append(
      MetricsRecord(step: state.step, epoch: epochNumber, split: "validation", values: measured.values))
    let patience = configuration.training.earlyStoppingPatience
    return patience > 0 && state.evaluationsWithoutImprovement >= patience
  }

  private func save() throws(WeftError) {
    loop.state.reductions = loop.schedule.reductions
    loop.state.stalled = loop.schedule.stalled
    loop.state.hasCarriedState = loop.carried != nil && state.batch > 0
    let model = loop.model
    var arrays = model.layout.arrays(of: loop.data.parameters, group: "weights")
    for (name, tensor) in loop.optimizer.tensors {
      arrays.merge(model.layout.arrays(of: tensor, group: name.checkpointGroup)) { $1 }
    }
    if let carried = loop.carried, state.hasCarriedState { arrays.merge(carried.arrays) { $1 } }
    let checkpoint = Checkpoint(
      configuration: configuration, shape: model.shape, vocabularies: loop.dataset.vocabularies, state: state,
      arrays: arrays)
    let path = folder.checkpoint(step: state.step)
    // The best first: a run cut off between the two goes on from an earlier checkpoint, and writes it again.
    if validation == nil || state.bestStep == state.step { try checkpoint.write(to: folder.best) }
    try checkpoint.write(to: path)
    newestCheckpoint = path
    folder.prune(keep: configuration.training.keep)
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

extension String {
  /// Where an optimizer's tensor of this name lies in a checkpoint.
  fileprivate var checkpointGroup: String { self == "average" ? "average" : "optimizer/\(self)" }
}
