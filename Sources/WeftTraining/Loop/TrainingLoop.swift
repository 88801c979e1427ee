import WeftBase
import WeftData
import WeftLayers
import WeftParallel
import WeftTasks
import WeftTensor

/// What a run computes, without its folder: a model, an optimizer and minibatches, one step after the other.
package final class TrainingLoop {
  package let configuration: Configuration
  package let dataset: DatasetFile
  package let task: any TrainingTask
  package let executor: Executor
  package let optimizer: Optimizer
  /// The last step of the run; the loop itself knows no end.
  package let totalSteps: Int
  /// States that pass from minibatch to minibatch; nil where none do.
  package private(set) var carried: RecurrentState?
  /// Receives the states of the next minibatch, so that a step that fails leaves those before it.
  private var nextCarried: RecurrentState?
  package var schedule: Schedule
  package var state = TrainingState()
  private let files: [FileIdentity]
  /// The processes that train together, each on the rows of its own lanes.
  package let ranks: any Communicator
  private let minibatches: Prefetcher
  private let update: ParameterUpdate

  /// Opens the data and makes the model.
  ///
  /// - Parameters:
  ///   - threads: Workers; nil for as many as there are processors that the process may use.
  ///   - ranks: The processes that train together.
  ///   - engine: What computes; nil for the best that there is.
  /// - Throws: If the configuration is not valid, or the data cannot be read or do not fit the model.
  package init(
    _ configuration: Configuration, threads: Int?, ranks: any Communicator = SingleRank(),
    engine: Engine? = nil
  ) throws(WeftError) {
    try configuration.validate()
    let lanes = configuration.training.lanes
    if ranks.count > lanes {
      throw .usage(
        "there are \(ranks.count) ranks, more than training.lanes, \(lanes): start fewer; more lanes are another result"
      )
    }
    self.ranks = ranks
    let training = configuration.training
    self.configuration = configuration
    files = try configuration.data.paths().compactMap(FileIdentity.init)
    dataset = try DatasetFile(configuration, threads: threads ?? AvailableProcessors.count)
    task = try configuration.makeTask(fitting: dataset.fittedData(Loss(configuration.loss)))
    let model = task.model
    let engine = if let engine { engine } else { try Engine.best(model.layout.dotAlgorithm) }
    let own = share(of: lanes, worker: ranks.rank, workers: ranks.count)
    minibatches = Prefetcher(
      try dataset.batches(
        split: configuration.data.split.train, shuffles: true,
        share: ranks.count == 1 ? .all : RowShare(lanes: lanes, own: own)))
    let batchesPerEpoch = minibatches.batchesPerEpoch
    totalSteps = min(training.steps ?? .max, training.epochs.map { $0 * batchesPerEpoch } ?? .max)
    executor = Executor(
      model, parameters: model.initialParameters(seed: training.seed), engine: engine,
      threads: threads ?? AvailableProcessors.count, lanes: lanes, ranks: ranks)
    executor.memoryBudget = training.memoryBudget > 0 ? training.memoryBudget << 20 : nil
    optimizer = Optimizer(
      configuration.optimizer, averageDecay: training.averageDecay, parameters: executor.parameters,
      layout: model.layout, places: executor.ownership.places[ranks.rank])
    update = ParameterUpdate(clipNorm: training.clipNorm, clipValue: training.clipValue)
    carried = task.makeCarriedState(training)
    nextCarried = task.makeCarriedState(training)
    schedule = Schedule(
      configuration.schedule, peak: configuration.optimizer.learningRate, totalSteps: totalSteps)
  }

  package var model: any TrainableModel { task.model }

  /// What one optimizer step did.
  package struct Step {
    /// From 1.
    package let number: Int
    /// Of the minibatch, from 0.
    package let epoch: Int
    /// The minibatch's number in its epoch, from 0.
    package let batch: Int
    /// Time steps of all rows of the minibatch.
    package let timeSteps: Int
    package let learningRate: Double
    package let result: PassResult
    /// Of the whole gradient, before it was clipped by it.
    package let gradientNorm: Double

    /// Whether the loss and the gradient are numbers; where not, the run has diverged.
    package var isFinite: Bool { gradientNorm.isFinite && result.meanLoss.isFinite }
  }

  /// Gives back the memory of what was read ahead, which an evaluation needs for itself.
  package func releaseData() { minibatches.suspend() }

  /// One optimizer step; counts it and moves on to the next minibatch. All ranks make it together.
  ///
  /// A step whose loss or gradient is not finite changes nothing and is not counted.
  ///
  /// - Parameter recordsGradientNorms: Whether the result tells ‖∂L/∂h_t‖ of each layer.
  /// - Throws: If a rank cannot read the minibatch, or its file is no longer what it was; on all ranks alike.
  package func step(recordsGradientNorms: Bool = false) throws(WeftError) -> Step {
    let started = ContinuousClock.now
    let (minibatch, targets) = try nextMinibatch()
    executor.times.data += (ContinuousClock.now - started).seconds
    let learningRate = schedule.learningRate(step: state.step) * state.learningRateScale
    let result = model.backpropagate(
      minibatch, targets: targets, loss: task.loss, initial: minibatch.continues ? carried : nil,
      final: nextCarried, dropoutKey: dropoutKey, recordsGradientNorms: recordsGradientNorms, on: executor)
    let norm =
      result.meanLoss.isFinite
      ? update.apply(optimizer, learningRate: learningRate, on: executor)
      : GradientReduction(clipValue: update.clipValue).reduce(on: executor)
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

  /// Checks that the data's files are what they were when the run began.
  ///
  /// - Throws: If one was removed, replaced or written to.
  package func checkFiles() throws(WeftError) {
    for file in files { try file.check() }
  }

  private var dropoutKey: DropoutKey {
    DropoutKey(seed: configuration.training.seed, step: UInt64(state.step))
  }

  /// This rank's rows of the next minibatch, and the number of targets of all ranks' rows.
  private func nextMinibatch() throws(WeftError) -> (Minibatch, targets: Int) {
    let result = Result { () throws(WeftError) in try readMinibatch() }
    let own = (try? result.get()).map { model.targetCount(of: $0, loss: task.loss) }
    let counts = ranks.gather(own ?? -1)
    if counts.contains(-1) { _ = try ranks.together { () throws(WeftError) in try result.get() } }
    return (try result.get(), counts.reduce(0, +))
  }

  /// Files are looked at after the reading, so that nothing is used that was read from a changed one.
  private func readMinibatch() throws(WeftError) -> Minibatch {
    let minibatch: Minibatch
    do { minibatch = try minibatches.batch(epoch: state.epoch, index: state.batch) } catch {
      try checkFiles()
      throw error
    }
    try checkFiles()
    return minibatch
  }

  /// What can be said of a step that was not finite, or after which a weight was not. All ranks look together.
  package func divergence(at step: Step) -> Divergence {
    guard case let (minibatch, targets)? = try? nextMinibatch() else {
      return Divergence(step: step, place: nil)
    }
    return Divergence(
      step: step,
      place: model.firstNonFinitePlace(
        minibatch, targets: targets, loss: task.loss, initial: minibatch.continues ? carried : nil,
        dropoutKey: dropoutKey, on: executor))
  }
}
