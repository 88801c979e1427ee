import KernelInterface

/// A loss fused with its gradient.
package struct Loss: Sendable, Equatable {
  package var kind: LossKind
  /// ε of label smoothing; cross-entropy only.
  package var labelSmoothing: Float
  /// The class that stands for no label; temporal classification only. Nil for the last one.
  package var blank: Int?
  /// Levels in ascending order; quantiles only.
  package var quantiles: [Float]

  package init(
    kind: LossKind, labelSmoothing: Float = 0, blank: Int? = nil, quantiles: [Float] = [0.1, 0.5, 0.9]
  ) {
    self.kind = kind
    self.labelSmoothing = labelSmoothing
    self.blank = blank
    self.quantiles = quantiles
  }

  /// The loss that a configuration asks for.
  package init(_ configuration: LossConfiguration) {
    self.init(
      kind: configuration.kind, labelSmoothing: Float(configuration.labelSmoothing),
      blank: configuration.blank,
      quantiles: configuration.quantiles.map { Float($0) })
  }

  /// The loss that models are compared by: without label smoothing, which only helps to train.
  package var unsmoothed: Loss {
    var loss = self
    loss.labelSmoothing = 0
    return loss
  }

  /// Whether targets are classes rather than values.
  package var wantsClasses: Bool { kind == .crossEntropy }

  /// Whether targets are sequences of labels with lengths of their own.
  package var wantsLabels: Bool { kind == .temporalClassification }
  /// Outputs that a model gives for each number of its targets: the parameters of a distribution, in as many blocks.
  package var outputsPerTarget: Int {
    switch kind {
    case .gaussian: 2
    case .student: 3
    case .quantile: quantiles.count
    default: 1
    }
  }

  /// The loss of every output, and its gradient in place of the output.
  ///
  /// - Parameters:
  ///   - outputs: `[n, outputs]`; overwritten by scale · ∂loss/∂output.
  ///   - scale: What the gradient is multiplied by: 1 / (outputs that count in the whole minibatch).
  ///   - losses: `[1, n]`, receives the loss of each output; 0 where it does not count. With label sequences
  ///     `[1, sequences]`.
  ///   - correct: `[1, n]`, receives 1 where the greatest output is the target's class; classes only.
  package func evaluate(
    outputs: Matrix, targets: ShardTargets, scale: Float, losses: Matrix, correct: Matrix, _ shard: Shard
  ) {
    switch (kind, targets) {
    case (.crossEntropy, .classes(let classes)):
      shard.kernels.softmaxCrossEntropy(
        logits: outputs, classes: outputs.columns, targets: classes, labelSmoothing: labelSmoothing,
        gradientScale: scale, losses: losses, correct: correct)
    case (_, .values(let values)):
      evaluate(
        LossOperands(
          predictions: outputs, targets: values, width: values.columns, gradientScale: scale, losses: losses),
        shard.kernels)
    case (.temporalClassification, .labels(let sequences)):
      shard.kernels.ctcLoss(
        logits: outputs, classes: outputs.columns, blank: blank ?? outputs.columns - 1, sequences: sequences,
        gradientScale: scale, losses: losses,
        scratch: shard.arena.scratch(shard.kernels.ctcScratch(sequences, classes: outputs.columns)))
      for sequence in 0..<sequences.count where !sequences.hasAlignment(sequence) { losses[0, sequence] = 0 }
    default:
      preconditionFailure("the targets are not of the loss's kind")
    }
  }

  private func evaluate(_ operands: LossOperands, _ kernels: any KernelSet.Type) {
    switch kind {
    case .squaredError: kernels.squaredError(operands)
    case .absoluteError: kernels.absoluteError(operands)
    case .binaryCrossEntropy: kernels.binaryCrossEntropy(operands)
    case .gaussian: kernels.gaussianLoss(operands)
    case .student: kernels.studentLoss(operands)
    case .quantile: kernels.quantileLoss(operands, levels: quantiles)
    case .crossEntropy, .temporalClassification:
      preconditionFailure("the targets are not of the loss's kind")
    }
  }
}
