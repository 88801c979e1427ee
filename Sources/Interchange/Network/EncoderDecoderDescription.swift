import WeftLayers

/// An encoder-decoder or autoencoder independent of file formats, with weights in Weft's layout.
package struct EncoderDecoderDescription: Sendable, Equatable {
  /// The inputs and the blocks of the encoder; without blocks the decoder reads the inputs directly.
  package var encoder: NetworkDescription
  /// The initial state of each layer of the decoder.
  package var bridges: [BridgeWeights]
  package var decoder: DecoderWeights
  /// Whether it writes tokens until one that ends a sequence, rather than the inputs from the last step to the first.
  package var writesTokens: Bool
}

/// The initial state of a layer of a decoder, from the final states of the encoder.
package struct BridgeWeights: Sendable, Equatable {
  /// Hidden state tanh(W x + b); nil for the encoder's own.
  package var hidden: DenseWeights?
  /// Cell state W x + b; nil for the encoder's own, or without one.
  package var cell: DenseWeights?
}

/// A decoder: recurrent layers, attention, and an output layer; see ``AttentionDecoder``.
package struct DecoderWeights: Sendable, Equatable {
  /// What a step reads.
  package var input: Input
  /// The layers; those without input weights for their inputs read the fed attention alone.
  package var layers: [RecurrentWeights]
  /// W of the previous attentional state in the gates of the first layer; nil without input feeding.
  package var feeding: WeightMatrix?
  package var attention: AttentionScoreWeights?
  /// a = tanh(c W_c + h W_s): W_c and W_s; nil without attention.
  package var combination: Combination?
  package var output: DenseWeights

  /// What a step of a decoder reads.
  package enum Input: Sendable, Equatable {
    /// The previous token, by rows of an embedding.
    case tokens(WeightMatrix)
    /// The previous features.
    case features(Int)
    /// Nothing.
    case none
  }

  package struct Combination: Sendable, Equatable {
    package var context: WeightMatrix
    package var state: WeightMatrix
  }

  /// Units of the topmost hidden state.
  package var hidden: Int { layers.last?.hidden ?? 0 }
}

/// The score of a source step for a decoder state.
package struct AttentionScoreWeights: Sendable, Equatable {
  package var score: AttentionScore
  /// W_q `[hidden, keys]`, additive.
  package var query: WeightMatrix?
  /// W_k `[source, keys]`, additive; W `[source, hidden]`, general.
  package var key: WeightMatrix?
  /// v `[keys, 1]`, additive.
  package var vector: WeightMatrix?
}

extension EncoderDecoderDescription {
  /// For example `12 tokens, embedding 16, lstm 128, decoder 1 × lstm 128, 14 outputs at every step`.
  package var summary: String {
    let first = decoder.layers[0]
    return encoder.inputSummary
      + ", decoder \(decoder.layers.count) × \(first.cell.name) \(first.hidden),"
      + " \(decoder.output.weights.columns) outputs at every step"
  }
}
