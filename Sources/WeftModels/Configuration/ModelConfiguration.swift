import KernelInterface
import WeftConfiguration
import WeftLayers

/// The network.
public struct ModelConfiguration: Equatable, Sendable {
  /// What the model makes of a sequence.
  public var kind = ModelKind.sequence
  /// The recurrent cell.
  public var cell = CellType.lstm
  /// Recurrent layers on top of one another.
  public var layers = 1
  /// Units in each layer and direction.
  public var hidden = 128
  /// Size of the hidden state of cells that project it; nil for ``hidden``.
  public var projection: Int?
  /// Features in a token's embedding; nil feeds tokens in as they are.
  public var embedding: Int?
  /// Whether each layer also reads its sequence backwards.
  public var isBidirectional = false
  /// Share of the features dropped after the embedding, between layers and before the output.
  public var dropout = 0.0
  /// Share of the recurrent state dropped, the same units at all steps.
  public var recurrentDropout = 0.0
  /// Whether gates are layer-normalised.
  public var layerNormalization = false
  /// The state before the first step.
  public var initialState = InitialState.zero
  /// Bias of an LSTM's forget gate at the start.
  public var forgetBias = 1.0
  /// Steps that gates are set to remember at most, in place of ``forgetBias``; nil for the usual first values.
  public var memorySpan: Int?
  /// How recurrent weights begin.
  public var initialization = Initialization.orthogonal
  /// How all other weights begin.
  public var inputInitialization = Initialization.glorot
  /// Whether the output layer uses the embedding's weights.
  public var tieWeights = false
  /// Which steps have an output.
  public var output = OutputSteps.everyStep
  /// Outputs of a step; nil for what the targets imply.
  public var outputSize: Int?

  /// The defaults.
  public init() {}

  /// How matrix products are computed.
  package var dotAlgorithm: DotAlgorithm { .f32_f32_f32 }

  /// Units of the hidden state.
  package var stateSize: Int { RecurrentLayerOptions(self).outputSize }

  /// Of a layer; far beyond what trains, and its square still a number.
  private static let greatestSize = 1 << 20

  package static let keys: [ConfigurationKey<ModelConfiguration>] = [
    ConfigurationKey(
      "kind", \.kind,
      "What the model makes of a sequence: outputs for its steps (`sequence`), another sequence"
        + " (`encoder-decoder`), or the same again, backwards, from what it remembers (`autoencoder`)."),
    ConfigurationKey("cell", \.cell, required: true, "The recurrent cell."),
    ConfigurationKey(
      "layers", \.layers, .from(0, atMost: 1024),
      "Recurrent layers on top of one another. With `kind: encoder-decoder` 0 lets the decoder look at the inputs"
        + " themselves, such as the patches of an image."),
    ConfigurationKey(
      "hidden", \.hidden, .from(1, atMost: greatestSize), required: true,
      "Units in each layer and direction."),
    ConfigurationKey(
      "projection", \.projection, .from(1, atMost: greatestSize),
      "Size of the hidden state of a cell that projects it, `lstm-projection`. Left out: `hidden`."),
    ConfigurationKey(
      "embedding", \.embedding, .from(1, atMost: greatestSize),
      "Features in a token's embedding. Left out: each token is its own feature (one-hot)."),
    ConfigurationKey(
      "bidirectional", \.isBidirectional, "Read each sequence backwards as well, in every layer."),
    ConfigurationKey(
      "dropout", \.dropout, .from(0, below: 1),
      "Share of the features dropped after the embedding, between layers and before the output while training"
        + " (Zaremba et al. 2014)."),
    ConfigurationKey(
      "recurrent_dropout", \.recurrentDropout, .from(0, below: 1),
      "Share of the recurrent state dropped while training, the same units at every step of a sequence"
        + " (variational)."),
    ConfigurationKey("layer_normalization", \.layerNormalization, "Layer-normalise the gates."),
    ConfigurationKey(
      "initial_state", \.initialState, "The state before a sequence's first step."),
    ConfigurationKey("forget_bias", \.forgetBias, "An LSTM's forget-gate bias at the start."),
    ConfigurationKey(
      "memory_span", \.memorySpan, .atLeast(3),
      "Steps that gated cells remember at most at the start: biases of forget and input gates, or of update gates, keep"
        + " each unit's state for between 1 and so many (Tallec and Ollivier 2018). Takes the place of `forget_bias`."
    ),
    ConfigurationKey("initialization", \.initialization, "How recurrent weights begin."),
    ConfigurationKey(
      "input_initialization", \.inputInitialization, "How input and output weights begin."),
    ConfigurationKey(
      "tie_weights", \.tieWeights,
      "Use the embedding's weights in the output layer; `embedding` must equal `hidden`."),
    ConfigurationKey(
      "output", \.output,
      "Give an output at every step, or one a sequence: from the `last-step`, from the `mean` of all steps, or from a"
        + " mean that `attention` weighs."),
    ConfigurationKey(
      "output_size", \.outputSize, .atLeast(1),
      "Outputs of a step. Left out: what the targets imply."),
  ]
}

/// What a model makes of a sequence.
public enum ModelKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// An output for each step or for the whole.
  case sequence
  /// Another sequence.
  case encoderDecoder = "encoder-decoder"
  /// The sequence itself, backwards.
  case autoencoder
}

/// The state before a sequence's first step.
public enum InitialState: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// All zeros.
  case zero
  /// A parameter.
  case learned
}

/// Which steps of a sequence have an output.
public enum OutputSteps: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Each of them.
  case everyStep = "every-step"
  /// The last one alone.
  case lastStep = "last-step"
  /// One output from the mean of all steps.
  case mean
  /// One output from a mean of all steps whose weights are learned.
  case attention
}

extension RecurrentLayerOptions {
  init(_ configuration: ModelConfiguration) {
    self.init(kind: configuration.cell, hiddenSize: configuration.hidden)
    projectionSize = configuration.projection
    layerNormalization = configuration.layerNormalization
    learnsInitialState = configuration.initialState == .learned
    recurrentDropout = Float(configuration.recurrentDropout)
    forgetBias = Float(configuration.forgetBias)
    memorySpan = configuration.memorySpan
    inputInitialization = configuration.inputInitialization
    recurrentInitialization = configuration.initialization
  }
}
