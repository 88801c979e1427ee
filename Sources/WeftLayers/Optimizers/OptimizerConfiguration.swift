import WeftConfiguration

/// The optimizer.
public struct OptimizerConfiguration: Equatable, Sendable {
  /// The optimizer.
  public var kind = OptimizerKind.adam
  /// Base learning rate, scaled by the schedule.
  public var learningRate = 0.001
  /// Factors of the learning rate of some parameters, such as `{embedding: 0.1, layer0: 0.5}`.
  public var rateFactors = NamedFactors()
  /// Momentum; `sgd` only.
  public var momentum = 0.0
  /// Use Nesterov momentum; `sgd` only.
  public var nesterov = false
  /// Decay rate of the first moment; `adam` and `adamw`.
  public var beta1 = 0.9
  /// Decay rate of the second moment; `adam` and `adamw`.
  public var beta2 = 0.999
  /// ε, added to the denominator of adaptive optimizers.
  public var epsilon = 1e-8
  /// Decay rate of the mean squared gradient; `rmsprop`.
  public var decay = 0.99
  /// Weight decay.
  public var weightDecay = 0.0
  /// Parameters to decay.
  public var decayGroups = DecayGroups.weights

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<OptimizerConfiguration>] = [
    ConfigurationKey("kind", \.kind, "The optimizer."),
    ConfigurationKey(
      "learning_rate", \.learningRate, .above(0),
      "Base learning rate, scaled by the schedule."),
    ConfigurationKey(
      "rate_factors", \.rateFactors,
      "Factors of the learning rate of some parameters, such as `{embedding: 0.1, layer0: 0.5}`: of all whose path"
        + " in a checkpoint starts so."),
    ConfigurationKey("momentum", \.momentum, .from(0, below: 1), "Momentum; `sgd` only."),
    ConfigurationKey("nesterov", \.nesterov, "Use Nesterov momentum; `sgd` only."),
    ConfigurationKey(
      "beta1", \.beta1, .from(0, below: 1),
      "Decay rate of the first moment; `adam` and `adamw`."),
    ConfigurationKey(
      "beta2", \.beta2, .from(0, below: 1),
      "Decay rate of the second moment; `adam` and `adamw`."),
    ConfigurationKey(
      "epsilon", \.epsilon, .above(0),
      "ε, added to the denominator of adaptive optimizers."),
    ConfigurationKey(
      "decay", \.decay, .from(0, below: 1),
      "Decay rate of the mean squared gradient; `rmsprop`."),
    ConfigurationKey(
      "weight_decay", \.weightDecay, .atLeast(0),
      "Weight decay: this fraction of each parameter is added to its gradient (an L2 penalty); `adamw`"
        + " subtracts it from the parameter instead, times the learning rate."),
    ConfigurationKey(
      "decay_groups", \.decayGroups,
      "Parameters to decay: `weights` excludes biases, normalization and initial states."),
  ]
}

/// An optimizer.
public enum OptimizerKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Stochastic gradient descent, optionally with momentum.
  case sgd
  /// Gradient divided by the running root mean square of gradients.
  case rmsprop
  /// Gradient divided by the root of the sum of all squared gradients.
  case adagrad
  /// Running mean of gradients divided by their running root mean square, both bias-corrected.
  case adam
  /// Adam with decoupled weight decay.
  case adamw
}

/// The parameters that weight decay applies to.
public enum DecayGroups: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Weight matrices only.
  case weights
  /// All parameters.
  case all
}
