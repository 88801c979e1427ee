import WeftBase
import WeftModels
import WeftTasks
import WeftTensor

extension NetworkDescription {
  /// Adapts a configuration to the network.
  ///
  /// Settings such as dropout, which other formats do not contain, are kept; the loss follows from the output's
  /// activation if it has one and `keepsLoss` is false.
  package func configure(_ configuration: inout Configuration, keepsLoss: Bool) {
    let first = levels.first?.first
    configuration.model.kind = .sequence
    if let first, hasEqualLayers || isPooled(as: configuration.model.output),
      configuration.model.blocks.isEmpty
    {
      configuration.model.cell = first.cell
      configuration.model.hidden = first.units
      configuration.model.projection = first.cell.hasProjection ? first.hidden : nil
      configuration.model.layers = levels.count
      configuration.model.isBidirectional = isBidirectional
      configuration.model.output = outputSteps
      configuration.model.blocks = []
    } else {
      // These keys describe equal layers, which blocks replace.
      let standard = Configuration().model
      configuration.model.cell = standard.cell
      configuration.model.hidden = standard.hidden
      configuration.model.projection = standard.projection
      configuration.model.layers = standard.layers
      configuration.model.isBidirectional = standard.isBidirectional
      configuration.model.output = standard.output
      configuration.model.blocks = blocks.map(\.configuration)
    }
    configuration.model.embedding = embedding?.columns
    configuration.model.embeddings = categories.map(\.embedding.columns)
    configuration.model.layerNormalization = false
    configuration.model.tieWeights = configuration.model.tieWeights && isTied
    configuration.model.hasRandomField = transitions != nil
    configuration.model.initialState = hasInitialStates ? .learned : .zero
    guard !keepsLoss else { return }
    switch (activation, input) {
    case _ where transitions != nil: configuration.loss.kind = .crossEntropy
    case (.softmax, _): configuration.loss.kind = .crossEntropy
    case (.sigmoid, _): configuration.loss.kind = .binaryCrossEntropy
    case (.none, .tokens(let vocabulary)):
      configuration.loss.kind = outputSize == vocabulary ? .crossEntropy : .squaredError
    case (.none, .features): configuration.loss.kind = .squaredError
    }
  }

  /// Whether the blocks are equal recurrent layers and the pooling of a configuration that says so.
  private func isPooled(as output: OutputSteps) -> Bool {
    guard let last = blocks.last?.configuration, last.pool != nil, last.pool == output.poolKind else {
      return false
    }
    var layers = self
    layers.blocks.removeLast()
    return layers.hasEqualLayers && (last.size ?? levels.first?.first?.units) == levels.first?.first?.units
  }

  /// Whether a layer begins with other states than zeros.
  private var hasInitialStates: Bool {
    levels.joined().contains { $0.initialHidden != nil || $0.initialCell != nil }
  }

  /// Whether the output layer's weights are the embedding's.
  private var isTied: Bool { output != nil && embedding != nil && output?.weights == embedding?.transposed }

  /// Requirements of the data and the loss.
  package var shape: ModelShape {
    ModelShape(
      input: input, outputs: outputSize,
      categories: categories.map {
        CategoricalFeature(column: $0.column, name: $0.name, count: $0.embedding.rows)
      })
  }

  /// Parameter values by their names in checkpoints.
  package var parameters: [String: [Float]] {
    var result: [String: [Float]] = [:]
    if let embedding { result["embedding/weights"] = embedding.values }
    for table in categories {
      result["embedding/\(table.name.replacing("/", with: "_"))/weights"] = table.embedding.values
    }
    var names = BlockNames()
    for (stem, values) in blocks.flatMap(\.parts) {
      let path = names.next(stem)
      for (name, values) in values { result["\(path)/\(name)"] = values }
    }
    let output =
      output
      ?? DenseWeights(weights: .identity(stateSize), bias: [Float](repeating: 0, count: stateSize))
    result["output/weights"] = output.weights.values
    result["output/bias"] = output.bias
    result["output/transitions"] = transitions?.values
    return result
  }

  /// The network as a model of Weft with its parameters, flat `[1, parameters]`.
  ///
  /// - Parameters:
  ///   - configuration: Describes the network (``configure(_:keepsLoss:)``).
  ///   - file: Source of the network, for errors.
  /// - Throws: If the configuration needs different parameters.
  package func model(
    _ configuration: Configuration, file: String
  ) throws(WeftError) -> (model: SequenceModel, parameters: Tensor) {
    let model = try SequenceModel(configuration.model, fitting: shape, file: file)
    return (model, try model.layout.filled(with: parameters, file: file))
  }
}
