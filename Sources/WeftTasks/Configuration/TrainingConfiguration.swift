import WeftConfiguration

/// Length of training, minibatches, evaluation and logging.
public struct TrainingConfiguration: Equatable, Sendable {
  /// Sequences per minibatch.
  public var batch = 64
  /// Lanes: fixed shares of a minibatch's rows whose gradients are summed separately and combined in a fixed order.
  public var lanes = 16
  /// Maximum passes over the training data; with `steps`, whichever is reached first.
  public var epochs: Int?
  /// Maximum optimizer steps.
  public var steps: Int?
  /// MiB for the activations of a minibatch.
  public var memoryBudget: Int?
  /// Version of the defaults in documents: 1, as until version 0.1 of Weft, or 2.
  public var defaults = 2
  /// Random seed.
  public var seed: UInt64 = 1
  /// Start each window from the final state of the previous one (truncated backpropagation through time); otherwise
  /// from the initial state.
  public var carryState = false
  /// Reset carried states after this many windows.
  public var resetStateEvery: Int?
  /// Parameters that are not trained, such as `[embedding, layer0]`.
  public var freeze: [String] = []
  /// Clip the global gradient norm to this value.
  public var clipNorm: Double?
  /// Clip each gradient element to this magnitude, before the norm.
  public var clipValue: Double?
  /// Selection metric for the best checkpoint, early stopping and the plateau schedule.
  public var metric: String?
  /// Stop after this many evaluations without improvement.
  public var earlyStoppingPatience: Int?
  /// Steps between validation evaluations.
  public var evaluateEvery: Int?
  /// Steps between checkpoints.
  public var checkpointEvery: Int?
  /// Number of newest checkpoints to keep in addition to the best.
  public var keep = 3
  /// Response to a non-finite loss, gradient or weight.
  public var onDivergence = DivergenceResponse.stop
  /// Learning-rate factor after a rollback.
  public var rollbackFactor = 0.5
  /// Maximum number of rollbacks; after that, the run stops.
  public var rollbacks = 3
  /// Steps between records of the gradient norm by layer and time step.
  public var gradientFlowEvery: Int?
  /// Decay of a moving average of the parameters, which is then evaluated.
  public var averageDecay: Double?
  /// Steps between lines in the metrics file.
  public var logEvery = 50
  /// Write TensorBoard events into the run's folder.
  public var tensorboard = true

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<TrainingConfiguration>] = [
    ConfigurationKey("batch", \.batch, .atLeast(1), "Sequences per minibatch."),
    ConfigurationKey(
      "lanes", \.lanes, .from(1, atMost: 65536),
      "Lanes: fixed shares of a minibatch's rows whose gradients are summed separately and combined in"
        + " a fixed order. At most this many threads can share a step. The result depends on it, but not on"
        + " the number of threads."),
    ConfigurationKey(
      "epochs", \.epochs, .atLeast(1),
      "Maximum passes over the training data; with `steps`, whichever is reached first."),
    ConfigurationKey("steps", \.steps, .atLeast(1), "Maximum optimizer steps."),
    ConfigurationKey(
      offAtZero: "memory_budget", \.memoryBudget, .atLeast(0), off: "no limit",
      "MiB for the activations of a minibatch. Longer sequences are processed in segments, with the same"
        + " gradient in 4/3 of the time; not with `bidirectional`."),
    ConfigurationKey(
      "defaults", \.defaults, .from(1, atMost: 2),
      "Version of the defaults in documents: 1, as until version 0.1 of Weft, or 2, by which embeddings start as in"
        + " PyTorch ([workflow](workflow.md#defaults)). A configuration that names its version keeps its results."
    ),
    ConfigurationKey("seed", \.seed, "Random seed."),
    ConfigurationKey(
      "carry_state", \.carryState,
      "Start each window from the final state of the previous one (truncated backpropagation through"
        + " time); otherwise from the initial state."),
    ConfigurationKey(
      offAtZero: "reset_state_every", \.resetStateEvery, .atLeast(0), off: "only at the start of an epoch",
      "Reset carried states after this many windows. Cell states"
        + " that are never reset drift without bound, and a model that relies on them performs worse from"
        + " the initial state."),
    ConfigurationKey(
      "freeze", \.freeze,
      "Parameters that are not trained, such as `[embedding, layer0]`: all whose path in a checkpoint starts so."
    ),
    ConfigurationKey(
      offAtZero: "clip_norm", \.clipNorm, .atLeast(0), off: "no clipping",
      "Clip the global gradient norm to this value."),
    ConfigurationKey(
      offAtZero: "clip_value", \.clipValue, .atLeast(0), off: "no clipping",
      "Clip each gradient element to this magnitude, before the norm."),
    ConfigurationKey(
      "metric", \.metric,
      "Selection metric for the best checkpoint, early stopping and the plateau schedule: `loss`, or a"
        + " validation metric of the task, such as `accuracy`. (default: the task's)"),
    ConfigurationKey(
      offAtZero: "early_stopping_patience", \.earlyStoppingPatience, .atLeast(0), off: "never",
      "Stop after this many evaluations without improvement."),
    ConfigurationKey(
      offAtZero: "evaluate_every", \.evaluateEvery, .atLeast(0), off: "one at the end of each epoch",
      "Steps between validation evaluations."),
    ConfigurationKey(
      offAtZero: "checkpoint_every", \.checkpointEvery, .atLeast(0), off: "one at each evaluation",
      changesResult: false,
      "Steps between checkpoints."),
    ConfigurationKey(
      "keep", \.keep, .atLeast(1), changesResult: false,
      "Number of newest checkpoints to keep in addition to the best."),
    ConfigurationKey(
      "on_divergence", \.onDivergence, changesResult: false,
      "Response to a non-finite loss, gradient or weight: `stop` ends the run with a diagnosis;"
        + " `rollback` returns to the newest checkpoint and continues with a smaller learning rate."),
    ConfigurationKey(
      "rollback_factor", \.rollbackFactor, .above(0, atMost: 1), changesResult: false,
      "Learning-rate factor after a rollback."),
    ConfigurationKey(
      "rollbacks", \.rollbacks, .atLeast(1), changesResult: false,
      "Maximum number of rollbacks; after that, the run stops."),
    ConfigurationKey(
      offAtZero: "gradient_flow_every", \.gradientFlowEvery, .atLeast(0), off: "no records",
      changesResult: false,
      "Steps between records of the gradient norm by layer and time step."),
    ConfigurationKey(
      offAtZero: "average_decay", \.averageDecay, .from(0, below: 1), off: "no average",
      "Decay of a moving average of the parameters, which is then evaluated."),
    ConfigurationKey(
      "log_every", \.logEvery, .atLeast(1), changesResult: false,
      "Steps between lines in the metrics file."),
    ConfigurationKey(
      "tensorboard", \.tensorboard, changesResult: false,
      "Write TensorBoard events into the run's folder: scalars with each line of the metrics;"
        + " histograms, gradient flow and sample texts at up to 50 evaluations."),
  ]
}

/// Response to a divergence.
public enum DivergenceResponse: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// End the run with a diagnosis.
  case stop
  /// Return to the newest checkpoint and continue with a smaller learning rate.
  case rollback
}
