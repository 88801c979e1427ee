import WeftConfiguration
import WeftLayers

/// The part of a model that writes a sequence from what another has read.
public struct DecoderConfiguration: Equatable, Sendable {
  /// The recurrent cell; nil for the encoder's.
  public var cell: CellType?
  /// Recurrent layers on top of one another.
  public var layers = 1
  /// Units in each layer; nil for the encoder's.
  public var hidden: Int?
  /// Features in a written token's embedding; nil for the encoder's.
  public var embedding: Int?
  /// How it looks at the source; nil for additive attention, and for none in an autoencoder.
  public var attention: AttentionKind?
  /// Units that additive attention compares in; nil for the decoder's.
  public var attentionSize: Int?
  /// Whether what attention saw is fed to the next step.
  public var feedsInput = true
  /// What a step reads.
  public var inputs = DecoderInputs.previous
  /// How the first states follow from the encoder's last ones.
  public var bridge = BridgeKind.projection
  /// Whether the output layer uses the weights of the decoder's embedding.
  public var tieWeights = false

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<DecoderConfiguration>] = [
    ConfigurationKey("cell", \.cell, "The recurrent cell. Left out: the encoder's."),
    ConfigurationKey(
      "layers", \.layers, .atLeast(1), "Recurrent layers on top of one another."),
    ConfigurationKey(
      "hidden", \.hidden, .atLeast(1), "Units in each layer. Left out: the encoder's."),
    ConfigurationKey(
      "embedding", \.embedding, .atLeast(1),
      "Features in a written token's embedding. Left out: those of `model.embedding`."),
    ConfigurationKey(
      "attention", \.attention,
      "How a step looks at the source: `additive` (Bahdanau et al. 2015), `dot` or `general` products (Luong et al."
        + " 2015), or `none`. Left out: `additive`, and `none` in an autoencoder."),
    ConfigurationKey(
      "attention_size", \.attentionSize, .atLeast(1),
      "Units that additive attention compares in. Left out: as many as `hidden`."),
    ConfigurationKey(
      "input_feeding", \.feedsInput,
      "Feed what attention saw to the next step (Luong et al. 2015); only with attention."),
    ConfigurationKey(
      "inputs", \.inputs,
      "What a step reads: the `previous` token or features, which in training are the true ones, or `none`, so that"
        + " the states alone carry what is written."),
    ConfigurationKey(
      "bridge", \.bridge,
      "How the first states follow from the encoder's last ones, or from the mean of a source without encoder:"
        + " through a learned `projection`, or as a `copy`."),
    ConfigurationKey(
      "tie_weights", \.tieWeights,
      "Use the weights of the decoder's embedding in the output layer; `embedding` must equal `hidden`."),
  ]
}

/// How a decoder looks at its source.
public enum AttentionKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// v · tanh(W_q h + W_k s).
  case additive
  /// h · s.
  case dot
  /// h · (W s).
  case general
  /// Not at all.
  case none

  /// How it scores the steps of the source; nil if it does not look.
  package var score: AttentionScore? { AttentionScore(rawValue: rawValue) }
}

/// What a step of a decoder reads.
public enum DecoderInputs: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// What was written one step before.
  case previous
  /// Nothing.
  case none
}

/// How a decoder's initial states follow from what the encoder ends with.
public enum BridgeKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Hidden: tanh(W x + b) (Bahdanau, Cho and Bengio 2015, appendix A.2.2); cell: W x + b.
  case projection
  /// The encoder's states as they are.
  case copy
}

/// What is left out of a decoder's section follows from the encoder.
extension DecoderConfiguration {
  /// How the decoder of a model looks at its source.
  package func attention(of model: ModelConfiguration) -> AttentionKind {
    attention ?? (model.kind == .autoencoder ? .none : .additive)
  }

  /// Units of the layers of a model's decoder.
  package func hidden(of model: ModelConfiguration) -> Int { hidden ?? model.hidden }

  /// What the layers of a model's decoder are made from.
  package func layerOptions(of model: ModelConfiguration) -> RecurrentLayerOptions {
    var options = RecurrentLayerOptions(model)
    options.kind = cell(of: model)
    options.hiddenSize = hidden(of: model)
    return options
  }

  /// Units of the hidden state of a model's decoder.
  package func stateSize(of model: ModelConfiguration) -> Int { layerOptions(of: model).outputSize }

  /// The cell of a model's decoder.
  package func cell(of model: ModelConfiguration) -> CellType { cell ?? model.cell }
}
