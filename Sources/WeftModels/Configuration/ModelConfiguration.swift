import KernelInterface
import WeftConfiguration
import WeftLayers

/// The network.
public struct ModelConfiguration: Equatable, Sendable {
  /// Kind of model.
  public var kind = ModelKind.sequence
  /// The recurrent cell.
  public var cell = CellType.lstm
  /// Number of stacked recurrent layers.
  public var layers = 1
  /// Units per layer and direction.
  public var hidden = 128
  /// Size of the hidden state, for `lstm-projection`. (default: `hidden`)
  public var projection: Int?
  /// Embedding size of tokens, or of every categorical input. (default: one-hot inputs)
  public var embedding: Int?
  /// Embedding sizes of categorical inputs, in the order of the inputs.
  public var embeddings: [Int] = []
  /// Read sequences in both directions, in every layer.
  public var isBidirectional = false
  /// Dropout rate after the embedding, between layers and before the output (Zaremba et al. 2014).
  public var dropout = 0.0
  /// Recurrent dropout rate: the same units are dropped at every step of a sequence (variational).
  public var recurrentDropout = 0.0
  /// Zoneout rate of the hidden state.
  public var zoneout = 0.0
  /// Zoneout rate of the cell state.
  public var cellZoneout = 0.0
  /// DropConnect rate of the recurrent weights.
  public var dropConnect = 0.0
  /// Heads of `slstm` cells, which must divide `hidden`.
  public var heads = 1
  /// Apply layer normalization to the gates.
  public var layerNormalization = false
  /// Initial state of a sequence.
  public var initialState = InitialState.zero
  /// Initial forget-gate bias of an LSTM.
  public var forgetBias = 1.0
  /// Maximum memory span in steps, by chrono initialization (Tallec and Ollivier 2018).
  public var memorySpan: Int?
  /// Initialization of recurrent weights.
  public var initialization = Initialization.orthogonal
  /// Initialization of input and output weights.
  public var inputInitialization = Initialization.glorot
  /// Initialization of token embeddings.
  public var embeddingInitialization: EmbeddingInitialization?
  /// Share the embedding weights with the output layer; `embedding` must equal `hidden`.
  public var tieWeights = false
  /// Output positions.
  public var output = OutputSteps.everyStep
  /// The blocks of the network, from the input up, in place of equal layers.
  public var blocks: [BlockConfiguration] = []
  /// Classes in clusters by frequency (adaptive softmax, Grave et al. 2017), for vocabularies of tens of thousands.
  public var adaptiveCutoffs: [Int] = []
  /// Score the transitions between the classes of the steps as well, by a linear-chain conditional random field.
  public var hasRandomField = false
  /// Number of outputs. (default: determined by the targets)
  public var outputSize: Int?

  /// Precision of matrix products.
  ///
  /// In a configuration file it is `training.precision`.
  public var precision = Precision.float32

  /// The defaults.
  public init() {}

  /// Initialization of an embedding.
  ///
  /// - Parameter isTied: Whether its weights are those of the output as well.
  package func embeddingInitialization(isTied: Bool) -> EmbeddingInitialization {
    embeddingInitialization ?? (isTied ? .scaled : .normal)
  }

  /// The dot algorithm of matrix products.
  package var dotAlgorithm: DotAlgorithm { precision.dotAlgorithm }

  /// Maximum size of a layer: far beyond what can be trained, and its square fits an `Int`.
  private static let maximumSize = 1 << 20

  /// Keys in the section `training`.
  package static let trainingKeys: [ConfigurationKey<ModelConfiguration>] = [
    ConfigurationKey(
      "precision", \.precision,
      "Precision of matrix products: `bfloat16` rounds their operands and sums in float32; `bfloat16x3` takes operands as"
        + " sums of two such numbers, nearly as exact as `float32`. Weights, optimizer, losses, normalization and cell"
        + " states are float32 in any case.")
  ]

  package static let keys: [ConfigurationKey<ModelConfiguration>] =
    [kindKey] + layerKeys.map { $0.replaced(by: "blocks") { !$0.blocks.isEmpty } } + [blocksKey] + commonKeys

  private static let blocksKey = ConfigurationKey(
    "blocks", \ModelConfiguration.blocks,
    "The blocks of the network, from the input up, in place of equal layers: `cell`, `layers`, `hidden`,"
      + " `projection`, `bidirectional`, `dropout` and `output` are then given in the [blocks](#blocks).")

  private static let kindKey =
    ConfigurationKey(
      "kind", \ModelConfiguration.kind,
      "Kind of model: `sequence` gives outputs for the steps of a sequence; `encoder-decoder` generates"
        + " another sequence; `autoencoder` reconstructs the reversed input from its final state.")

  /// Keys of equal recurrent layers.
  private static let layerKeys: [ConfigurationKey<ModelConfiguration>] = [
    ConfigurationKey("cell", \.cell, required: true, "The recurrent cell."),
    ConfigurationKey(
      "layers", \.layers, .from(0, atMost: 1024),
      "Number of stacked recurrent layers. With `kind: encoder-decoder`, 0 omits the encoder: the"
        + " decoder attends to the inputs directly, such as the patches of an image."),
    ConfigurationKey(
      "hidden", \.hidden, .from(1, atMost: maximumSize), required: true,
      "Units per layer and direction."),
    ConfigurationKey(
      "projection", \.projection, .from(1, atMost: maximumSize),
      "Size of the hidden state, for `lstm-projection`. (default: `hidden`)"),
    ConfigurationKey(
      "bidirectional", \.isBidirectional,
      "Read sequences in both directions, in every layer."),
    ConfigurationKey(
      "dropout", \.dropout, .from(0, below: 1),
      "Dropout rate after the embedding, between layers and before the output (Zaremba et al. 2014)."),
    ConfigurationKey(
      "output", \.output,
      "Output positions: `every-step`, or one output per sequence: from the `last-step`, the final state of each"
        + " direction; from the `last-position`, both directions at the last step; from the `mean` or the `maximum` of"
        + " all steps; or from a mean weighted by `attention`."),
  ]

  /// Keys that apply to all blocks.
  private static let commonKeys: [ConfigurationKey<ModelConfiguration>] = [
    ConfigurationKey(
      "embedding", \.embedding, .from(1, atMost: maximumSize),
      "Embedding size of tokens, or of every categorical input. (default: one-hot inputs)"),
    ConfigurationKey(
      "embeddings", \.embeddings,
      "Embedding sizes of categorical inputs, in the order of the inputs. (default: `embedding`, or half the"
        + " number of categories, at most 50)"),
    ConfigurationKey(
      "recurrent_dropout", \.recurrentDropout, .from(0, below: 1),
      "Recurrent dropout rate: the same units are dropped at every step of a sequence (variational)."),
    ConfigurationKey(
      "zoneout", \.zoneout, .from(0, below: 1),
      "Zoneout rate of the hidden state: in training, so many units keep the state of the step before; otherwise all"
        + " do in this proportion (Krueger et al. 2017)."),
    ConfigurationKey(
      "cell_zoneout", \.cellZoneout, .from(0, below: 1),
      "Zoneout rate of the cell state of an LSTM."),
    ConfigurationKey(
      "drop_connect", \.dropConnect, .from(0, below: 1),
      "DropConnect rate of the recurrent weights: in training, so many are zero in each step of the optimizer (Merity"
        + " et al. 2018)."),
    ConfigurationKey(
      "heads", \.heads, .from(1, atMost: maximumSize),
      "Heads of `slstm` cells, which must divide `hidden`: gates see the hidden state of their own head alone."
    ),
    ConfigurationKey(
      "layer_normalization", \.layerNormalization,
      "Apply layer normalization to the gates."),
    ConfigurationKey("initial_state", \.initialState, "Initial state of a sequence."),
    ConfigurationKey("forget_bias", \.forgetBias, "Initial forget-gate bias of an LSTM."),
    ConfigurationKey(
      "memory_span", \.memorySpan, .atLeast(3),
      "Maximum memory span in steps, by chrono initialization (Tallec and Ollivier 2018): gate biases"
        + " are initialized so that units keep their state for between 1 and this many steps. Replaces"
        + " `forget_bias`."),
    ConfigurationKey("initialization", \.initialization, "Initialization of recurrent weights."),
    ConfigurationKey(
      "input_initialization", \.inputInitialization,
      "Initialization of input and output weights."),
    ConfigurationKey(
      "embedding_initialization", \.embeddingInitialization,
      "Initialization of token embeddings: `scaled`, normal with variance 1 / size; `normal`, with variance 1, as in"
        + " PyTorch; `uniform` in ±0.05, as in Keras. (default: `normal`, or with tied weights, which are those of"
        + " the output as well, `scaled`)"),
    ConfigurationKey(
      "tie_weights", \.tieWeights,
      "Share the embedding weights with the output layer; `embedding` must equal `hidden`."),
    ConfigurationKey(
      "adaptive_cutoffs", \.adaptiveCutoffs,
      "Classes in clusters by frequency (adaptive softmax, Grave et al. 2017), for vocabularies of tens of thousands: the"
        + " first class of each cluster, such as `[4000, 20000]`. Frequent classes have the lower numbers, as in"
        + " vocabularies of `weft data text`. With `loss.kind: cross-entropy`; the output has no bias. (default: none)"
    ),
    ConfigurationKey(
      "crf", \.hasRandomField,
      "Score the transitions between the classes of the steps as well, by a linear-chain conditional random field"
        + " (Lafferty et al. 2001): for labels that depend on their neighbours, such as the names in a text. The most"
        + " probable labels of a whole sequence are predicted (Viterbi). With `loss.kind: cross-entropy` and a target"
        + " for every step."),
    ConfigurationKey(
      "output_size", \.outputSize, .atLeast(1),
      "Number of outputs. (default: determined by the targets)"),
  ]
}

/// Kind of model.
public enum ModelKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Outputs for the steps of a sequence, or one for all.
  case sequence
  /// Generates another sequence.
  case encoderDecoder = "encoder-decoder"
  /// Reconstructs the reversed input from its final state.
  case autoencoder
}

/// Initial state of a sequence.
public enum InitialState: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// All zeros.
  case zero
  /// A parameter.
  case learned
}

/// Output positions.
public enum OutputSteps: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// One output per step.
  case everyStep = "every-step"
  /// One output, from the last step.
  case lastStep = "last-step"
  /// One output, from the last step in both directions.
  case lastPosition = "last-position"
  /// One output, from the mean of all steps.
  case mean
  /// One output, from the maximum of each feature over all steps.
  case maximum
  /// One output, from a mean weighted by attention.
  case attention
}
