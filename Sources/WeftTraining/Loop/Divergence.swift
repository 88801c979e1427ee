import WeftBase
import WeftParallel

/// A step with a non-finite loss, gradient or weight, with a diagnosis.
package struct Divergence {
  let step: TrainingLoop.Step
  /// The first non-finite place; nil if a second pass finds none.
  let place: NonFinitePlace?

  /// The failure, in one line.
  package var error: WeftError {
    let what =
      !step.result.meanLoss.isFinite ? "the loss" : !step.gradientNorm.isFinite ? "a gradient" : "a weight"
    return WeftError(
      .divergence,
      "\(what) is non-finite at step \(step.number) (epoch \(step.epoch + 1), minibatch \(step.batch + 1),"
        + " learning rate \(NumberText.significant(step.learningRate, digits: 3)))"
        + (place.map { ", first in \($0)" } ?? "")
        + "; try a smaller optimizer.learning_rate or training.clip_norm")
  }
}
