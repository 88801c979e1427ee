import WeftConfiguration

/// How long and in what portions to train, and what to record.
public struct TrainingConfiguration: Equatable, Sendable {
  /// Sequences in a minibatch.
  public var batch = 64
  /// Parts of a minibatch whose gradients are summed apart.
  public var lanes = 16
  /// Passes over the training data.
  public var epochs: Int?
  /// Optimizer steps.
  public var steps: Int?
  /// MiB for the activations of a minibatch; 0 for no limit.
  public var memoryBudget = 0
  /// Where all random numbers come from.
  public var seed: UInt64 = 1
  /// Whether a window of a stream begins in the state that the one before it ended in.
  public var carryState = false
  /// Windows after which carried states begin anew; 0 for never within an epoch.
  public var resetStateEvery = 0
  /// Greatest norm of the whole gradient; 0 for no limit.
  public var clipNorm = 0.0
  /// Greatest magnitude of a gradient's element; 0 for no limit.
  public var clipValue = 0.0
  /// The validation metric that decides which checkpoint is the best; nil for the job's own.
  public var metric: String?
  /// Evaluations without improvement before training ends; 0 for never.
  public var earlyStoppingPatience = 0
  /// Steps between evaluations; 0 for one at the end of each epoch.
  public var evaluateEvery = 0
  /// Steps between checkpoints; 0 for one at each evaluation.
  public var checkpointEvery = 0
  /// Newest checkpoints kept besides the best.
  public var keep = 3
  /// What to do when a loss, gradient or weight is no longer a finite number.
  public var onDivergence = DivergenceResponse.stop
  /// What a rollback multiplies learning rates by.
  public var rollbackFactor = 0.5
  /// Rollbacks after which a run gives up.
  public var rollbacks = 3
  /// Steps between records of how gradients flow through time; 0 for none.
  public var gradientFlowEvery = 0
  /// Decay of the moving average of the parameters; 0 for no average.
  public var averageDecay = 0.0
  /// Steps between lines of the metrics.
  public var logEvery = 50
  /// Whether events for TensorBoard are written.
  public var tensorboard = true

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<TrainingConfiguration>] = [
    ConfigurationKey("batch", \.batch, .atLeast(1), "Sequences in a minibatch."),
    ConfigurationKey(
      "lanes", \.lanes, .from(1, atMost: 65536),
      "Parts of a minibatch whose gradients are summed apart and then in a fixed order; at most this many"
        + " threads can share a step. The result depends on it, but never on the threads."),
    ConfigurationKey(
      "epochs", \.epochs, .atLeast(1),
      "Passes over the training data. With `steps` as well, whichever ends first."),
    ConfigurationKey("steps", \.steps, .atLeast(1), "Optimizer steps."),
    ConfigurationKey(
      "memory_budget", \.memoryBudget, .atLeast(0),
      "MiB for the activations of a minibatch. Longer sequences are run in segments, with the same gradient, in 4/3"
        + " of the time; not with `bidirectional`. 0 for no limit."),
    ConfigurationKey("seed", \.seed, "Where all random numbers come from."),
    ConfigurationKey(
      "carry_state", \.carryState,
      "Begin a window of a stream in the state that the one before it ended in (truncated back-propagation"
        + " through time); otherwise each window begins anew."),
    ConfigurationKey(
      "reset_state_every", \.resetStateEvery, .atLeast(0),
      "Windows after which carried states begin anew; 0 for never within an epoch. Cell states that are never reset"
        + " drift without bound, and a model that relies on them does worse from a fresh start."),
    ConfigurationKey(
      "clip_norm", \.clipNorm, .atLeast(0),
      "Scale the gradient down to this norm, taken over all parameters; 0 never does."),
    ConfigurationKey(
      "clip_value", \.clipValue, .atLeast(0),
      "Limit the magnitude of each gradient element, before its norm; 0 never does."),
    ConfigurationKey(
      "metric", \.metric,
      "What decides which checkpoint is the best, early stopping and the plateau schedule: `loss`, or a metric that"
        + " the job measures on the validation split, such as `accuracy`. Left out: the job's own."),
    ConfigurationKey(
      "early_stopping_patience", \.earlyStoppingPatience, .atLeast(0),
      "End training after this many evaluations without a better one; 0 never does."),
    ConfigurationKey(
      "evaluate_every", \.evaluateEvery, .atLeast(0),
      "Steps between evaluations on the validation split; 0 for one at the end of each epoch."),
    ConfigurationKey(
      "checkpoint_every", \.checkpointEvery, .atLeast(0), changesResult: false,
      "Steps between checkpoints; 0 for one at each evaluation."),
    ConfigurationKey(
      "keep", \.keep, .atLeast(1), changesResult: false,
      "Newest checkpoints kept, besides the best."),
    ConfigurationKey(
      "on_divergence", \.onDivergence, changesResult: false,
      "When the loss, a gradient or a weight is no finite number: `stop` ends the run with a diagnosis, `rollback`"
        + " goes back to the newest checkpoint and on from there at a smaller learning rate."),
    ConfigurationKey(
      "rollback_factor", \.rollbackFactor, .above(0, atMost: 1), changesResult: false,
      "What a rollback multiplies all later learning rates by."),
    ConfigurationKey(
      "rollbacks", \.rollbacks, .atLeast(1), changesResult: false,
      "Rollbacks in a run after which it stops all the same."),
    ConfigurationKey(
      "gradient_flow_every", \.gradientFlowEvery, .atLeast(0), changesResult: false,
      "Steps between records of the gradient's norm by layer and time step; 0 for none."),
    ConfigurationKey(
      "average_decay", \.averageDecay, .from(0, below: 1),
      "Keep a moving average of the parameters with this decay, and evaluate it; 0 for no average."),
    ConfigurationKey(
      "log_every", \.logEvery, .atLeast(1), changesResult: false,
      "Steps between lines of the metrics."),
    ConfigurationKey(
      "tensorboard", \.tensorboard, changesResult: false,
      "Write events for TensorBoard into the run's folder: numbers with each line of the metrics; histograms, the"
        + " gradient flow and sample texts at up to 50 evaluations."),
  ]
}

/// What a run does when it has diverged.
public enum DivergenceResponse: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Ends with a diagnosis.
  case stop
  /// Goes back to the newest checkpoint, and on at a smaller learning rate.
  case rollback
}
