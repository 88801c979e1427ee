import WeftConfiguration
import WeftLayers

/// The decoder of an encoder-decoder or autoencoder.
public struct DecoderConfiguration: Equatable, Sendable {
  /// The recurrent cell. (default: the encoder's)
  public var cell: CellType?
  /// Number of stacked recurrent layers.
  public var layers = 1
  /// Units per layer. (default: the encoder's)
  public var hidden: Int?
  /// Embedding size of target tokens. (default: `model.embedding`)
  public var embedding: Int?
  /// Attention over the source.
  public var attention: AttentionKind?
  /// Hidden units of additive attention. (default: `hidden`)
  public var attentionSize: Int?
  /// Pass the attention result to the next step (input feeding, Luong et al. 2015); needs attention.
  public var feedsInput = true
  /// Input of each decoder step.
  public var inputs = DecoderInputs.previous
  /// Computation of the decoder's initial state from the encoder's final state.
  public var bridge = BridgeKind.projection
  /// Share the decoder's embedding weights with the output layer; `embedding` must equal `hidden`.
  public var tieWeights = false

  /// The defaults.
  public init() {}

  package static let keys: [ConfigurationKey<DecoderConfiguration>] = [
    ConfigurationKey("cell", \.cell, "The recurrent cell. (default: the encoder's)"),
    ConfigurationKey("layers", \.layers, .atLeast(1), "Number of stacked recurrent layers."),
    ConfigurationKey("hidden", \.hidden, .atLeast(1), "Units per layer. (default: the encoder's)"),
    ConfigurationKey(
      "embedding", \.embedding, .atLeast(1),
      "Embedding size of target tokens. (default: `model.embedding`)"),
    ConfigurationKey(
      "attention", \.attention,
      "Attention over the source: `additive` (Bahdanau et al. 2015), `dot` or `general` (Luong et al."
        + " 2015), or `none`. (default: `additive`; `none` in an autoencoder)"),
    ConfigurationKey(
      "attention_size", \.attentionSize, .atLeast(1),
      "Hidden units of additive attention. (default: `hidden`)"),
    ConfigurationKey(
      "input_feeding", \.feedsInput,
      "Pass the attention result to the next step (input feeding, Luong et al. 2015); needs attention."),
    ConfigurationKey(
      "inputs", \.inputs,
      "Input of each decoder step: the `previous` token or features (the reference during training), or"
        + " `none`, so that the state alone carries the sequence."),
    ConfigurationKey(
      "bridge", \.bridge,
      "Computation of the decoder's initial state from the encoder's final state, or from the mean of"
        + " the source without an encoder: a learned `projection` or a `copy`."),
    ConfigurationKey(
      "tie_weights", \.tieWeights,
      "Share the decoder's embedding weights with the output layer; `embedding` must equal `hidden`."),
  ]
}

/// Attention of a decoder over its source: the score of decoder state h and source step s.
public enum AttentionKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// v · tanh(W_q h + W_k s).
  case additive
  /// h · s.
  case dot
  /// h · (W s).
  case general
  /// No attention.
  case none

  /// The score function; nil without attention.
  package var score: AttentionScore? { AttentionScore(rawValue: rawValue) }
}

/// Input of each decoder step.
public enum DecoderInputs: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// The output of the previous step.
  case previous
  /// No input.
  case none
}

/// Computation of the decoder's initial state from the encoder's final state.
public enum BridgeKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Hidden: tanh(W x + b) (Bahdanau, Cho and Bengio 2015, appendix A.2.2); cell: W x + b.
  case projection
  /// The encoder's final state, unchanged.
  case copy
}

/// Unset keys of the decoder take their values from the encoder.
extension DecoderConfiguration {
  /// Attention of a model's decoder.
  package func attention(of model: ModelConfiguration) -> AttentionKind {
    attention ?? (model.kind == .autoencoder ? .none : .additive)
  }

  /// Units per layer of a model's decoder.
  package func hidden(of model: ModelConfiguration) -> Int {
    hidden ?? model.recurrentBlocks.last?.hidden ?? model.hidden
  }

  /// Options of the layers of a model's decoder.
  package func layerOptions(of model: ModelConfiguration) -> RecurrentLayerOptions {
    var options = RecurrentLayerOptions(defaults: model)
    options.projectionSize = model.recurrentBlocks.last?.projection ?? model.projection
    options.kind = cell(of: model)
    options.hiddenSize = hidden(of: model)
    return options
  }

  /// Size of the hidden state of a model's decoder.
  package func stateSize(of model: ModelConfiguration) -> Int { layerOptions(of: model).outputSize }

  /// Whether the final states of a model's encoder have the sizes of the decoder's.
  package func canCopy(from model: ModelConfiguration) -> Bool {
    let encoder = model.recurrentBlocks
    guard !encoder.isEmpty else { return false }
    return (0..<layers).allSatisfy { index in
      let block = encoder[min(index, encoder.count - 1)]
      guard let cell = block.cell, cell == self.cell(of: model), let units = block.hidden else {
        return false
      }
      // Both directions are side by side, as only states of one vector can be.
      guard block.isBidirectional else {
        return units == hidden(of: model)
          && cell.outputSize(units: units, projection: block.projection) == stateSize(of: model)
      }
      return cell.hiddenVectors == 1 && cell.cellVectors <= 1 && 2 * units == hidden(of: model)
        && 2 * cell.outputSize(units: units, projection: block.projection) == stateSize(of: model)
    }
  }

  /// The cell of a model's decoder.
  package func cell(of model: ModelConfiguration) -> CellType {
    cell ?? model.recurrentBlocks.last?.cell ?? model.cell
  }
}
