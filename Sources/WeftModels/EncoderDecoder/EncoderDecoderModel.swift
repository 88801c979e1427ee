import KernelInterface
import WeftBase
import WeftLayers
import WeftTensor

/// A model from sequences to sequences: an encoder over tokens or features, and a decoder that starts from the
/// encoder's final state and, with attention, attends to its states (Sutskever, Vinyals and Le 2014; Bahdanau, Cho and
/// Bengio 2015; Luong, Pham and Manning 2015).
///
/// Without a recurrent encoder, the decoder attends to the inputs directly, such as the patches of an image (Xu et al.
/// 2015). With a decoder that generates the reversed input features, it is an autoencoder (Srivastava, Mansimov and
/// Salakhutdinov 2015).
package struct EncoderDecoderModel: Sendable {
  package let layout: ParameterLayout
  package let shape: ModelShape
  /// Nil if the inputs are features.
  let sourceEmbedding: TokenEmbedding?
  /// Nil if the decoder attends to the inputs directly.
  package let encoder: BlockStack?
  let bridges: [StateBridge]
  /// Nil if the decoder generates features, or has no inputs.
  let targetEmbedding: TokenEmbedding?
  package let decoder: AttentionDecoder
  /// Whether the decoder generates tokens.
  package let writesTokens: Bool
  /// Whether the input of a decoder step is the previous output.
  let readsPrevious: Bool

  /// The token before the first and after the last token; its id is after those of the vocabulary.
  package var boundary: Int32 { Int32(shape.outputs) }

  /// - Parameters:
  ///   - writesTokens: Whether the decoder generates tokens, rather than features.
  ///   - shape: Outputs are tokens of the target vocabulary, without the boundary token, or features.
  /// - Precondition: The configuration is valid and fits the shape.
  package init(
    _ model: ModelConfiguration, decoder decoderOptions: DecoderConfiguration, writesTokens: Bool,
    shape: ModelShape
  ) {
    self.shape = shape
    self.writesTokens = writesTokens
    readsPrevious = decoderOptions.inputs == .previous
    var layout = ParameterLayout(dotAlgorithm: model.dotAlgorithm)
    var sourceSize = model.embeddedSize(of: shape)
    let categoryEmbeddings = model.categoryEmbeddings(of: shape, layout: &layout)
    if case .tokens(let count) = shape.input {
      let embedding = TokenEmbedding(
        path: "embedding", tokens: count, features: model.embedding,
        initialization: model.embeddingInitialization(isTied: false), layout: &layout)
      sourceEmbedding = embedding
    } else {
      sourceEmbedding = nil
    }
    if model.recurrentBlocks.isEmpty {
      encoder = nil
    } else {
      var stack = BlockBuilder.stack(
        model.allBlocks, inputSize: sourceSize, defaults: RecurrentLayerOptions(defaults: model),
        layout: &layout)
      if let categoryEmbeddings { stack.prepend(categoryEmbeddings, inputSize: shape.inputSize) }
      encoder = stack
    }
    // Without a recurrent encoder, both states are computed from the mean of the source.
    let (inputs, levels) = (sourceSize, encoder?.levels ?? [])
    sourceSize = encoder?.outputSize ?? sourceSize

    let layer = decoderOptions.layerOptions(of: model)
    let outputs = writesTokens ? shape.outputs + 1 : shape.outputs
    if writesTokens, readsPrevious {
      targetEmbedding = TokenEmbedding(
        path: "decoder/embedding", tokens: outputs, features: decoderOptions.embedding ?? model.embedding,
        initialization: model.embeddingInitialization(isTied: decoderOptions.tieWeights), layout: &layout)
    } else {
      targetEmbedding = nil
    }
    let tied = decoderOptions.tieWeights ? targetEmbedding?.parameter : nil
    decoder = AttentionDecoder(
      AttentionDecoder.Options(
        layers: decoderOptions.layers, layer: layer, dropout: Float(model.dropout),
        attention: decoderOptions.attention(of: model).score,
        attentionSize: decoderOptions.attentionSize ?? layer.outputSize,
        feedsInput: decoderOptions.feedsInput),
      inputSize: readsPrevious ? targetEmbedding?.size ?? outputs : 1, sourceSize: sourceSize,
      outputSize: outputs, tied: tied, layout: &layout)
    var bridges: [StateBridge] = []
    for index in 0..<decoderOptions.layers {
      let level = levels.isEmpty ? nil : levels[min(index, levels.count - 1)]
      bridges.append(
        StateBridge(
          path: "decoder/bridge\(index)", kind: decoderOptions.bridge, layer: layer,
          hiddenInputs: level.map { $0.reduce(0) { $0 + $1.outputSize } } ?? inputs,
          cellInputs: level.map { $0.reduce(0) { $0 + $1.cellSize } } ?? inputs, layout: &layout))
    }
    self.bridges = bridges
    if let tied { layout.addSecondGradient(of: tied) }
    self.layout = layout
  }

  package var batchNormalizations: [BatchNormalizationBlock] { encoder?.batchNormalizations ?? [] }

  package var dropConnects: [DropConnect] {
    ((encoder?.layers ?? []) + decoder.layers).compactMap(\.dropConnect)
  }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    encoder?.pack(engine, parameters: parameters, worker: worker, workers: workers)
    decoder.pack(engine, parameters: parameters, worker: worker, workers: workers)
    for bridge in bridges {
      bridge.pack(engine, parameters: parameters, worker: worker, workers: workers)
    }
  }
}

extension EncoderDecoderModel {
  /// Activations of the encoder over a shard.
  struct Encoding {
    let inputs: Steps<Matrix>
    /// Inputs of the encoder `[positions, features]`.
    let features: Matrix
    let stack: BlockPass?
    /// The source of attention `[positions, features]`.
    var output: Matrix { stack?.output ?? features }
  }

  func encode(_ inputs: Steps<Matrix>, _ shard: Shard) -> Encoding {
    var features: Matrix
    switch inputs {
    case .features(let given): features = given
    case .tokens(let tokens):
      guard let sourceEmbedding else { preconditionFailure("the model reads features") }
      features = shard.arena.matrix(rows: tokens.count, columns: sourceEmbedding.size)
      sourceEmbedding.forward(tokens, into: features, shard)
    }
    return Encoding(
      inputs: inputs, features: features,
      stack: encoder?.forward(.features(features), initial: nil, shard))
  }

  /// Inputs of the bridge of each decoder layer.
  ///
  /// - Parameters:
  ///   - memory: The source of attention.
  ///   - rows: The encoder's row for each row of the decoder's shard.
  func bridgeSources(
    _ encoding: Encoding, _ memory: SourceMemory, rows: [Int32], _ shard: Shard
  ) -> [StateBridge.Source] {
    guard let encoder, let pass = encoding.stack else {
      let mean = shard.arena.matrix(rows: rows.count, columns: encoding.features.columns)
      shard.kernels.spanSums(
        weights: meanWeights(memory, shard), memory.values, spans: memory.spans, into: mean)
      return bridges.map { _ in StateBridge.Source(hidden: mean, cell: mean) }
    }
    let sources = encoder.levels.indices.map { level in
      let layers = encoder.levels[level]
      let ends = zip(layers, pass.recurrent[level]).map { $0.finalState($1, rows: rows, shard) }
      func joined(_ parts: [Matrix]) -> Matrix {
        guard parts.count == 2 else { return parts[0] }
        let joined = shard.arena.matrix(rows: rows.count, columns: 2 * parts[0].columns)
        shard.kernels.concatenate(parts[0], parts[1], into: joined)
        return joined
      }
      let hidden = joined(ends.map(\.hidden))
      let cells = ends.compactMap(\.cell)
      return StateBridge.Source(hidden: hidden, cell: cells.isEmpty ? hidden : joined(cells))
    }
    return bridges.indices.map { sources[min($0, sources.count - 1)] }
  }

  /// ∂L/∂(final states) of the encoder's layers in the order of its shard's rows, from those of the bridges' inputs.
  /// Without an encoder, the gradient of the mean is added to that of the source.
  func backwardBridges(
    _ gradients: [(hidden: Matrix, cell: Matrix?)], _ memory: SourceMemory, sourceGradient: Matrix?,
    rows: [Int32], _ shard: Shard
  ) -> [ShardState]? {
    let kernels = shard.kernels
    guard let encoder else {
      guard let sourceGradient else { return nil }
      let weights = meanWeights(memory, shard)
      for part in gradients.flatMap({ [$0.hidden, $0.cell].compactMap(\.self) }) {
        kernels.addSpanProducts(weights: weights, part, spans: memory.spans, to: sourceGradient)
      }
      return nil
    }
    func zeros(_ columns: Int) -> Matrix {
      let result = shard.arena.matrix(rows: rows.count, columns: columns)
      kernels.fill(result, with: 0)
      return result
    }
    let finals = encoder.layers.map {
      ShardState(hidden: zeros($0.outputSize), cell: $0.hasCellState ? zeros($0.cellSize) : nil)
    }
    for (index, gradient) in gradients.enumerated() {
      let level = min(index, encoder.levels.count - 1)
      let layers = encoder.levels[level]
      func add(_ part: Matrix, to target: (ShardState) -> Matrix) {
        var parts = [part]
        if layers.count == 2 {
          parts = layers.map { _ in shard.arena.matrix(rows: rows.count, columns: part.columns / 2) }
          kernels.split(part, into: parts[0], parts[1])
        }
        for (offset, part) in parts.enumerated() {
          let ordered = shard.arena.matrix(like: part)
          kernels.scatterRows(part, to: rows, of: ordered)
          kernels.add(ordered, to: target(finals[encoder.recurrent[level].firstLayer + offset]))
        }
      }
      add(gradient.hidden) { $0.hidden }
      if let cell = gradient.cell { add(cell) { $0.cell ?? $0.hidden } }
    }
    return finals
  }

  /// 1 / (steps of the source) for each source step of a row.
  private func meanWeights(_ memory: SourceMemory, _ shard: Shard) -> Matrix {
    let weights = shard.arena.matrix(rows: memory.spans.counts.count, columns: memory.spans.longest)
    for (row, count) in memory.spans.counts.enumerated() {
      shard.kernels.fill(weights.rows(row..<row + 1).columns(0..<Int(count)), with: 1 / Float(count))
    }
    return weights
  }
}
