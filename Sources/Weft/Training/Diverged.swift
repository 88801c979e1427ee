/// What is told when a loss or gradient is not a finite number.
struct Diverged {
  let step: TrainingLoop.Step
  let layer: String?
  let checkpoint: String?

  var error: WeftError {
    let what = step.result.meanLoss.isFinite ? "a gradient" : "the loss"
    let place = layer.map { ", first in \($0)" } ?? ""
    let kept =
      checkpoint.map { "; the last good checkpoint is \($0)" } ?? "; there was no checkpoint yet"
    return .failure(
      "\(what) is not finite at step \(step.number) (epoch \(step.epoch + 1), minibatch"
        + " \(step.batch + 1)\(place), learning rate"
        + " \(NumberText.significant(step.learningRate, digits: 3)))\(kept);"
        + " try a smaller optimizer.learning_rate or training.clip_norm")
  }
}

extension DataParallel {
  /// The layer of the first parameter whose gradient is not finite, as in its name.
  var firstLayerWithoutFiniteGradient: String? {
    guard let flat = gradients.first?.matrix else { return nil }
    let parameter = model.layout.parameters.first { parameter in
      parameter.matrix(in: flat).elements.contains { !$0.isFinite }
    }
    return parameter.map { $0.name.split(separator: "/").dropLast().joined(separator: "/") }
  }
}
