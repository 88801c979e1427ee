/// The state of a run apart from its tensors, sufficient to resume as if it had never stopped.
package struct TrainingState: Sendable, Equatable {
  /// Completed optimizer steps.
  package var step = 0
  /// Epoch of the next minibatch, from 0.
  package var epoch = 0
  /// Index of the next minibatch in its epoch.
  package var batch = 0
  /// Whether the next minibatch starts from carried states.
  package var hasCarriedState = false
  /// Reductions by the plateau schedule.
  package var reductions = 0
  /// Evaluations without improvement since the last reduction.
  package var stalled = 0
  /// Consecutive evaluations without improvement.
  package var evaluationsWithoutImprovement = 0
  /// The validation loss of the best evaluation so far.
  package var bestLoss = Double.infinity
  /// Value of the selection metric; nil if that is the loss.
  package var bestMetric: Double?
  /// The step of the best evaluation.
  package var bestStep = 0
  /// Sum of the minibatches' losses since the last evaluation.
  package var lossSum = 0.0
  /// Minibatches since the last evaluation.
  package var lossCount = 0
  /// Sum of the minibatches' losses since the last line of the metrics.
  package var loggedLossSum = 0.0
  /// Minibatches since the last line of the metrics.
  package var loggedLossCount = 0
  /// The step of the latest scheduled checkpoint. Rollbacks return to it rather than to one written at an interruption,
  /// so that results do not depend on interruptions.
  package var scheduledStep = 0
  /// All evaluations so far.
  package var history: [HistoryEntry] = []
  /// All rollbacks so far.
  package var rollbacks: [Rollback] = []
  /// All deliberate changes of the data so far.
  package var dataChanges: [DataChange] = []

  /// All deliberate changes of the configuration so far.
  package var configurationChanges: [DataChange] = []
  /// What the weights of a new run were taken from; nil for random ones.
  package var startedFrom: String?

  /// Losses at one evaluation.
  package struct HistoryEntry: Sendable, Equatable {
    package var step: Int
    package var trainingLoss: Double
    package var validationLoss: Double
    /// Value of the selection metric; nil if that is the loss.
    package var metric: Double?
  }

  /// A rollback to an earlier checkpoint.
  package struct Rollback: Sendable, Equatable {
    /// The step that diverged.
    package var step: Int
    /// The step of the checkpoint.
    package var checkpoint: Int
    /// Factor of all later learning rates.
    package var learningRateScale: Double
  }

  /// A deliberate change of the data or the configuration.
  package struct DataChange: Sendable, Equatable {
    /// The last step before it.
    package var step: Int
    /// What differed.
    package var difference: String
  }

  package init() {}

  /// Factor of learning rates.
  package var learningRateScale: Double { rollbacks.last?.learningRateScale ?? 1 }

  /// Adds the mean loss of a minibatch.
  mutating func addTrainingLoss(_ loss: Double) {
    lossSum += loss
    lossCount += 1
    loggedLossSum += loss
    loggedLossCount += 1
  }

  /// Mean loss of the minibatches since the last line of the metrics.
  mutating func takeLoggedLoss() -> Double {
    defer { (loggedLossSum, loggedLossCount) = (0, 0) }
    return loggedLossSum / Double(max(loggedLossCount, 1))
  }

  /// Mean loss of the minibatches since the last call.
  mutating func takeTrainingLoss() -> Double {
    defer { (lossSum, lossCount) = (0, 0) }
    return lossSum / Double(max(lossCount, 1))
  }
}
