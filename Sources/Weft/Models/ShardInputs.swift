import KernelInterface

/// What a shard's rows feed to the model, a row a position.
package enum ShardInputs {
  case tokens([Int32])
  /// `[positions, features]`.
  case features(Matrix)
}

/// What a shard's outputs are compared with, a row an output: a position, or a sequence.
package enum ShardTargets {
  /// A class for each output; negative means that the output does not count.
  case classes([Int32])
  /// `[outputs, features]`; NaN where missing.
  case values(Matrix)
  /// Labels for each sequence, which the outputs of all its steps are compared with.
  case labels(LabelledSequences)
}
