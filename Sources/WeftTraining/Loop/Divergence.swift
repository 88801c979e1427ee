import WeftBase
import WeftParallel

/// A step that found a loss, a gradient or a weight that is not a finite number, and what can be said of it.
package struct Divergence {
  let step: TrainingLoop.Step
  /// Where such a number shows first; nil where a second look finds none.
  let place: NonFinitePlace?

  /// The failure, in one line.
  package var error: WeftError {
    let what =
      !step.result.meanLoss.isFinite ? "the loss" : !step.gradientNorm.isFinite ? "a gradient" : "a weight"
    return .failure(
      "\(what) is not finite at step \(step.number) (epoch \(step.epoch + 1), minibatch \(step.batch + 1),"
        + " learning rate \(NumberText.significant(step.learningRate, digits: 3)))"
        + (place.map { ", first in \($0)" } ?? "")
        + "; try a smaller optimizer.learning_rate or training.clip_norm")
  }
}
