import WeftBase
import WeftLayers
import WeftModels
import WeftText

/// Encoder-decoders as people train them in Keras: two inputs, of which the second is what the decoder has to write, one
/// step late (Sutskever, Vinyals and Le 2014).
extension KerasModel {
  /// The encoder and the decoder.
  ///
  /// - Throws: If the hints lack the tokens that begin and end what the decoder writes, or a layer is not supported; the
  ///   message names it.
  func encoderDecoder(_ hints: NetworkHints, file: String) throws(WeftError) -> ImportedNetwork {
    var reader = KerasNetworkReader(file: file, hints: hints, isOwn: false, version: version)
    for layer in layers {
      var layer = layer
      // Final states are those of layers whose outputs nothing reads, too.
      if KerasLayer.recurrentClasses.contains(layer.className ?? "") { layer = layer.returningSequences }
      reader.collect(layer)
    }
    var parts = KerasDecoderReader(file: file, reader: reader, encoderLayers: layers)
    for layer in decoder { parts.collect(layer) }
    var obstacles = reader.obstacles
    obstacles.collect { () throws(WeftError) in try parts.obstacles.check() }
    try obstacles.check()
    var encoder = try reader.encoder()
    let (weights, isOneHot) = try parts.decoder(startsWith: hints.startToken, endsWith: hints.endToken)
    var notes = reader.notes + parts.notes
    let written = weights.output.weights.columns - 1
    if isOneHot {
      var source = ""
      if case .features(let count) = encoder.input, hints.sourceTokens ?? count == count {
        encoder.input = .tokens(count)
        source =
          "those of the source \(count) tokens (name a dataset of rows of numbers with --data for these), and "
      }
      notes.append("its inputs are one-hot rows: \(source)those of the target \(written) tokens")
    }
    notes.append(
      "the file has no vocabularies: take them from a dataset (--data) whose tokens have the numbers of the model; its"
        + " targets are without the tokens that begin and end them, or these are named \(Vocabulary.beginningToken) and"
        + " \(Vocabulary.endToken)")
    var result = ImportedNetwork(encoder, notes: notes)
    result.encoderDecoder = EncoderDecoderDescription(
      encoder: encoder, bridges: weights.layers.map { _ in BridgeWeights() }, decoder: weights,
      writesTokens: true)
    return result
  }
}

extension KerasLayer {
  /// The same layer, with an output at every step.
  fileprivate var returningSequences: KerasLayer {
    var layer = self
    layer.config["return_sequences"] = true
    for part in ["layer", "backward_layer"] {
      guard var member = config[part]?.members, var inner = member["config"]?.members else { continue }
      inner["return_sequences"] = true
      member["config"] = .object(inner)
      layer.config[part] = .object(member)
    }
    return layer
  }
}

extension KerasNetworkReader {
  /// The layers as an encoder, which has no output layer.
  func encoder() throws(WeftError) -> NetworkDescription {
    var chain = chain
    guard isFinished, chain.finish() else {
      throw .model("\(file): its encoder ends in a layer that only the end of a network can have")
    }
    let network = NetworkDescription(
      input: embedding.map { .tokens($0.rows) } ?? .features(firstInputs), embedding: embedding,
      blocks: chain.blocks, output: nil)
    try network.check(file: file)
    if let block = chain.blocks.map(\.configuration).first(where: {
      $0.leavesOneStep || $0.changesLengths || !$0.branches.isEmpty
    }) {
      throw .model("\(file): its encoder has '\(block.summary)', which an encoder of Weft cannot have")
    }
    return network
  }
}
