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
    Rule("data.files", "cannot go with 'data.file'") { !$0.data.file.isEmpty && !$0.data.files.isEmpty },
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
    Rule("model.layers", "must be at least 1 unless 'kind' is 'encoder-decoder'") {
      $0.model.layers == 0 && $0.model.kind != .encoderDecoder
    },
    Rule("model.layers", "must be at least 1 without 'decoder.attention'") {
      $0.model.layers == 0 && $0.attention == .none
    },
    Rule("model.memory_span", "needs a gated cell") {
      $0.model.memorySpan != nil && [.tanh, .relu].contains($0.model.cell)
    },
    Rule("decoder", "needs 'model.kind: encoder-decoder' or 'autoencoder'") {
      $0.model.kind == .sequence && $0.decoder != DecoderConfiguration()
    },
    Rule("model.output", "must be 'every-step' unless 'kind' is 'sequence'") {
      $0.model.kind != .sequence && $0.model.output != .everyStep
    },
    Rule("model.tie_weights", "needs 'kind: sequence'; an encoder-decoder has 'decoder.tie_weights'") {
      $0.model.kind != .sequence && $0.model.tieWeights
    },
    Rule("training.carry_state", "needs 'model.kind: sequence'") {
      $0.model.kind != .sequence && $0.training.carryState
    },
    Rule("training.memory_budget", "needs 'model.kind: sequence'") {
      $0.model.kind != .sequence && $0.training.memoryBudget > 0
    },
    Rule("model.initial_state", "must be 'zero' unless 'kind' is 'sequence'") {
      $0.model.kind != .sequence && $0.model.initialState != .zero
    },
    Rule("loss.kind", "must be 'cross-entropy' with 'model.kind: encoder-decoder', which writes tokens") {
      $0.model.kind == .encoderDecoder && $0.loss.kind != .crossEntropy
    },
    Rule("loss.kind", "must be 'squared-error' or 'absolute-error' with 'model.kind: autoencoder'") {
      $0.model.kind == .autoencoder && ![.squaredError, .absoluteError].contains($0.loss.kind)
    },
    Rule("decoder.attention", "must be 'none' in an autoencoder, which would only copy its source") {
      $0.model.kind == .autoencoder && $0.attention != .none
    },
    Rule("decoder.attention_size", "needs 'attention: additive'") {
      $0.decoder.attentionSize != nil && $0.attention != .additive
    },
    Rule("decoder.attention", "'dot' needs 'decoder.hidden' equal to the encoder's outputs; try 'general'") {
      $0.model.kind != .sequence && $0.attention == .dot && $0.model.layers > 0
        && $0.decoderHidden != $0.model.hidden * ($0.model.isBidirectional ? 2 : 1)
    },
    Rule("decoder.bridge", "'copy' needs the encoder's cell and units, and 'model.bidirectional: false'") {
      $0.model.kind != .sequence && $0.decoder.bridge == .copy
        && ($0.model.isBidirectional || $0.decoderHidden != $0.model.hidden || $0.decoderCell != $0.model.cell
          || $0.model.layers == 0)
    },
    Rule("decoder.tie_weights", "needs 'decoder.embedding' equal to 'decoder.hidden'") {
      $0.decoder.tieWeights && ($0.decoder.embedding ?? $0.model.embedding) != $0.decoderHidden
    },
    Rule("decoder.tie_weights", "needs 'model.kind: encoder-decoder' and 'decoder.inputs: previous'") {
      $0.decoder.tieWeights && ($0.model.kind != .encoderDecoder || $0.decoder.inputs != .previous)
    },
    Rule("loss.label_smoothing", "needs 'kind: cross-entropy'") {
      $0.loss.labelSmoothing > 0 && $0.loss.kind != .crossEntropy
    },
    Rule("data.stride", "needs 'data.window', and to be no longer") {
      ($0.data.stride ?? 0) > ($0.data.window ?? 0)
    },
    Rule("data.stride", "cannot go with 'training.carry_state'") {
      $0.data.stride != nil && $0.training.carryState
    },
    Rule("data.horizon", "needs 'data.context'") { $0.data.horizon != nil && $0.data.context == nil },
    Rule("data.context", "needs 'data.horizon'") { $0.data.horizon == nil && $0.data.context != nil },
    Rule("data.season", "needs 'data.context' to be at least as long") {
      ($0.data.season ?? 0) > ($0.data.context ?? 0)
    },
    Rule("data.season", "cannot go with 'model.output: every-step'") {
      $0.data.season != nil && $0.model.output == .everyStep
    },
    Rule("data.covariates", "needs 'data.horizon'") { $0.data.horizon == nil && !$0.data.covariates.isEmpty },
    Rule("data.horizon", "cannot go with 'data.window' or 'training.carry_state'") {
      $0.data.horizon != nil && ($0.data.window != nil || $0.training.carryState)
    },
    Rule("data.horizon", "needs a 'loss.kind' of numbers") {
      $0.data.horizon != nil
        && [.crossEntropy, .temporalClassification, .binaryCrossEntropy].contains($0.loss.kind)
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

  /// How the decoder looks at its source.
  var attention: AttentionKind { decoder.attention ?? (model.kind == .autoencoder ? .none : .additive) }
  /// Units of the decoder's layers.
  var decoderHidden: Int { decoder.hidden ?? model.hidden }
  /// The decoder's cell.
  var decoderCell: CellKind { decoder.cell ?? model.cell }

  /// Throws the first demand of one key on another that does not hold.
  ///
  /// Reading a configuration does this already; one that was put together in code needs it.
  public func validate() throws(WeftError) {
    if let rule = Self.rules.first(where: { $0.isBroken(self) }) {
      throw .failure("\(rule.path): \(rule.complaint)")
    }
  }
}
