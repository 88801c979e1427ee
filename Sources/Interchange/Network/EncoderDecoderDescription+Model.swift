import WeftBase
import WeftLayers
import WeftModels
import WeftTasks
import WeftTensor

extension EncoderDecoderDescription {
  /// Adapts a configuration to an encoder-decoder that writes tokens, whose decoder starts from copies of final states.
  ///
  /// - Precondition: No bridge has weights.
  package func configure(_ configuration: inout Configuration) {
    precondition(writesTokens && bridges.allSatisfy { $0.hidden == nil && $0.cell == nil })
    encoder.configure(&configuration, keepsLoss: true)
    configuration.model.kind = .encoderDecoder
    configuration.loss.kind = .crossEntropy
    configuration.decoder = DecoderConfiguration()
    configuration.decoder.cell = decoder.layers.first?.cell
    configuration.decoder.hidden = decoder.layers.first?.units
    configuration.decoder.layers = decoder.layers.count
    configuration.decoder.bridge = .copy
    configuration.decoder.attention =
      decoder.attention.flatMap { AttentionKind(rawValue: $0.score.rawValue) } ?? AttentionKind.none
    if decoder.attention?.score == .additive {
      configuration.decoder.attentionSize = decoder.attention?.vector?.rows
    }
    if decoder.attention != nil { configuration.decoder.feedsInput = decoder.feeding != nil }
    if let embedding = targetEmbedding { configuration.decoder.embedding = embedding.columns }
  }

  /// The embedding of targets as weights; nil for one-hot tokens of a model that embeds none.
  private var targetEmbedding: WeightMatrix? {
    guard case .tokens(let rows) = decoder.input else { return nil }
    return encoder.embedding == nil && rows == .identity(rows.rows) ? nil : rows
  }

  /// Requirements of the data; the token that begins and ends targets is not one of theirs.
  package var shape: ModelShape {
    ModelShape(input: encoder.input, outputs: decoder.output.weights.columns - 1)
  }

  /// Parameter values by their names in checkpoints.
  private var parameters: [String: [Float]] {
    var result = encoder.parameters
    result["decoder/embedding/weights"] = targetEmbedding?.values
    for (index, layer) in decoder.layers.enumerated() {
      for (name, _, values) in layer.parameters { result["decoder/layer\(index)/\(name)"] = values }
    }
    result["attention/query_weights"] = decoder.attention?.query?.values
    result["attention/key_weights"] = decoder.attention?.key?.values
    result["attention/vector"] = decoder.attention?.vector?.values
    result["decoder/context_weights"] = decoder.combination?.context.values
    result["decoder/state_weights"] = decoder.combination?.state.values
    result["output/weights"] = decoder.output.weights.values
    result["output/bias"] = decoder.output.bias
    return result
  }

  /// The encoder-decoder as a model of Weft with its parameters, flat `[1, parameters]`.
  ///
  /// - Parameters:
  ///   - configuration: Describes the network (``configure(_:)``).
  ///   - file: Source of the network, for errors.
  /// - Throws: If the configuration needs different parameters.
  package func model(
    _ configuration: Configuration, file: String
  ) throws(WeftError) -> (model: EncoderDecoderModel, parameters: Tensor) {
    let model = try EncoderDecoderModel(
      configuration.model, decoder: configuration.decoder, writesTokens: true, fitting: shape, file: file)
    return (model, try model.layout.filled(with: parameters, file: file))
  }
}

extension ImportedNetwork {
  /// The layout of the model, and its parameters, flat `[1, parameters]`.
  ///
  /// - Throws: As ``NetworkDescription/model(_:file:)``.
  func parameters(
    _ configuration: Configuration, file: String
  ) throws(WeftError) -> (layout: ParameterLayout, parameters: Tensor) {
    if let encoderDecoder {
      let (model, parameters) = try encoderDecoder.model(configuration, file: file)
      return (model.layout, parameters)
    }
    let (model, parameters) = try network.model(configuration, file: file)
    return (model.layout, parameters)
  }
}

extension ParameterLayout {
  /// All parameters, flat `[1, parameters]`, from values by name.
  ///
  /// - Parameter file: Source of the values, for errors.
  /// - Throws: If a parameter is missing or has another size.
  func filled(with values: [String: [Float]], file: String) throws(WeftError) -> Tensor {
    let flat = Tensor(rows: 1, columns: count)
    for parameter in parameters {
      // Layers without initial states begin with zeros.
      let isState = ["/initial_hidden", "/initial_cell"].contains(where: parameter.name.hasSuffix)
      if isState, values[parameter.name] == nil {
        parameter.matrix(in: flat.matrix).assign([Float](repeating: 0, count: parameter.count))
        continue
      }
      guard let values = values[parameter.name], values.count == parameter.count else {
        throw .model("\(file): does not contain \(parameter.name) of shape \(parameter.shape)")
      }
      parameter.matrix(in: flat.matrix).assign(values)
    }
    return flat
  }
}
