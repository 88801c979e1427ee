/// An update rule with its constants. The equations are PyTorch's; they stand above the kernel.
package enum OptimizerRule: Sendable, Hashable {
  /// Stochastic gradient descent, with classical or Nesterov momentum, kept as the first moment.
  case sgd(momentum: Double, nesterov: Bool)
  /// Gradients divided by the root of a moving average of their squares.
  case rmsProp(decay: Double, epsilon: Double)
  /// Gradients divided by the root of the sum of their squares.
  case adagrad(epsilon: Double)
  /// Bias-corrected moving averages of gradients, divided by the root of those of their squares.
  case adam(beta1: Double, beta2: Double, epsilon: Double)
  /// Adam with decoupled weight decay.
  case adamW(beta1: Double, beta2: Double, epsilon: Double)

  /// Whether the rule keeps a first moment.
  package var needsFirstMoments: Bool {
    switch self {
    case .sgd(let momentum, _): momentum != 0
    case .rmsProp, .adagrad: false
    case .adam, .adamW: true
    }
  }

  /// Whether the rule keeps a second moment.
  package var needsSecondMoments: Bool {
    if case .sgd = self { false } else { true }
  }
}

/// The constants of one optimizer step.
package struct OptimizerStep: Sendable, Hashable {
  /// The update rule.
  package let rule: OptimizerRule
  /// η.
  package let learningRate: Double
  /// λ: coupled, as λ·p added to gradients; decoupled in AdamW.
  package let weightDecay: Double
  /// Factor of the gradients, from clipping by norm.
  package let gradientScale: Float
  /// Decay d of the parameters' moving average; nil without an average.
  package let averageDecay: Double?
  /// Adam's bias correction 1 − β₁ᵗ; 1 for other rules.
  package let firstCorrection: Double
  /// Adam's bias correction 1 − β₂ᵗ; 1 for other rules.
  package let secondCorrection: Double

  /// - Parameters:
  ///   - rule: The update rule.
  ///   - number: t, counted from 1.
  ///   - learningRate: η.
  ///   - weightDecay: λ.
  ///   - gradientScale: Factor of the gradients.
  ///   - averageDecay: d.
  package init(
    rule: OptimizerRule, number: Int, learningRate: Double, weightDecay: Double = 0, gradientScale: Float = 1,
    averageDecay: Double? = nil
  ) {
    precondition(number >= 1)
    self.rule = rule
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.gradientScale = gradientScale
    self.averageDecay = averageDecay
    switch rule {
    case .adam(let beta1, let beta2, _), .adamW(let beta1, let beta2, _):
      firstCorrection = 1 - Self.power(beta1, number)
      secondCorrection = 1 - Self.power(beta2, number)
    case .sgd, .rmsProp, .adagrad:
      firstCorrection = 1
      secondCorrection = 1
    }
  }

  /// base^exponent by squaring: the same bits on every platform.
  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = 1.0
    var square = base
    var remaining = exponent
    while remaining > 0 {
      if remaining & 1 == 1 { result *= square }
      square *= square
      remaining >>= 1
    }
    return result
  }
}
