extension Configuration {
  /// Something that one key demands of another.
  struct Rule: Sendable {
    /// The key to blame.
    let path: String
    let complaint: String
    let isBroken: @Sendable (Configuration) -> Bool

    init(_ path: String, _ complaint: String, when isBroken: @escaping @Sendable (Configuration) -> Bool) {
      self.path = path
      self.complaint = complaint
      self.isBroken = isBroken
    }
  }

  static let rules = [
    Rule("training", "needs 'epochs' or 'steps'") { $0.training.epochs == nil && $0.training.steps == nil },
    Rule("data.lengths", "cannot go with 'offsets'") { $0.data.lengths != nil && $0.data.offsets != nil },
    Rule("training.carry_state", "needs 'data.window'") { $0.training.carryState && $0.data.window == nil },
    Rule("training.carry_state", "cannot go with 'model.bidirectional'") {
      $0.training.carryState && $0.model.isBidirectional
    },
    Rule("model.tie_weights", "needs 'embedding' equal to 'hidden'") {
      $0.model.tieWeights && $0.model.embedding != $0.model.hidden
    },
    Rule("model.tie_weights", "cannot go with 'bidirectional'") {
      $0.model.tieWeights && $0.model.isBidirectional
    },
    Rule("loss.label_smoothing", "needs 'kind: cross-entropy'") {
      $0.loss.labelSmoothing > 0 && $0.loss.kind != .crossEntropy
    },
    Rule("loss.blank", "needs 'kind: ctc'") {
      $0.loss.blank != nil && $0.loss.kind != .temporalClassification
    },
    Rule("loss.quantiles", "must be levels above 0 and below 1, in ascending order") {
      let levels = $0.loss.quantiles
      return levels.isEmpty || !levels.allSatisfy { $0 > 0 && $0 < 1 }
        || !zip(levels, levels.dropFirst()).allSatisfy { $0 < $1 }
    },
    Rule("loss.kind", "'ctc' needs 'model.output: every-step'") {
      $0.loss.kind == .temporalClassification && $0.model.output != .everyStep
    },
    Rule("optimizer.momentum", "needs 'kind: sgd'") {
      $0.optimizer.momentum > 0 && $0.optimizer.kind != .sgd
    },
    Rule("optimizer.nesterov", "needs 'momentum' above 0") {
      $0.optimizer.nesterov && $0.optimizer.momentum == 0
    },
    Rule("schedule.step_every", "required by 'kind: step' and 'kind: exponential'") {
      [.step, .exponential].contains($0.schedule.kind) && $0.schedule.stepEvery == nil
    },
    Rule("schedule.minimum", "exceeds 'optimizer.learning_rate'") {
      $0.schedule.minimum > $0.optimizer.learningRate
    },
  ]

  /// Throws the first demand of one key on another that does not hold.
  ///
  /// Reading a configuration does this already; one that was put together in code needs it.
  public func validate() throws(WeftError) {
    if let rule = Self.rules.first(where: { $0.isBroken(self) }) {
      throw .failure("\(rule.path): \(rule.complaint)")
    }
  }
}
