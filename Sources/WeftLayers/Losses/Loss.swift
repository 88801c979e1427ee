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
  /// The weight of each class; empty for 1. Cross-entropy only.
  package var classWeights: [Float] = []
  /// The weight of positive targets, one for all or one for each value of an output; empty for 1. Binary cross-entropy
  /// only.
  package var positiveWeights: [Float] = []
  /// γ of the focal loss; 0 for none. Cross-entropies only.
  package var focus: Float = 0
  /// Error beyond which the Huber loss is linear.
  package var huberThreshold: Float = 1
  /// Power p of the mean to which the variance of a Tweedie distribution is proportional.
  package var tweediePower: Float = 1.5
  /// Whether the weights of targets count.
  private var isWeighted = true

  package init(
    kind: LossType, labelSmoothing: Float = 0, blank: Int? = nil, quantiles: [Float] = [0.1, 0.5, 0.9]
  ) {
    self.kind = kind
    self.labelSmoothing = labelSmoothing
    self.blank = blank
    self.quantiles = quantiles
  }

  /// The loss of a configuration.
  package init(_ configuration: LossConfiguration) {
    self.init(
      kind: configuration.kind, labelSmoothing: Float(configuration.labelSmoothing),
      blank: configuration.blank, quantiles: configuration.quantiles.map { Float($0) })
    classWeights = configuration.classWeights?.values?.map { Float($0) } ?? []
    positiveWeights = configuration.positiveWeight?.values?.map { Float($0) } ?? []
    focus = Float(configuration.focalGamma)
    huberThreshold = Float(configuration.huberDelta)
    tweediePower = Float(configuration.tweediePower)
  }

  /// The loss for evaluation: without label smoothing, weights and focus, which are only for training.
  package var unsmoothed: Loss {
    var loss = self
    (loss.labelSmoothing, loss.focus) = (0, 0)
    (loss.classWeights, loss.positiveWeights) = ([], [])
    loss.isWeighted = false
    return loss
  }

  /// The levels of quantiles as they are written, such as 0.1.
  package var quantileLevels: [Double] { quantiles.map { Double("\($0)") ?? Double($0) } }

  /// Whether targets are classes rather than values.
  package var wantsClasses: Bool { kind.targets == .classes }
  /// Whether targets are label sequences of independent length.
  package var wantsLabels: Bool { kind.targets == .labels }
  /// Outputs per target value, in as many blocks.
  package var outputsPerTarget: Int { kind.outputsPerTarget(self) }

  /// Outputs per target.
  package func outputs(for target: StepKind) -> Int {
    switch target {
    case .tokens(let classes): kind.outputsForClasses(self, classes)
    case .features(let width): outputsPerTarget * width
    }
  }

  /// Computes the loss of every output, and replaces the outputs by their gradients.
  ///
  /// - Parameters:
  ///   - outputs: `[n, outputs]`; overwritten by scale · ∂loss/∂output.
  ///   - scale: Factor of the gradient: 1 / (counted outputs of the whole minibatch).
  ///   - losses: `[1, n]`, receives the loss of each output; 0 for ignored ones. With label sequences `[1, sequences]`.
  ///   - weights: The weight of each output; nil for 1.
  ///   - correct: `[1, n]`, receives 1 where the argmax of the output is the target class; classes only.
  package func evaluate(
    outputs: Matrix, targets: Targets<Matrix>, scale: Float, losses: Matrix, weights: [Float]? = nil,
    correct: Matrix, _ shard: Shard
  ) {
    kind.evaluate(
      self,
      LossPass(
        outputs: outputs, targets: targets, scale: scale, losses: losses, correct: correct, shard: shard))
    var weights = isWeighted ? weights : nil
    if !classWeights.isEmpty, case .classes(let classes) = targets {
      let own = classes.map { $0 < 0 ? 0 : classWeights[Int($0)] }
      weights = weights.map { zip($0, own).map(*) } ?? own
    }
    let focus = wantsClasses ? focus : 0
    if weights == nil, focus == 0 { return }
    shard.kernels.weightLosses(
      losses, gradients: scale == 0 ? nil : outputs,
      weights: weights ?? [Float](repeating: 1, count: outputs.rows), focus: focus)
  }

  /// The predicted distribution of each target value.
  ///
  /// - Parameter outputs: One block per distribution parameter, with one value per target.
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

  /// Operands of the kernels of regression losses.
  var operands: LossOperands {
    LossOperands(
      predictions: outputs, targets: values, width: values.columns, gradientScale: scale, losses: losses)
  }

  /// The targets as classes.
  var classes: [Int32] {
    guard case .classes(let classes) = targets else { preconditionFailure("the loss is of classes") }
    return classes
  }

  /// The targets as values.
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
