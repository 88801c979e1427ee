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
  public var threads: Int { data.pool.count }
  /// The newest checkpoint written or resumed from; nil before the first.
  public private(set) var newestCheckpoint: String?

  private let folder: RunFolder
  private let dataset: DatasetFile
  private let model: SequenceModel
  private let loss: Loss
  private let training: Prefetcher
  private let validation: (any BatchSource)?
  private let data: DataParallel
  private let optimizer: Optimizer
  private let reduction: GradientReduction
  private let carried: RecurrentState?
  private let carriedForEvaluation: RecurrentState?
  private let totalSteps: Int
  private var schedule: Schedule
  private var state: TrainingState
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
    try configuration.validate()
    let engine = try Engine.best()
    self.configuration = configuration
    self.onNote = onNote
    folder = RunFolder(output)
    dataset = try DatasetFile(configuration)
    let shape = try dataset.modelShape()
    model = try SequenceModel(configuration.model, fitting: shape, file: dataset.path)
    loss = Loss(kind: configuration.loss.kind, labelSmoothing: Float(configuration.loss.labelSmoothing))
    training = Prefetcher(try dataset.batches(split: configuration.data.split.train, shuffles: true))
    let validationSplit = configuration.data.split.validation
    validation =
      dataset.contains(split: validationSplit)
      ? try dataset.batches(split: validationSplit, shuffles: false) : nil
    let batchesPerEpoch = training.batchesPerEpoch
    totalSteps = min(
      configuration.training.steps ?? .max,
      configuration.training.epochs.map { $0 * batchesPerEpoch } ?? .max)
    data = DataParallel(
      model: model, parameters: model.initialParameters(seed: configuration.training.seed), engine: engine,
      threads: threads ?? AvailableProcessors.count, lanes: configuration.training.lanes)
    let budget = configuration.training.memoryBudget
    data.memoryBudget = budget > 0 ? budget << 20 : nil
    optimizer = Optimizer(
      configuration.optimizer, averageDecay: configuration.training.averageDecay, parameters: data.parameters,
      layout: model.layout)
    reduction = GradientReduction(
      clipNorm: configuration.training.clipNorm, clipValue: configuration.training.clipValue)
    let carriesState = configuration.training.carryState
    let (rows, layers) = (configuration.training.batch, model.stack.layers)
    carried = carriesState ? RecurrentState(batch: rows, layers: layers) : nil
    carriedForEvaluation = carriesState ? RecurrentState(batch: rows, layers: layers) : nil
    schedule = Schedule(
      configuration.schedule, peak: configuration.optimizer.learningRate, totalSteps: totalSteps)
    state = TrainingState()

    var resumedStep: Int?
    if resume, folder.checkpointSteps.isEmpty {
      onNote("\(output): no checkpoint to go on from yet, so the run begins anew")
    } else if resume {
      let (path, checkpoint) = try folder.newestCheckpoint { onNote("skipped a damaged checkpoint: \($0)") }
      try Trainer.checkSameRun(configuration, checkpoint, folder: output)
      try checkpoint.restore("weights", into: data.parameters, layout: model.layout, file: path)
      for (name, tensor) in optimizer.tensors {
        try checkpoint.restore(name.checkpointGroup, into: tensor, layout: model.layout, file: path)
      }
      if let carried, checkpoint.state.hasCarriedState {
        try checkpoint.restore(into: carried, file: path)
      }
      optimizer.restore(steps: checkpoint.state.step)
      schedule.restore(reductions: checkpoint.state.reductions, stalled: checkpoint.state.stalled)
      state = checkpoint.state
      newestCheckpoint = path
      resumedStep = state.step
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
    while state.step < totalSteps {
      let started = ContinuousClock.now
      let batch = try training.batch(epoch: state.epoch, index: state.batch)
      data.times.data += (ContinuousClock.now - started).seconds
      let learningRate = schedule.learningRate(step: state.step)
      let (result, norm) = try step(batch, learningRate: learningRate)
      meter.add(result, steps: batch.steps)
      let endsEpoch = state.batch == 0
      let isLast = state.step == totalSteps
      if state.step.isMultiple(of: configuration.training.logEvery) || isLast {
        try metrics.append(
          MetricsRecord(
            step: state.step, epoch: epochNumber, split: "train",
            values: ["loss": result.meanLoss, "gradient_norm": norm, "learning_rate": learningRate]))
      }
      onProgress(progress(meter, loss: result.meanLoss, norm: norm, learningRate: learningRate))

      let every = configuration.training.evaluateEvery
      let evaluates = isLast || (every > 0 ? state.step.isMultiple(of: every) : endsEpoch)
      if evaluates, try evaluate() { ending = .stoppedEarly }
      let isInterrupted = interruption()
      if evaluates || isInterrupted || isCheckpointDue {
        try save()
        lastSaved = state.step
      }
      if ending == .stoppedEarly { break }
      if isInterrupted, state.step < totalSteps {
        ending = .interrupted
        break
      }
    }
    if lastSaved != state.step { try save() }
    return ending
  }

  /// Where the time went so far; evaluations count as forward passes.
  public var times: PhaseTimes { data.times }
  /// Optimizer steps done.
  public var step: Int { state.step }
  /// The least validation loss so far and its step; nil before the first evaluation or without validation data.
  public var best: (loss: Double, step: Int)? {
    state.bestLoss.isFinite && validation != nil ? (state.bestLoss, state.bestStep) : nil
  }

  private var epochNumber: Int { state.batch == 0 && state.step > 0 ? state.epoch : state.epoch + 1 }

  private var isCheckpointDue: Bool {
    let every = configuration.training.checkpointEvery
    return every > 0 && state.step.isMultiple(of: every)
  }

  /// One optimizer step; counts it and moves on to the next minibatch.
  private func step(
    _ batch: Minibatch, learningRate: Double
  ) throws(WeftError) -> (DataParallel.Result, norm: Double) {
    let flowEvery = configuration.training.gradientFlowEvery
    let recordsFlow = flowEvery > 0 && (state.step + 1).isMultiple(of: flowEvery)
    let result = data.backpropagate(
      batch, loss: loss, initial: batch.continues ? carried : nil, final: carried,
      dropoutKey: DropoutKey(seed: configuration.training.seed, step: UInt64(state.step)),
      recordsGradientNorms: recordsFlow)
    let norm = reduction.update(data, optimizer, learningRate: learningRate)
    guard norm.isFinite, result.meanLoss.isFinite else {
      throw Diverged(
        step: state.step + 1, epoch: state.epoch, batch: state.batch, learningRate: learningRate,
        loss: result.meanLoss, layer: data.firstLayerWithoutFiniteGradient, checkpoint: newestCheckpoint
      ).error
    }
    state.addTrainingLoss(result.meanLoss)
    state.step += 1
    state.batch += 1
    if state.batch == training.batchesPerEpoch {
      state.batch = 0
      state.epoch += 1
    }
    if recordsFlow, let gradientFlow {
      let flow = GradientFlow(step: state.step, layers: model.stack.layerNames, norms: result.gradientNorms)
      try gradientFlow.append(flow)
      for warning in flow.warnings { onNote("step \(state.step): \(warning)") }
    }
    return (result, norm)
  }

  /// Measures the validation loss; returns whether training should stop early.
  private func evaluate() throws(WeftError) -> Bool {
    let trainingLoss = state.takeTrainingLoss()
    guard let validation else { return false }
    let result = try data.evaluate(
      validation, loss: Loss(kind: loss.kind), parameters: optimizer.average, carried: carriedForEvaluation)
    let improved = result.meanLoss < state.bestLoss
    state.history.append(
      TrainingState.Evaluation(
        step: state.step, trainingLoss: trainingLoss, validationLoss: result.meanLoss))
    schedule.observe(improved: improved)
    state.evaluationsWithoutImprovement = improved ? 0 : state.evaluationsWithoutImprovement + 1
    if improved {
      state.bestLoss = result.meanLoss
      state.bestStep = state.step
    }
    try metrics.append(
      MetricsRecord(
        step: state.step, epoch: epochNumber, split: "validation",
        values: loss.wantsClasses
          ? ["loss": result.meanLoss, "accuracy": result.accuracy] : ["loss": result.meanLoss]))
    let patience = configuration.training.earlyStoppingPatience
    return patience > 0 && state.evaluationsWithoutImprovement >= patience
  }

  private func save() throws(WeftError) {
    state.reductions = schedule.reductions
    state.stalled = schedule.stalled
    state.hasCarriedState = carried != nil && state.batch > 0
    var arrays = model.layout.arrays(of: data.parameters, group: "weights")
    for (name, tensor) in optimizer.tensors {
      arrays.merge(model.layout.arrays(of: tensor, group: name.checkpointGroup)) { $1 }
    }
    if let carried, state.hasCarriedState { arrays.merge(carried.arrays) { $1 } }
    let checkpoint = Checkpoint(
      configuration: configuration, shape: model.shape, vocabulary: dataset.vocabulary, state: state,
      arrays: arrays)
    let path = folder.checkpoint(step: state.step)
    try checkpoint.write(to: path)
    if validation == nil || state.bestStep == state.step { try checkpoint.write(to: folder.best) }
    newestCheckpoint = path
    folder.prune(keep: configuration.training.keep)
  }

  private func progress(
    _ meter: ProgressMeter, loss: Double, norm: Double, learningRate: Double
  ) -> TrainingProgress {
    TrainingProgress(
      step: state.step, totalSteps: totalSteps, epoch: epochNumber,
      totalEpochs: configuration.training.epochs, loss: meter.smoothedLoss,
      validationLoss: state.history.last?.validationLoss, gradientNorm: norm, learningRate: learningRate,
      unit: dataset.vocabulary.map { $0.unit == .character ? .characters : .tokens } ?? .timeSteps,
      unitsPerSecond: meter.stepsPerSecond,
      remaining: meter.remaining(steps: totalSteps - state.step, from: state.step))
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
