import WeftLayers

extension ModelConfiguration {
  /// The blocks between the inputs, or their embedding, and the output layer.
  ///
  /// Without `blocks` these are equal recurrent layers, and the pooling of `output`.
  package var allBlocks: [BlockConfiguration] {
    guard blocks.isEmpty else { return blocks }
    var layer = BlockConfiguration()
    layer.cell = cell
    layer.hidden = hidden
    layer.projection = cell.hasProjection ? projection : nil
    layer.isBidirectional = isBidirectional
    var result = BlockConfiguration.repeated(layer, count: layers, dropout: dropout)
    if let kind = output.poolKind {
      var pool = BlockConfiguration()
      pool.pool = kind
      if kind == .attention { pool.size = hidden }
      result.append(pool)
    }
    return result
  }

  /// The recurrent blocks, from the input up.
  package var recurrentBlocks: [BlockConfiguration] {
    allBlocks.flatMap(\.flattened).filter { $0.cell != nil }
  }

  /// Whether there is an output for every step, rather than one for each sequence.
  package var hasOutputPerStep: Bool { !allBlocks.contains(where: \.leavesOneStep) }

  /// Whether outputs depend on later steps.
  package var readsLaterSteps: Bool { allBlocks.contains(where: \.readsLaterSteps) }

  /// Whether states can be carried from one window of a sequence to the next.
  package var carriesStates: Bool {
    !readsLaterSteps && !allBlocks.flatMap(\.flattened).contains(where: \.readsWindows)
  }

  /// Whether the number of steps changes, other than by pooling whole sequences.
  package var changesLengths: Bool {
    allBlocks.contains(where: \.changesLengths)
  }

  /// Features that the output layer reads, for a number of input features.
  package func outputFeatures(inputs: Int) -> Int {
    BlockConfiguration.size(of: allBlocks, inputs: inputs).outputs
  }

  /// For example `2 × lstm, 128 units`, or `lstm 128, dense 32`.
  package var summary: String {
    guard !blocks.isEmpty else {
      return "\(layers == 1 ? "" : "\(layers) × ")\(cell.rawValue), \(hidden) units"
    }
    return blocks.map(\.summary).joined(separator: ", ")
  }
}

extension OutputSteps {
  /// The pooling before the output layer; nil for an output at every step.
  package var poolKind: PoolKind? {
    switch self {
    case .everyStep: nil
    case .lastStep: .last
    case .lastPosition: .lastPosition
    case .mean: .mean
    case .maximum: .maximum
    case .attention: .attention
    }
  }
}

extension RecurrentLayerOptions {
  /// Options of a model's recurrent layers, other than those of their blocks.
  init(defaults model: ModelConfiguration) {
    self.init(kind: model.cell, hiddenSize: model.hidden)
    projectionSize = model.projection
    layerNormalization = model.layerNormalization
    learnsInitialState = model.initialState == .learned
    recurrentDropout = Float(model.recurrentDropout)
    zoneout = Float(model.zoneout)
    cellZoneout = Float(model.cellZoneout)
    dropConnect = Float(model.dropConnect)
    heads = model.heads
    forgetBias = Float(model.forgetBias)
    memorySpan = model.memorySpan
    inputInitialization = model.inputInitialization
    recurrentInitialization = model.initialization
  }
}
