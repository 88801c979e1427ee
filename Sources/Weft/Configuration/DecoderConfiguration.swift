/// The part of a model that writes a sequence from what another has read.
public struct DecoderConfiguration: Equatable, Sendable {
  /// The recurrent cell; nil for the encoder's.
  public var cell: CellKind?
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

  static let keys = [
    ConfigurationKey("decoder.cell", \.decoder.cell, "The recurrent cell. Left out: the encoder's."),
    ConfigurationKey(
      "decoder.layers", \.decoder.layers, .atLeast(1), "Recurrent layers on top of one another."),
    ConfigurationKey(
      "decoder.hidden", \.decoder.hidden, .atLeast(1), "Units in each layer. Left out: the encoder's."),
    ConfigurationKey(
      "decoder.embedding", \.decoder.embedding, .atLeast(1),
      "Features in a written token's embedding. Left out: those of `model.embedding`."),
    ConfigurationKey(
      "decoder.attention", \.decoder.attention,
      "How a step looks at the source: `additive` (Bahdanau et al. 2015), `dot` or `general` products (Luong et al."
        + " 2015), or `none`. Left out: `additive`, and `none` in an autoencoder."),
    ConfigurationKey(
      "decoder.attention_size", \.decoder.attentionSize, .atLeast(1),
      "Units that additive attention compares in. Left out: as many as `hidden`."),
    ConfigurationKey(
      "decoder.input_feeding", \.decoder.feedsInput,
      "Feed what attention saw to the next step (Luong et al. 2015); only with attention."),
    ConfigurationKey(
      "decoder.inputs", \.decoder.inputs,
      "What a step reads: the `previous` token or features, which in training are the true ones, or `none`, so that"
        + " the states alone carry what is written."),
    ConfigurationKey(
      "decoder.bridge", \.decoder.bridge,
      "How the first states follow from the encoder's last ones, or from the mean of a source without encoder:"
        + " through a learned `projection`, or as a `copy`."),
    ConfigurationKey(
      "decoder.tie_weights", \.decoder.tieWeights,
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
  var score: AttentionScore? { AttentionScore(rawValue: rawValue) }
}

/// What a step of a decoder reads.
public enum DecoderInputs: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// What was written one step before.
  case previous
  /// Nothing.
  case none
}

extension BridgeKind: ConfigurationChoice {}

/// How a decoder writes once it is trained.
public struct DecodingConfiguration: Equatable, Sendable {
  /// Sequences that are extended at the same time.
  public var beam = 5
  /// How much longer sequences are favoured.
  public var lengthPenalty = 0.6
  /// Tokens after which a sequence ends.
  public var maximumLength = 100
  /// Sequences of the validation split that are written at each evaluation; 0 for all.
  public var validationSequences = 500

  /// The defaults.
  public init() {}

  static let keys = [
    ConfigurationKey(
      "decoding.beam", \.decoding.beam, .atLeast(1), changesResult: false,
      "Sequences that beam search extends at the same time; 1 always takes the likeliest token. Evaluations during"
        + " training use 1."),
    ConfigurationKey(
      "decoding.length_penalty", \.decoding.lengthPenalty, .atLeast(0), changesResult: false,
      "α of the length penalty ((5 + length) / 6)^α that log-probabilities are divided by (Wu et al. 2016); 0 for"
        + " none."),
    ConfigurationKey(
      "decoding.maximum_length", \.decoding.maximumLength, .atLeast(1),
      "Tokens after which a sequence is cut off."),
    ConfigurationKey(
      "decoding.validation_sequences", \.decoding.validationSequences, .atLeast(0),
      "Sequences of the validation split that are written at each evaluation, from its start; 0 for all."),
  ]
}
