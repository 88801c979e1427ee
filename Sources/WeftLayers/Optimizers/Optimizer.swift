import KernelInterface
import WeftBase
import WeftTensor

/// An optimizer and its state: moments and optionally a moving average of the parameters, as flat arrays in the
/// parameter layout, or of this rank's slices of it if ranks share the parameters.
package final class Optimizer {
  package let configuration: OptimizerConfiguration
  private let rule: OptimizerRule
  /// Decay of the moving average; nil for none.
  package let averageDecay: Double?
  /// Number of steps.
  package private(set) var steps: Int
  package let firstMoments: Tensor?
  package let secondMoments: Tensor?
  package let average: Tensor?
  /// The slices of the parameters that it updates; their state is concatenated.
  package let places: [Range<Int>]
  /// Consecutive parameters that are updated alike, in order; frozen ones are in none.
  package let groups: [Group]

  /// Consecutive parameters that are updated alike.
  package struct Group: Sendable, Equatable {
    /// Their range in the flat array.
    package var range: Range<Int>
    let decays: Bool
    /// Factor of the learning rate.
    let factor: Double
  }

  /// - Parameters:
  ///   - factors: Factors of the learning rate of some parameters.
  ///   - places: The slices of the flat parameters to update; nil for all.
  package init(
    _ configuration: OptimizerConfiguration, averageDecay: Double?, parameters: Tensor,
    layout: ParameterLayout, factors: LearningRateFactors = LearningRateFactors(),
    places: [Range<Int>]? = nil
  ) {
    let places = places ?? [0..<layout.count]
    let count = places.elementCount
    self.places = places
    self.configuration = configuration
    self.averageDecay = averageDecay
    steps = 0
    rule = Optimizer.rule(configuration)
    firstMoments = rule.needsFirstMoments ? Tensor(rows: 1, columns: count) : nil
    secondMoments = rule.needsSecondMoments ? Tensor(rows: 1, columns: count) : nil
    if averageDecay != nil {
      let average = Tensor(rows: 1, columns: count)
      average.values = parameters.elements(at: places)
      self.average = average
    } else {
      average = nil
    }
    groups = Optimizer.groups(layout, all: configuration.decayGroups == .all, factors)
  }

  /// The state tensors with their names in checkpoints.
  package var tensors: [(name: String, tensor: Tensor)] {
    [("first_moments", firstMoments), ("second_moments", secondMoments), ("average", average)].compactMap {
      name, tensor in tensor.map { (name, $0) }
    }
  }

  /// Resumes after `steps` steps; the tensors must have been restored.
  package func restore(steps: Int) { self.steps = steps }

  /// Starts the next step: its constants for each of the groups.
  ///
  /// - Parameter gradientScale: Factor of the gradients, from clipping by norm.
  package func nextStep(learningRate: Double, gradientScale: Float) -> [OptimizerStep] {
    steps += 1
    return groups.map { group in
      OptimizerStep(
        rule: rule, number: steps, learningRate: learningRate * group.factor,
        weightDecay: group.decays ? configuration.weightDecay : 0, gradientScale: gradientScale,
        averageDecay: averageDecay)
    }
  }

  private static func rule(_ configuration: OptimizerConfiguration) -> OptimizerRule {
    switch configuration.kind {
    case .sgd: .sgd(momentum: configuration.momentum, nesterov: configuration.nesterov)
    case .rmsprop: .rmsProp(decay: configuration.decay, epsilon: configuration.epsilon)
    case .adagrad: .adagrad(epsilon: configuration.epsilon)
    case .adam: .adam(beta1: configuration.beta1, beta2: configuration.beta2, epsilon: configuration.epsilon)
    case .adamw:
      .adamW(beta1: configuration.beta1, beta2: configuration.beta2, epsilon: configuration.epsilon)
    }
  }

  private static func groups(
    _ layout: ParameterLayout, all: Bool, _ factors: LearningRateFactors
  ) -> [Group] {
    var groups: [Group] = []
    for parameter in layout.parameters {
      let own = Group(
        range: parameter.range, decays: all || parameter.isWeight,
        factor: factors.factor(of: parameter.name))
      if own.factor == 0 { continue }
      if let last = groups.last, last.decays == own.decays, last.factor == own.factor,
        last.range.upperBound == own.range.lowerBound
      {
        groups[groups.count - 1].range = last.range.lowerBound..<own.range.upperBound
      } else {
        groups.append(own)
      }
    }
    return groups
  }
}
