import WeftBase
import WeftData
import WeftTasks

/// How long a run is, before it begins.
package struct TrainingLength: Sendable, Equatable {
  /// Optimizer steps.
  package let steps: Int
  /// Steps until the first evaluation.
  package let firstEvaluation: Int

  /// The length of a run from its start.
  ///
  /// - Throws: If the data cannot be read, which tell the steps of an epoch.
  package init(_ configuration: Configuration) throws(WeftError) {
    let training = configuration.training
    if let steps = training.steps, training.epochs == nil, let every = training.evaluateEvery {
      self.steps = steps
      firstEvaluation = min(every, steps)
      return
    }
    let dataset = try DatasetFile(configuration)
    let perEpoch = try dataset.batches(split: configuration.data.split.train, shuffles: false).batchesPerEpoch
    steps = TrainingLoop.totalSteps(training, from: TrainingState(), batchesPerEpoch: perEpoch)
    firstEvaluation = min(training.evaluateEvery ?? perEpoch, steps)
  }
}
