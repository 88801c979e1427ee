import WeftConfiguration

/// The rule that updates the parameters.
public struct OptimizerConfiguration: Equatable, Sendable {
  /// The rule.
  public var kind = OptimizerKind.adam
  /// The learning rate at the schedule's full height.
  public var learningRate = 0.001
  /// Share of the last update that SGD repeats.
  public var momentum = 0.0
  /// Whether SGD looks ahead along its momentum.
  public var nesterov = false
  /// Decay of Adam's mean gradient.
  public var beta1 = 0.9
  /// Decay of Adam's mean squared gradient.
  public var beta2 = 0.999
  /// Added to the denominator of adaptive rules.
  public var epsilon = 1e-8
  /// Decay of RMSProp's mean squared gradient.
  public var decay = 0.99
  /// Share of a parameter's value that counts as gradient, or is taken off at each step (AdamW).
  public var weightDecay = 0.0
  /// The parameters that decay.
  public var decayGroups = DecayGroups.weights

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<OptimizerConfiguration>] = [
    ConfigurationKey("kind", \.kind, "The rule."),
    ConfigurationKey(
      "learning_rate", \.learningRate, .above(0),
      "The learning rate; the schedule multiplies it."),
    ConfigurationKey(
      "momentum", \.momentum, .from(0, below: 1),
      "Share of the last update that is repeated; `sgd` only."),
    ConfigurationKey(
      "nesterov", \.nesterov, "Take the gradient ahead, along the momentum; `sgd` only."),
    ConfigurationKey(
      "beta1", \.beta1, .from(0, below: 1),
      "Decay of the mean gradient; `adam` and `adamw`."),
    ConfigurationKey(
      "beta2", \.beta2, .from(0, below: 1),
      "Decay of the mean squared gradient; `adam` and `adamw`."),
    ConfigurationKey(
      "epsilon", \.epsilon, .above(0), "Added to the denominator of adaptive rules."),
    ConfigurationKey(
      "decay", \.decay, .from(0, below: 1),
      "Decay of the mean squared gradient; `rmsprop`."),
    ConfigurationKey(
      "weight_decay", \.weightDecay, .atLeast(0),
      "This share of each parameter is added to its gradient; `adamw` takes it, times the learning rate, off the"
        + " parameter instead."),
    ConfigurationKey(
      "decay_groups", \.decayGroups,
      "The parameters that decay: `weights` leaves biases, normalisation and initial states out."),
  ]
}

/// A rule that updates parameters.
public enum OptimizerKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Stochastic gradient descent, with momentum if asked for.
  case sgd
  /// Steps divided by a running root mean square of the gradient.
  case rmsprop
  /// Steps divided by the root of all squared gradients so far.
  case adagrad
  /// Running mean divided by a running root mean square, both corrected for their start.
  case adam
  /// Adam with weight decay apart from the gradient.
  case adamw
}

/// The parameters that weight decay applies to.
public enum DecayGroups: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Matrices alone.
  case weights
  /// Everything.
  case all
}
