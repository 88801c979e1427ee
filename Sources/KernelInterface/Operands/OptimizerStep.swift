/// An update rule with its constants. Definitions are PyTorch's.
package enum OptimizerRule: Sendable, Hashable {
  /// b = momentum·b + g; p −= η·b, or η·(g + momentum·b) with Nesterov's momentum. b is the first moment.
  case sgd(momentum: Double, nesterov: Bool)
  /// v = decay·v + (1 − decay)·g²; p −= η·g / (√v + ε). v is the second moment.
  case rmsProp(decay: Double, epsilon: Double)
  /// v = v + g²; p −= η·g / (√v + ε). v is the second moment.
  case adagrad(epsilon: Double)
  /// m = β₁·m + (1 − β₁)·g; v = β₂·v + (1 − β₂)·g²; p −= η·m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and
  /// v̂ = v / (1 − β₂ᵗ).
  case adam(beta1: Double, beta2: Double, epsilon: Double)
  /// Adam with decoupled weight decay: p is multiplied by 1 − η·weightDecay first.
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

/// Everything that one step of an optimizer needs to know beside parameters, gradients and moments.
package struct OptimizerStep: Sendable, Hashable {
  /// The update rule.
  package let rule: OptimizerRule
  /// η.
  package let learningRate: Double
  /// Added to gradients as weightDecay·p by every rule but AdamW.
  package let weightDecay: Double
  /// Multiplies gradients first: the factor of clipping by norm.
  package let gradientScale: Float
  /// d in average = d·average + (1 − d)·p, after the step; nil if there is no average.
  package let averageDecay: Double?
  /// 1 − β₁ᵗ, 1 for rules other than Adam's.
  package let firstCorrection: Double
  /// 1 − β₂ᵗ, 1 for rules other than Adam's.
  package let secondCorrection: Double

  /// - Parameters:
  ///   - rule: The update rule.
  ///   - number: t, from 1 on.
  ///   - learningRate: η.
  ///   - weightDecay: Coupled (L2), for AdamW decoupled.
  ///   - gradientScale: Factor of the gradients.
  ///   - averageDecay: Decay of the parameters' exponential moving average.
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
