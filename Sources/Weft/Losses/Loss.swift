import KernelInterface

/// A loss fused with its gradient.
package struct Loss: Sendable, Equatable {
  package var kind: LossKind
  /// ε of label smoothing; cross-entropy only.
  package var labelSmoothing: Float

  package init(kind: LossKind, labelSmoothing: Float = 0) {
    self.kind = kind
    self.labelSmoothing = labelSmoothing
  }

  /// The loss that a configuration asks for.
  package init(_ configuration: LossConfiguration) {
    self.init(kind: configuration.kind, labelSmoothing: Float(configuration.labelSmoothing))
  }

  /// The loss that models are compared by: without label smoothing, which only helps to train.
  package var unsmoothed: Loss {
    var loss = self
    loss.labelSmoothing = 0
    return loss
  }

  /// Whether targets are classes rather than values.
  package var wantsClasses: Bool { kind == .crossEntropy }

  /// The loss of every output, and its gradient in place of the output.
  ///
  /// - Parameters:
  ///   - outputs: `[n, outputs]`; overwritten by scale · ∂loss/∂output.
  ///   - scale: What the gradient is multiplied by: 1 / (outputs that count in the whole minibatch).
  ///   - losses: `[1, n]`, receives the loss of each output; 0 where it does not count.
  ///   - correct: `[1, n]`, receives 1 where the greatest output is the target's class; classes only.
  package func evaluate(
    outputs: Matrix, targets: ShardTargets, scale: Float, losses: Matrix, correct: Matrix, _ shard: Shard
  ) {
    switch (kind, targets) {
    case (.crossEntropy, .classes(let classes)):
      shard.kernels.softmaxCrossEntropy(
        logits: outputs, classes: outputs.columns, targets: classes, labelSmoothing: labelSmoothing,
        gradientScale: scale, losses: losses, correct: correct)
    case (.squaredError, .values(let values)):
      shard.kernels.squaredError(
        predictions: outputs, targets: values, weights: nil, width: outputs.columns, gradientScale: scale,
        losses: losses)
    case (.absoluteError, .values(let values)):
      shard.kernels.absoluteError(
        predictions: outputs, targets: values, weights: nil, width: outputs.columns, gradientScale: scale,
        losses: losses)
    case (.binaryCrossEntropy, .values(let values)):
      shard.kernels.binaryCrossEntropy(
        predictions: outputs, targets: values, weights: nil, width: outputs.columns, gradientScale: scale,
        losses: losses)
    default:
      preconditionFailure("the targets are not of the loss's kind")
    }
  }
}
