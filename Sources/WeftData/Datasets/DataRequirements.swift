import WeftBase

/// What a task asks of its data.
package struct DataRequirements: Sendable, Equatable {
  /// What outputs are compared with.
  package enum Targets: Sendable, Equatable {
    /// A class for each step or sequence.
    ///
    /// - Parameter count: Number of classes as configured, for files that do not name them.
    case classes(count: Int?)
    /// Labels of sequences that are not aligned to their steps.
    ///
    /// - Parameters:
    ///   - count: Number of labels as configured, for files that do not name them.
    ///   - blank: A class that is no label; nil for one after all classes.
    case labels(count: Int?, blank: Int?)
    /// Sequences of tokens of the file's target vocabulary, which are to be written.
    case writtenTokens
    /// Numbers, in a range if not any.
    case values(ClosedRange<Float>?)
    /// The inputs themselves, backward.
    case reversedInputs
  }

  package var targets: Targets
  /// The configured loss, for error messages.
  package var lossName: String
  /// Whether there is an output for every step, rather than one for every sequence.
  package var hasOutputPerStep: Bool
  /// Rows of a minibatch.
  package var batch: Int
  /// Seed of the order of training data.
  package var seed: UInt64
  /// Whether rows of a stream go on where those of the minibatch before ended.
  package var carriesState: Bool
  /// Minibatches after which carried states are reset; 0 for never.
  package var resetEvery: Int

  package init(
    targets: Targets, lossName: String, hasOutputPerStep: Bool, batch: Int, seed: UInt64,
    carriesState: Bool = false, resetEvery: Int = 0
  ) {
    self.targets = targets
    self.lossName = lossName
    self.hasOutputPerStep = hasOutputPerStep
    self.batch = batch
    self.seed = seed
    self.carriesState = carriesState
    self.resetEvery = resetEvery
  }

  /// Whether targets are sequences with lengths of their own.
  var wantsTargetSequences: Bool {
    switch targets {
    case .labels, .writtenTokens: true
    case .classes, .values, .reversedInputs: false
    }
  }

  /// Whether targets are integers.
  var wantsTokens: Bool {
    switch targets {
    case .classes, .labels, .writtenTokens: true
    case .values, .reversedInputs: false
    }
  }
}
