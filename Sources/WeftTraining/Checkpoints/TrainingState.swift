/// Where a run stands, beside its tensors: enough to go on as if it had never stopped.
package struct TrainingState: Sendable, Equatable {
  /// Optimizer steps done.
  package var step = 0
  /// Epoch of the next minibatch, from 0.
  package var epoch = 0
  /// Number of the next minibatch in its epoch.
  package var batch = 0
  /// Whether the next minibatch goes on from carried states.
  package var hasCarriedState = false
  /// Reductions that the plateau schedule has made.
  package var reductions = 0
  /// Evaluations without improvement since the last reduction.
  package var stalled = 0
  /// Evaluations without improvement in a row.
  package var evaluationsWithoutImprovement = 0
  /// The validation loss of the best evaluation so far.
  package var bestLoss = Double.infinity
  /// What decided that it is the best; nil where that is the loss.
  package var bestMetric: Double?
  /// The step of the best evaluation.
  package var bestStep = 0
  /// Sum of the minibatches' losses since the last evaluation.
  package var lossSum = 0.0
  /// Minibatches since the last evaluation.
  package var lossCount = 0
  /// The step of the latest checkpoint that the configuration asked for. A rollback goes there, not to one that an
  /// interruption left, so that its result does not depend on interruptions.
  package var scheduledStep = 0
  /// Every evaluation so far.
  package var history: [HistoryEntry] = []
  /// Every return to an earlier checkpoint after the loss diverged.
  package var rollbacks: [Rollback] = []

  /// Losses at one evaluation.
  package struct HistoryEntry: Sendable, Equatable {
    package var step: Int
    package var trainingLoss: Double
    package var validationLoss: Double
    /// What decides which evaluation is the best; nil where that is the loss.
    package var metric: Double?
  }

  /// A return to an earlier checkpoint.
  package struct Rollback: Sendable, Equatable {
    /// The step that diverged.
    package var step: Int
    /// The step of the checkpoint.
    package var checkpoint: Int
    /// What learning rates are multiplied by from then on.
    package var learningRateScale: Double
  }

  package init() {}

  /// What learning rates are multiplied by.
  package var learningRateScale: Double { rollbacks.last?.learningRateScale ?? 1 }

  /// Counts a minibatch's mean loss.
  mutating func addTrainingLoss(_ loss: Double) {
    lossSum += loss
    lossCount += 1
  }

  /// The mean of the minibatches' losses since the last call.
  mutating func takeTrainingLoss() -> Double {
    defer { (lossSum, lossCount) = (0, 0) }
    return lossSum / Double(max(lossCount, 1))
  }
}
