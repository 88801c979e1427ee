import WeftBase
import WeftData
import WeftLayers
import WeftParallel
import WeftTasks
import WeftTensor

/// The computation of a run, without its folder: model, optimizer and minibatches, step by step.
package final class TrainingLoop {
  package let configuration: Configuration
  package let dataset: DatasetFile
  /// Fingerprint of the data at the start.
  package let fingerprint: DataFingerprint
  package let task: any TrainingTask
  /// The loss of the task, with the weights that follow from the data.
  package let loss: Loss
  package let executor: Executor
  package let optimizer: Optimizer
  /// The last step of the run; the loop itself is unbounded.
  package private(set) var totalSteps: Int
  /// States carried between minibatches; nil without carried states.
  package private(set) var carried: RecurrentState?
  /// Receives the states of the next minibatch, so that a failed step leaves the previous ones intact.
  private var nextCarried: RecurrentState?
  package var schedule: Schedule
  package var state = TrainingState()
  /// Finds faults in data that are not read yet; nil if there is none to make.
  package var check: BackgroundCheck?
  private let files: [FileIdentity]
  /// The processes that train together, each on the rows of its own lanes.
  package let ranks: any Communicator
  private let minibatches: Prefetcher
  private let update: ParameterUpdate

  /// Opens the dataset and builds the model.
  ///
  /// - Parameters:
  ///   - threads: Number of workers; nil for all available CPUs.
  ///   - ranks: The processes that train together.
  ///   - known: What a checkpoint tells of the data that it was trained on.
  ///   - onProgress: Called as all data are read, to scale them.
  ///   - engine: The compute engine; nil for the best available.
  /// - Throws: If the configuration is invalid, or the data cannot be read or does not match the model.
  package init(
    _ configuration: Configuration, threads: Int?, ranks: any Communicator = SingleRank(),
    known: TrainedData? = nil, onProgress: @escaping (DataProgress) -> Void = { _ in }, engine: Engine? = nil
  ) throws(WeftError) {
    try configuration.validate()
    let lanes = configuration.training.lanes
    if ranks.count > lanes {
      throw .usage(
        "\(ranks.count) ranks exceed training.lanes, \(lanes): start fewer ranks; more lanes would change"
          + " the result"
      )
    }
    self.ranks = ranks
    let training = configuration.training
    self.configuration = configuration
    files = try configuration.data.paths().compactMap(FileIdentity.init)
    (dataset, fingerprint) = try Self.open(
      configuration, threads: threads ?? AvailableProcessors.count, known: known, onProgress)
    task = try configuration.makeTask(fitting: dataset.fittedData(Loss(configuration.loss)))
    loss = try dataset.balanced(task.loss, configuration, outputs: task.shape.outputs)
    let model = task.model
    let engine = if let engine { engine } else { try Engine.best(model.layout.dotAlgorithm) }
    let own = share(of: lanes, worker: ranks.rank, workers: ranks.count)
    minibatches = Prefetcher(
      try dataset.batches(
        split: configuration.data.split.train, shuffles: true,
        share: ranks.count == 1 ? .all : RowShare(lanes: lanes, own: own)))
    totalSteps = Self.totalSteps(training, from: state, batchesPerEpoch: minibatches.batchesPerEpoch)
    executor = Executor(
      model, parameters: model.initialParameters(seed: training.seed), engine: engine,
      threads: threads ?? AvailableProcessors.count, lanes: lanes, ranks: ranks)
    executor.memoryBudget = training.memoryBudget.map { $0 << 20 }
    let factors = try configuration.learningRateFactors(of: model.layout)
    optimizer = Optimizer(
      configuration.optimizer, averageDecay: training.averageDecay, parameters: executor.parameters,
      layout: model.layout, factors: factors, places: executor.ownership.places[ranks.rank])
    update = ParameterUpdate(
      clipNorm: training.clipNorm, clipValue: training.clipValue,
      frozen: factors.frozen(in: model.layout))
    carried = task.makeCarriedState(training)
    nextCarried = task.makeCarriedState(training)
    schedule = Schedule(
      configuration.schedule, peak: configuration.optimizer.learningRate, totalSteps: totalSteps)
  }

  package var model: any TrainableModel { task.model }
  /// Minibatches of an epoch.
  var batchesPerEpoch: Int { minibatches.batchesPerEpoch }

  /// Continues from `state`; the schedule ends with the epochs that are left on the present data.
  func continueFrom(_ state: TrainingState) {
    self.state = state
    totalSteps = Self.totalSteps(configuration.training, from: state, batchesPerEpoch: batchesPerEpoch)
    schedule = Schedule(
      configuration.schedule, peak: configuration.optimizer.learningRate, totalSteps: totalSteps)
    schedule.restore(reductions: state.reductions, stalled: state.stalled)
  }

  /// The last step: the configured one, or that at the end of the last epoch, whichever comes first.
  static func totalSteps(
    _ training: TrainingConfiguration, from state: TrainingState, batchesPerEpoch: Int
  ) -> Int {
    guard let epochs = training.epochs else { return training.steps ?? .max }
    let (rest, overflow) = max(0, epochs - max(0, state.epoch)).multipliedReportingOverflow(
      by: batchesPerEpoch)
    let (last, isBeyond) = (state.step - state.batch).addingReportingOverflow(rest)
    return min(training.steps ?? .max, overflow || isBeyond ? .max : last)
  }

  /// Result of an optimizer step.
  package struct Step {
    /// Step number, from 1.
    package let number: Int
    /// Epoch of the minibatch, from 0.
    package let epoch: Int
    /// Index of the minibatch in its epoch, from 0.
    package let batch: Int
    /// Number of time steps of all rows of the minibatch.
    package let timeSteps: Int
    package let learningRate: Double
    package let result: PassResult
    /// Global gradient norm before clipping.
    package let gradientNorm: Double

    /// Whether the loss and the gradient are finite; otherwise the run has diverged.
    package var isFinite: Bool { gradientNorm.isFinite && result.meanLoss.isFinite }
  }

  /// Makes the executor and the moving average use weights that were written over the initial ones.
  func weightsWereReplaced() {
    if let average = optimizer.average {
      average.values = executor.parameters.elements(at: optimizer.places)
    }
    executor.parametersChanged()
  }

  /// Releases prefetched data, whose memory an evaluation needs.
  package func releaseData() { minibatches.suspend() }

  /// Runs one optimizer step, counts it and advances to the next minibatch. All ranks take part.
  ///
  /// A step with a non-finite loss or gradient changes nothing and is not counted.
  ///
  /// - Parameter recordsGradientNorms: Whether the result contains ‖∂L/∂h_t‖ of each layer.
  /// - Throws: If a rank cannot read the minibatch, or its file has changed; on all ranks.
  package func step(recordsGradientNorms: Bool = false) throws(WeftError) -> Step {
    let started = ContinuousClock.now
    let (minibatch, targets) = try nextMinibatch()
    executor.times.data += (ContinuousClock.now - started).seconds
    let learningRate = schedule.learningRate(step: state.step) * state.learningRateScale
    let result = model.backpropagate(
      minibatch, targets: targets, loss: loss, initial: minibatch.continues ? carried : nil,
      final: nextCarried, dropoutKey: dropoutKey, recordsGradientNorms: recordsGradientNorms, on: executor)
    let norm =
      result.meanLoss.isFinite
      ? update.apply(optimizer, learningRate: learningRate, on: executor)
      : update.reduction.reduce(on: executor)
    let step = Step(
      number: state.step + 1, epoch: state.epoch, batch: state.batch, timeSteps: minibatch.steps,
      learningRate: learningRate, result: result, gradientNorm: norm)
    guard step.isFinite else { return step }
    swap(&carried, &nextCarried)
    state.addTrainingLoss(result.meanLoss)
    state.step += 1
    state.batch += 1
    if state.batch == minibatches.batchesPerEpoch {
      state.batch = 0
      state.epoch += 1
    }
    return step
  }

  /// Checks that the data files have not changed since the start of the run.
  ///
  /// - Throws: If one was removed, replaced or modified.
  package func checkFiles() throws(WeftError) {
    for file in files { try file.check() }
  }

  private var dropoutKey: DropoutKey {
    DropoutKey(seed: configuration.training.seed, step: UInt64(state.step))
  }

  /// This rank's rows of the next minibatch, and the number of targets of all ranks' rows.
  private func nextMinibatch() throws(WeftError) -> (Minibatch, targets: Int) {
    let result = Result { () throws(WeftError) in try readMinibatch() }
    let own = (try? result.get()).map { model.targetCount(of: $0, loss: loss) }
    let counts = ranks.gather(own ?? -1)
    if counts.contains(-1) { _ = try ranks.together { () throws(WeftError) in try result.get() } }
    return (try result.get(), counts.reduce(0, +))
  }

  /// Files are checked after reading, so that no data from a changed file is used.
  private func readMinibatch() throws(WeftError) -> Minibatch {
    let minibatch: Minibatch
    // After an epoch, everything was read.
    if state.epoch > 0, let check {
      check.stop()
      self.check = nil
    }
    if let failure = check?.failure { throw failure }
    do { minibatch = try minibatches.batch(epoch: state.epoch, index: state.batch) } catch {
      try checkFiles()
      throw error
    }
    try checkFiles()
    return minibatch
  }

  /// Diagnosis of a step with a non-finite loss, gradient or resulting weight. All ranks take part.
  package func divergence(at step: Step) -> Divergence {
    guard case let (minibatch, targets)? = try? nextMinibatch() else {
      return Divergence(step: step, place: nil)
    }
    return Divergence(
      step: step,
      place: model.firstNonFinitePlace(
        minibatch, targets: targets, loss: loss, initial: minibatch.continues ? carried : nil,
        dropoutKey: dropoutKey, on: executor))
  }
}
