import WeftBase

/// Requirements of a task on its data.
package struct DataRequirements: Sendable, Equatable {
  /// Kind of targets.
  package enum Targets: Sendable, Equatable {
    /// One class per step or sequence.
    ///
    /// - Parameter count: Configured number of classes, for files that do not name them.
    case classes(count: Int?)
    /// Label sequences that are not aligned to the steps.
    ///
    /// - Parameters:
    ///   - count: Configured number of labels, for files that do not name them.
    ///   - blank: Index of the CTC blank; nil for one after all classes.
    case labels(count: Int?, blank: Int?)
    /// Token sequences of the target vocabulary, for a decoder.
    case targetTokens
    /// Values, optionally restricted to a range.
    case values(ClosedRange<Float>?)
    /// The reversed inputs.
    case reversedInputs
  }

  package var targets: Targets
  /// The configured loss, for error messages.
  package var lossName: String
  /// Whether there is one output per step, rather than per sequence.
  package var hasOutputPerStep: Bool
  /// Rows per minibatch.
  package var batch: Int
  /// Seed of the order of the training data.
  package var seed: UInt64
  /// Whether rows of a stream continue those of the previous minibatch.
  package var carriesState: Bool
  /// Minibatches after which carried states are reset; 0 for never.
  package var resetEvery: Int?
  /// Whether data without targets are an error.
  package var needsTargets = true

  package init(
    targets: Targets, lossName: String, hasOutputPerStep: Bool, batch: Int, seed: UInt64,
    carriesState: Bool = false, resetEvery: Int? = nil
  ) {
    self.targets = targets
    self.lossName = lossName
    self.hasOutputPerStep = hasOutputPerStep
    self.batch = batch
    self.seed = seed
    self.carriesState = carriesState
    self.resetEvery = resetEvery
  }

  /// Whether targets are sequences of independent length.
  var wantsTargetSequences: Bool {
    switch targets {
    case .labels, .targetTokens: true
    case .classes, .values, .reversedInputs: false
    }
  }

  /// Whether targets are classes, of which there may be names.
  var wantsClasses: Bool {
    switch targets {
    case .classes, .labels: true
    case .targetTokens, .values, .reversedInputs: false
    }
  }

  /// Whether targets may be scaled: labels of 0 and 1 and counts stay what they are.
  var scalesTargets: Bool {
    if case .values(.some) = targets { false } else { true }
  }

  /// Whether targets are integers.
  var wantsTokens: Bool {
    switch targets {
    case .classes, .labels, .targetTokens: true
    case .values, .reversedInputs: false
    }
  }
}
