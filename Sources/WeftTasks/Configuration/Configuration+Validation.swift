import WeftBase
import WeftConfiguration
import WeftLayers
import WeftModels

extension Configuration {
  package static let rules: [ConfigurationRule<Configuration>] = [
    ConfigurationRule("data.files", "cannot be combined with 'data.file'") {
      !$0.data.file.isEmpty && !$0.data.files.isEmpty
    },
    ConfigurationRule("training", "needs 'epochs' or 'steps'") {
      $0.training.epochs == nil && $0.training.steps == nil
    },
    ConfigurationRule("data.lengths", "cannot be combined with 'offsets'") {
      $0.data.lengths != nil && $0.data.offsets != nil
    },
    ConfigurationRule("training.carry_state", "needs 'data.window'") {
      $0.training.carryState && $0.data.window == nil
    },
    ConfigurationRule("model.blocks") { BlockConfiguration.problem(in: $0.model.allBlocks) },
    ConfigurationRule("model.layer_normalization", "cannot be combined with a cell's 'activation'") {
      $0.model.layerNormalization
        && $0.model.recurrentBlocks.contains {
          $0.layerNormalization != false && ($0.activation != nil || $0.recurrentActivation != nil)
        }
    },
    ConfigurationRule("training.carry_state", "cannot be combined with 'model.bidirectional'") {
      $0.training.carryState && $0.model.blocks.isEmpty && $0.model.isBidirectional
    },
    ConfigurationRule(
      "training.carry_state", "cannot be combined with blocks that read backward or windows of steps"
    ) {
      $0.training.carryState && !$0.model.carriesStates
    },
    ConfigurationRule("model.tie_weights", "cannot be combined with 'bidirectional'") {
      $0.model.tieWeights && $0.model.readsLaterSteps
    },
    ConfigurationRule(
      "model.tie_weights", "needs 'embedding' equal to 'hidden', or to 'projection' if that is set"
    ) {
      $0.model.tieWeights && $0.model.embedding.map($0.model.outputFeatures) != $0.model.embedding
        || $0.model.tieWeights && $0.model.embedding == nil
    },
    ConfigurationRule("model.layers", "must be at least 1 unless 'kind' is 'encoder-decoder'") {
      $0.model.blocks.isEmpty && $0.model.layers == 0 && $0.model.kind != .encoderDecoder
    },
    ConfigurationRule("model.layers", "must be at least 1 without 'decoder.attention'") {
      $0.model.recurrentBlocks.isEmpty && $0.model.kind != .sequence
        && $0.decoder.attention(of: $0.model) == .none
    },
    ConfigurationRule("model.projection", "needs a 'cell' that projects its hidden state") {
      $0.model.blocks.isEmpty && $0.model.projection != nil && !$0.model.cell.hasProjection
    },
    ConfigurationRule("model.memory_span", "needs a gated cell") {
      $0.model.memorySpan != nil && !$0.model.recurrentBlocks.allSatisfy { $0.cell?.isGated ?? true }
    },
    cellRule("model.recurrent_dropout", "a cell with recurrent weights", isSet: { $0.recurrentDropout > 0 }) {
      $0.recurrentWeights != .none
    },
    cellRule("model.drop_connect", "a cell with matrices of recurrent weights", isSet: { $0.dropConnect > 0 })
    {
      $0.hasRecurrentProducts
    },
    cellRule("model.cell_zoneout", "a cell with one cell state", isSet: { $0.cellZoneout > 0 }) {
      $0.hasCellZoneout
    },
    cellRule("model.heads", "a cell with heads", isSet: { $0.heads > 1 }) { $0.recurrentWeights == .blocks },
    ConfigurationRule("model.heads", "must divide 'hidden'") {
      let heads = $0.model.heads
      return heads > 1
        && $0.model.recurrentBlocks.contains {
          $0.cell?.recurrentWeights == .blocks && $0.heads == nil && ($0.hidden ?? heads) % heads != 0
        }
    },
    ConfigurationRule("model.layer_normalization", "cannot be combined with the cell 'slstm'") {
      $0.model.layerNormalization
        && $0.model.recurrentBlocks.contains {
          $0.layerNormalization != false && $0.cell?.hasLayerNormalization == false
        }
    },
    ConfigurationRule("decoder", "needs 'model.kind: encoder-decoder' or 'autoencoder'") {
      $0.model.kind == .sequence && $0.decoder != DecoderConfiguration()
    },
    ConfigurationRule(
      "model.blocks", "cannot pool or change the number of steps unless 'kind' is 'sequence'"
    ) {
      $0.model.kind != .sequence && !$0.model.blocks.isEmpty
        && (!$0.model.hasOutputPerStep || $0.model.changesLengths)
    },
    ConfigurationRule("model.blocks", "cannot have 'branches' unless 'kind' is 'sequence'") {
      $0.model.kind != .sequence && $0.model.blocks.contains { !$0.branches.isEmpty }
    },
    ConfigurationRule("model.blocks", "change the number of steps: they need 'pool', or the loss 'ctc'") {
      $0.model.changesLengths && $0.model.hasOutputPerStep && $0.loss.kind.targets != .labels
    },
    ConfigurationRule("model.output", "must be 'every-step' unless 'kind' is 'sequence'") {
      $0.model.kind != .sequence && $0.model.blocks.isEmpty && $0.model.output != .everyStep
    },
    ConfigurationRule(
      "model.tie_weights", "needs 'kind: sequence'; an encoder-decoder has 'decoder.tie_weights'"
    ) {
      $0.model.kind != .sequence && $0.model.tieWeights
    },
    ConfigurationRule(
      "model.crf", "needs 'kind: sequence', 'loss.kind: cross-entropy' and a target for every step"
    ) {
      $0.model.hasRandomField
        && ($0.model.kind != .sequence || $0.loss.kind != .crossEntropy || !$0.model.hasOutputPerStep)
    },
    ConfigurationRule(
      "model.crf", "cannot be combined with 'loss.label_smoothing', 'class_weights' or 'focal_gamma'"
    ) {
      $0.model.hasRandomField
        && ($0.loss.labelSmoothing > 0 || $0.loss.classWeights != nil || $0.loss.focalGamma > 0)
    },
    ConfigurationRule("model.crf", "cannot be combined with 'data.weights': a sequence has one loss") {
      $0.model.hasRandomField && $0.data.weights != nil
    },
    ConfigurationRule(
      "model.crf", "scores whole sequences: it cannot be combined with 'training.carry_state'"
    ) {
      $0.model.hasRandomField && $0.training.carryState
    },
    ConfigurationRule("model.adaptive_cutoffs", "must be above 0 and in ascending order") {
      let cutoffs = $0.model.adaptiveCutoffs
      return cutoffs.contains { $0 < 1 || $0 > Int(Int32.max) }
        || !zip(cutoffs, cutoffs.dropFirst()).allSatisfy { $0 < $1 }
    },
    ConfigurationRule("model.adaptive_cutoffs", "needs 'model.kind: sequence' and 'loss.kind: cross-entropy'")
    {
      !$0.model.adaptiveCutoffs.isEmpty && ($0.model.kind != .sequence || $0.loss.kind != .crossEntropy)
    },
    ConfigurationRule(
      "model.adaptive_cutoffs",
      "cannot be combined with 'tie_weights', 'crf', 'data.weights' or options of the loss"
    ) {
      !$0.model.adaptiveCutoffs.isEmpty
        && ($0.model.tieWeights || $0.model.hasRandomField || $0.data.weights != nil
          || $0.loss.labelSmoothing > 0
          || $0.loss.classWeights != nil || $0.loss.focalGamma > 0)
    },
    ConfigurationRule("training.carry_state", "needs 'model.kind: sequence'") {
      $0.model.kind != .sequence && $0.training.carryState
    },
    ConfigurationRule("training.memory_budget", "needs 'model.kind: sequence'") {
      $0.model.kind != .sequence && $0.training.memoryBudget != nil
    },
    ConfigurationRule("model.initial_state", "must be 'zero' unless 'kind' is 'sequence'") {
      $0.model.kind != .sequence && $0.model.initialState != .zero
    },
    ConfigurationRule(
      "loss.kind", "must be 'cross-entropy' with 'model.kind: encoder-decoder', which generates tokens"
    ) {
      $0.model.kind == .encoderDecoder && $0.loss.kind.targets != .classes
    },
    ConfigurationRule(
      "loss.kind", "must be 'squared-error' or 'absolute-error' with 'model.kind: autoencoder'"
    ) {
      $0.model.kind == .autoencoder
        && ($0.loss.kind.targets != .values() || $0.loss.kind.predictsDistribution)
    },
    ConfigurationRule(
      "decoder.attention", "must be 'none' in an autoencoder, which would only copy its source"
    ) {
      $0.model.kind == .autoencoder && $0.decoder.attention(of: $0.model) != .none
    },
    ConfigurationRule("decoder.attention_size", "needs 'attention: additive'") {
      $0.decoder.attentionSize != nil && $0.decoder.attention(of: $0.model) != .additive
    },
    ConfigurationRule(
      "decoder.attention", "'dot' needs 'decoder.hidden' equal to the encoder's outputs; try 'general'"
    ) {
      $0.model.kind != .sequence && $0.decoder.attention(of: $0.model) == .dot
        && !$0.model.recurrentBlocks.isEmpty
        && $0.decoder.stateSize(of: $0.model) != $0.model.outputFeatures(inputs: 1)
    },
    ConfigurationRule(
      "decoder.bridge", "'copy' needs the encoder's cell and as many units, of both directions together"
    ) {
      $0.model.kind != .sequence && $0.decoder.bridge == .copy
        && !$0.decoder.canCopy(from: $0.model)
    },
    ConfigurationRule("decoder.tie_weights", "needs 'decoder.embedding' equal to 'decoder.hidden'") {
      $0.decoder.tieWeights
        && ($0.decoder.embedding ?? $0.model.embedding) != $0.decoder.stateSize(of: $0.model)
    },
    ConfigurationRule(
      "decoder.tie_weights", "needs 'model.kind: encoder-decoder' and 'decoder.inputs: previous'"
    ) {
      $0.decoder.tieWeights && ($0.model.kind != .encoderDecoder || $0.decoder.inputs != .previous)
    },
    ConfigurationRule("loss.label_smoothing", "needs 'kind: cross-entropy'") {
      $0.loss.labelSmoothing > 0 && !$0.loss.kind.options.contains("label_smoothing")
    },
    optionRule("class_weights", "cross-entropy") { $0.classWeights != nil },
    optionRule("positive_weight", "binary-cross-entropy") { $0.positiveWeight != nil },
    optionRule("focal_gamma", "cross-entropy' or 'binary-cross-entropy") { $0.focalGamma > 0 },
    optionRule("tweedie_power", "tweedie") { $0.tweediePower != 1.5 },
    optionRule("huber_delta", "huber") { $0.huberDelta != 1 },
    ConfigurationRule("loss.focal_gamma", "cannot be combined with 'label_smoothing'") {
      $0.loss.focalGamma > 0 && $0.loss.labelSmoothing > 0
    },
    ConfigurationRule("data.weights", "cannot weight forecasts, label sequences or generated text") {
      $0.data.weights != nil
        && ($0.data.horizon != nil || $0.loss.kind.targets == .labels || $0.model.kind != .sequence)
    },
    ConfigurationRule("data.sampling", "must be 'balanced', or the name of a dataset") {
      $0.data.sampling?.isEmpty == true
    },
    ConfigurationRule("data.sampling", "needs 'data.shuffle: true'") {
      $0.data.sampling != nil && !$0.data.shuffle
    },
    ConfigurationRule("data.sampling", "draws sequences; it cannot be combined with 'data.horizon'") {
      $0.data.sampling != nil && $0.data.horizon != nil
    },
    ConfigurationRule(
      "loss.kind", "of counts or amounts is not fed back with scaled inputs; set 'data.scaling: none'"
    ) {
      $0.loss.kind.wantsCounts && $0.data.scalingKind != .none && $0.data.horizon != nil
        && $0.model.hasOutputPerStep
    },
    ConfigurationRule(
      "loss.kind",
      "of counts or amounts cannot be combined with 'data.relative_to', 'normalization', 'season' or 'scaling_by: series'"
    ) {
      $0.loss.kind.wantsCounts
        && ($0.data.scalesWindows || $0.data.season != nil || $0.data.scalesSeries)
    },
    ConfigurationRule("data.stride", "needs 'data.window', and must not exceed it") {
      ($0.data.stride ?? 0) > ($0.data.window ?? 0)
    },
    ConfigurationRule("data.stride", "cannot be combined with 'training.carry_state'") {
      $0.data.stride != nil && $0.training.carryState
    },
    ConfigurationRule("data.horizon", "needs 'data.context'") {
      $0.data.horizon != nil && $0.data.context == nil
    },
    ConfigurationRule("data.context", "needs 'data.horizon'") {
      $0.data.horizon == nil && $0.data.context != nil
    },
    ConfigurationRule("data.least_context", "needs 'data.context', and must not exceed it") {
      ($0.data.leastContext ?? 0) > ($0.data.context ?? 0)
    },
    ConfigurationRule("data.least_context", "cannot be combined with 'model.output: every-step'") {
      $0.data.leastContext != nil && $0.model.hasOutputPerStep
    },
    ConfigurationRule("data.season", "must not exceed 'data.context'") {
      ($0.data.season ?? 0) > ($0.data.context ?? 0)
    },
    ConfigurationRule("data.season", "must not exceed 'data.least_context'") {
      ($0.data.season ?? 0) > ($0.data.leastContext ?? .max)
    },
    ConfigurationRule("data.season", "cannot be combined with 'model.output: every-step'") {
      $0.data.season != nil && $0.model.hasOutputPerStep
    },
    ConfigurationRule("data.relative_to", "needs 'data.horizon'") {
      $0.data.horizon == nil && $0.data.relativeTo != .none
    },
    ConfigurationRule("data.normalization", "needs 'data.horizon'") {
      $0.data.horizon == nil && $0.data.normalization != .none
    },
    ConfigurationRule(
      "data.normalization",
      "contradicts 'data.ratios': ratios divided by their deviation are no longer ratios; remove one of them"
    ) {
      $0.data.ratios && $0.data.normalization != .none
    },
    ConfigurationRule("data.ratios", "needs 'data.relative_to'") {
      $0.data.ratios && $0.data.relativeTo == .none
    },
    ConfigurationRule("data.normalization", "needs 'data.context' of at least 2, as one value does not vary")
    {
      $0.data.normalization != .none && ($0.data.leastContext ?? $0.data.context ?? 2) < 2
    },
    ConfigurationRule("data.evaluation_stride", "needs 'data.horizon'") {
      $0.data.horizon == nil && $0.data.evaluationStride != nil
    },
    ConfigurationRule("data.known_ahead", "needs 'data.covariates', and all steps forecast at once") {
      $0.data.knownAhead != nil && ($0.data.covariates.isEmpty || $0.model.hasOutputPerStep)
    },
    ConfigurationRule("data.known_ahead", "must not exceed 'data.horizon'") {
      ($0.data.knownAhead ?? 0) > ($0.data.horizon ?? .max)
    },
    ConfigurationRule("data.scaling", "contradicts 'data.standardize'; remove one of them") {
      $0.data.standardizes && $0.data.scaling != nil && $0.data.scaling != .standard
    },
    ConfigurationRule("data.scaling_by", "needs 'data.standardize' or 'data.scaling'") {
      $0.data.scalingBy == .series && $0.data.scalingKind == .none
    },
    ConfigurationRule(
      "data.scaling_by",
      "cannot be combined with 'data.relative_to', which relates each window to its own level"
    ) {
      $0.data.scalingBy == .series && $0.data.relativeTo != .none
    },
    ConfigurationRule(
      "data.scaling_by",
      "cannot be combined with 'data.normalization', which scales each window by its own values"
    ) {
      $0.data.scalingBy == .series && $0.data.normalization != .none
    },
    ConfigurationRule("data.covariates", "needs 'data.horizon'") {
      $0.data.horizon == nil && !$0.data.covariates.isEmpty
    },
    ConfigurationRule("data.horizon", "cannot be combined with 'data.window' or 'training.carry_state'") {
      $0.data.horizon != nil && ($0.data.window != nil || $0.training.carryState)
    },
    ConfigurationRule("data.horizon", "needs a regression loss ('loss.kind')") {
      if case .values = $0.loss.kind.targets {
        return $0.data.horizon != nil && $0.loss.kind == .binaryCrossEntropy
      }
      return $0.data.horizon != nil
    },
    ConfigurationRule("loss.blank", "needs 'kind: ctc'") {
      $0.loss.blank != nil && !$0.loss.kind.options.contains("blank")
    },
    ConfigurationRule("loss.quantiles", "must be levels above 0 and below 1, in ascending order") {
      let levels = $0.loss.quantiles
      return levels.isEmpty || !levels.allSatisfy { $0 > 0 && $0 < 1 }
        || !zip(levels, levels.dropFirst()).allSatisfy { $0 < $1 }
    },
    ConfigurationRule("loss.kind", "'ctc' needs 'model.output: every-step'") {
      $0.loss.kind.targets == .labels && !$0.model.hasOutputPerStep
    },
    ConfigurationRule("optimizer.momentum", "needs 'kind: sgd'") {
      $0.optimizer.momentum > 0 && $0.optimizer.kind != .sgd
    },
    ConfigurationRule("optimizer.nesterov", "needs 'momentum' above 0") {
      $0.optimizer.nesterov && $0.optimizer.momentum == 0
    },
    ConfigurationRule("schedule.step_every", "required by 'kind: step' and 'kind: exponential'") {
      [.step, .exponential].contains($0.schedule.kind) && $0.schedule.stepEvery == nil
    },
    ConfigurationRule("schedule.minimum", "exceeds 'optimizer.learning_rate'") {
      $0.schedule.minimum > $0.optimizer.learningRate
    },
  ]

  /// An option of a loss.
  private static func optionRule(
    _ name: String, _ kinds: String, isSet: @escaping @Sendable (LossConfiguration) -> Bool
  ) -> ConfigurationRule<Configuration> {
    ConfigurationRule("loss.\(name)", "needs 'kind: \(kinds)'") {
      isSet($0.loss) && !$0.loss.kind.options.contains(name)
    }
  }

  /// A key for all recurrent blocks that some block must be able to have.
  private static func cellRule(
    _ path: String, _ need: String, isSet: @escaping @Sendable (ModelConfiguration) -> Bool,
    fits: @escaping @Sendable (CellType) -> Bool
  ) -> ConfigurationRule<Configuration> {
    ConfigurationRule(path, "needs \(need)") {
      let cells = $0.model.recurrentBlocks.compactMap(\.cell)
      return isSet($0.model) && !cells.isEmpty && !cells.contains(where: fits)
    }
  }

  /// Checks the constraints between keys.
  ///
  /// Reading a configuration file does this already; call it for a configuration built in code.
  ///
  /// - Throws: The first violation.
  public func validate() throws(WeftError) {
    for rule in Self.rules {
      if let complaint = rule.complaint(self) { throw .configuration("\(rule.path): \(complaint)") }
    }
  }
}
