import KernelInterface
import WeftBase
import WeftTensor

/// An optimizer's rule and what it remembers: moments and, if wanted, the moving average of the parameters, all
/// flat arrays of the parameters' layout or, where ranks share the parameters, of this rank's places in it.
package final class Optimizer {
  package let configuration: OptimizerConfiguration
  private let rule: OptimizerRule
  /// Decay of the moving average; 0 for none.
  package let averageDecay: Double
  /// Steps made.
  package private(set) var steps: Int
  package let firstMoments: Tensor?
  package let secondMoments: Tensor?
  package let average: Tensor?
  /// The places of the parameters that it updates, whose state lies one after the other.
  package let places: [Range<Int>]
  /// Runs of parameters with the same weight decay, in order.
  package let groups: [(range: Range<Int>, decays: Bool)]

  /// - Parameter places: Of the flat parameters, those to update; nil for all.
  package init(
    _ configuration: OptimizerConfiguration, averageDecay: Double, parameters: Tensor,
    layout: ParameterLayout,
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
    if averageDecay > 0 {
      let average = Tensor(rows: 1, columns: count)
      average.values = parameters.elements(at: places)
      self.average = average
    } else {
      average = nil
    }
    groups = Optimizer.groups(layout, all: configuration.decayGroups == .all)
  }

  /// The state by name, for checkpoints.
  package var tensors: [(name: String, tensor: Tensor)] {
    [("first_moments", firstMoments), ("second_moments", secondMoments), ("average", average)].compactMap {
      name, tensor in tensor.map { (name, $0) }
    }
  }

  /// Goes on after that many steps; the tensors must have been restored.
  package func restore(steps: Int) { self.steps = steps }

  /// The next step's numbers, for parameters that decay and for those that do not. Counts the step.
  ///
  /// - Parameter gradientScale: What gradients are multiplied by, from clipping by norm.
  package func nextStep(
    learningRate: Double, gradientScale: Float
  ) -> (decaying: OptimizerStep, other: OptimizerStep) {
    steps += 1
    func step(weightDecay: Double) -> OptimizerStep {
      OptimizerStep(
        rule: rule, number: steps, learningRate: learningRate, weightDecay: weightDecay,
        gradientScale: gradientScale, averageDecay: averageDecay > 0 ? averageDecay : nil)
    }
    return (step(weightDecay: configuration.weightDecay), step(weightDecay: 0))
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

  private static func groups(_ layout: ParameterLayout, all: Bool) -> [(range: Range<Int>, decays: Bool)] {
    var groups: [(range: Range<Int>, decays: Bool)] = []
    for parameter in layout.parameters {
      let range = parameter.offset..<parameter.offset + VectorWidth.padded(parameter.count)
      let decays = all || parameter.isWeight
      if let last = groups.last, last.decays == decays {
        groups[groups.count - 1].range = last.range.lowerBound..<range.upperBound
      } else {
        groups.append((range, decays))
      }
    }
    return groups
  }
}
