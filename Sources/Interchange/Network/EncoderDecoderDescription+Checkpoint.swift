import WeftBase
import WeftLayers
import WeftModels
import WeftTraining

extension EncoderDecoderDescription {
  /// The encoder-decoder or autoencoder of a checkpoint.
  ///
  /// - Parameter file: The checkpoint's file, for errors.
  /// - Throws: If it has parts that no other format can represent, or lacks weights.
  package init(_ checkpoint: Checkpoint, file: String) throws(WeftError) {
    guard checkpoint.configuration.model.adaptiveCutoffs.isEmpty else {
      throw .model(
        "\(file): an adaptive softmax (model.adaptive_cutoffs) of a decoder cannot be represented in other formats"
      )
    }
    if let category = checkpoint.shape.categories.first {
      throw .model(
        "\(file): the categorical input '\(category.name)' of an encoder is not supported by other formats")
    }
    let configuration = checkpoint.configuration
    let (model, options) = (configuration.model, configuration.decoder)
    let arrays = CheckpointArrays(checkpoint, file: file)
    writesTokens = model.kind == .encoderDecoder
    let whole = try EncoderDecoderModel(
      model, decoder: options, writesTokens: writesTokens, fitting: checkpoint.shape, file: file)
    try arrays.check(whole.layout)
    encoder = NetworkDescription(
      input: checkpoint.shape.input,
      embedding: model.embedding == nil ? nil : try arrays.matrix("embedding/weights"),
      blocks: model.recurrentBlocks.isEmpty ? [] : try arrays.blocks(model), output: nil)

    var layer = BlockConfiguration()
    layer.cell = options.cell(of: model)
    var layers: [RecurrentWeights] = []
    var bridges: [BridgeWeights] = []
    for index in 0..<options.layers {
      var weights = try arrays.layer("decoder/layer\(index)", layer, model)
      // The bridge gives the decoder's states.
      (weights.initialHidden, weights.initialCell) = (nil, nil)
      layers.append(weights)
      func part(_ name: String) throws(WeftError) -> DenseWeights? {
        let path = "decoder/bridge\(index)/\(name)"
        guard options.bridge == .projection, arrays.has("\(path)_weights") else { return nil }
        return DenseWeights(
          weights: try arrays.matrix("\(path)_weights"), bias: try arrays.values("\(path)_bias"))
      }
      bridges.append(BridgeWeights(hidden: try part("hidden"), cell: try part("cell")))
    }
    self.bridges = bridges

    let embedding =
      writesTokens && options.inputs == .previous ? try Self.targetRows(arrays, checkpoint) : nil
    let output = DenseWeights(
      weights: options.tieWeights
        ? try arrays.matrix("decoder/embedding/weights").transposed : try arrays.matrix("output/weights"),
      bias: try arrays.values("output/bias"))
    var decoder = DecoderWeights(
      input: options.inputs == .none
        ? .none : embedding.map { .tokens($0) } ?? .features(checkpoint.shape.outputs), layers: layers,
      output: output)
    if let score = options.attention(of: model).score {
      decoder.attention = AttentionScoreWeights(
        score: score, query: score == .additive ? try arrays.matrix("attention/query_weights") : nil,
        key: score == .dot ? nil : try arrays.matrix("attention/key_weights"),
        vector: score == .additive
          ? WeightMatrix(column: try arrays.values("attention/vector")) : nil)
      decoder.combination = DecoderWeights.Combination(
        context: try arrays.matrix("decoder/context_weights"),
        state: try arrays.matrix("decoder/state_weights"))
      if options.feedsInput { decoder.feeding = try arrays.matrix("decoder/feeding_weights") }
    }
    self.decoder = decoder
  }

  /// One row per token of the targets and the boundary token.
  private static func targetRows(
    _ arrays: CheckpointArrays, _ checkpoint: Checkpoint
  ) throws(WeftError) -> WeightMatrix {
    arrays.has("decoder/embedding/weights")
      ? try arrays.matrix("decoder/embedding/weights") : .identity(checkpoint.shape.outputs + 1)
  }
}

extension WeightMatrix {
  /// A matrix of one column.
  fileprivate init(column values: [Float]) {
    self.init(rows: values.count, columns: 1, values: values)
  }
}
