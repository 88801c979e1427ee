import KernelInterface
import WeftBase

/// A loss fused with its gradient: a type and its options.
package struct Loss: Sendable, Equatable {
  package var kind: LossType
  /// ε of label smoothing; cross-entropy only.
  package var labelSmoothing: Float
  /// Index of the CTC blank; nil for the last class.
  package var blank: Int?
  /// Levels in ascending order; quantiles only.
  package var quantiles: [Float]

  package init(
    kind: LossType, labelSmoothing: Float = 0, blank: Int? = nil, quantiles: [Float] = [0.1, 0.5, 0.9]
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
      blank: configuration.blank, quantiles: configuration.quantiles.map { Float($0) })
  }

  /// The loss that models are compared by: without label smoothing, which only helps to train.
  package var unsmoothed: Loss {
    var loss = self
    loss.labelSmoothing = 0
    return loss
  }

  /// Whether targets are classes rather than values.
  package var wantsClasses: Bool { kind.targets == .classes }
  /// Whether targets are sequences of labels with lengths of their own.
  package var wantsLabels: Bool { kind.targets == .labels }
  /// Outputs that a model gives for each number of its targets, in as many blocks.
  package var outputsPerTarget: Int { kind.outputsPerTarget(self) }

  /// Outputs that a model gives for a target.
  package func outputs(for target: StepKind) -> Int {
    switch target {
    case .tokens(let classes): kind.outputsForClasses(self, classes)
    case .features(let width): outputsPerTarget * width
    }
  }

  /// The loss of every output, and its gradient in place of the output.
  ///
  /// - Parameters:
  ///   - outputs: `[n, outputs]`; overwritten by scale · ∂loss/∂output.
  ///   - scale: What the gradient is multiplied by: 1 / (outputs that count in the whole minibatch).
  ///   - losses: `[1, n]`, receives the loss of each output; 0 where it does not count. With label sequences
  ///     `[1, sequences]`.
  ///   - correct: `[1, n]`, receives 1 where the maximum output is the target's class; classes only.
  package func evaluate(
    outputs: Matrix, targets: Targets<Matrix>, scale: Float, losses: Matrix, correct: Matrix, _ shard: Shard
  ) {
    kind.evaluate(
      self,
      LossPass(
        outputs: outputs, targets: targets, scale: scale, losses: losses, correct: correct, shard: shard))
  }

  /// The distributions of an output's numbers.
  ///
  /// - Parameter outputs: Blocks of as many numbers as there are targets, one block for each parameter.
  package func distributions(_ outputs: [Float]) -> [PredictedDistribution] {
    let blocks = outputsPerTarget
    let width = outputs.count / blocks
    return (0..<width).map { target in
      kind.distribution(self, (0..<blocks).map { Double(outputs[$0 * width + target]) })
    }
  }
}

/// One evaluation of a loss over a shard's outputs; see ``Loss/evaluate(outputs:targets:scale:losses:correct:_:)``.
package struct LossPass {
  let outputs: Matrix
  let targets: Targets<Matrix>
  let scale: Float
  let losses: Matrix
  let correct: Matrix
  let shard: Shard

  var kernels: any KernelSet.Type { shard.kernels }

  /// What kernels of losses of numbers take.
  var operands: LossOperands {
    LossOperands(
      predictions: outputs, targets: values, width: values.columns, gradientScale: scale, losses: losses)
  }

  /// The targets as classes.
  var classes: [Int32] {
    guard case .classes(let classes) = targets else { preconditionFailure("the loss is of classes") }
    return classes
  }

  /// The targets as numbers.
  var values: Matrix {
    guard case .values(let values) = targets else { preconditionFailure("the loss is of numbers") }
    return values
  }

  /// The targets as label sequences of the shard's rows.
  var labels: LabelledSequences {
    guard case .sequences(let sequences) = targets, case .tokens(let labels) = sequences.steps else {
      preconditionFailure("the loss is of label sequences")
    }
    return LabelledSequences(
      starts: shard.layout.starts, lengths: shard.layout.lengths, labels: labels, offsets: sequences.offsets)
  }
}
