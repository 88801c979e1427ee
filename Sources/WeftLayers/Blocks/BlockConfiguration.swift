import KernelInterface
import WeftConfiguration

extension Activation: ConfigurationChoice {}

/// One block of a model. Its type is that of the first of `cell`, `dense`, `convolution`, `pooling`, `normalization`,
/// `pool`, `branches`, `activation` and `dropout` that is set.
public struct BlockConfiguration: Equatable, Sendable {
  /// A recurrent layer of this cell.
  public var cell: CellType?
  /// Units per direction of a recurrent layer.
  public var hidden: Int?
  /// Size of the hidden state of `lstm-projection`. (default: `hidden`)
  public var projection: Int?
  /// Read sequences in both directions.
  public var isBidirectional = false
  /// Read sequences backward only.
  public var isBackward = false
  /// Combination of the states of both directions, or of the outputs of `branches`.
  public var merge = DirectionMerge.concatenate
  /// Recurrent dropout rate. (default: `model.recurrent_dropout`)
  public var recurrentDropout: Double?
  /// Zoneout rate of the hidden state. (default: `model.zoneout`)
  public var zoneout: Double?
  /// Zoneout rate of the cell state. (default: `model.cell_zoneout`)
  public var cellZoneout: Double?
  /// DropConnect rate of the recurrent weights. (default: `model.drop_connect`)
  public var dropConnect: Double?
  /// Heads of an `slstm`. (default: `model.heads`)
  public var heads: Int?
  /// Apply layer normalization to the gates. (default: `model.layer_normalization`)
  public var layerNormalization: Bool?
  /// A dense layer of this many units, at every step or after pooling.
  public var dense: Int?
  /// A convolution over time with this many filters.
  public var convolution: Int?
  /// Pooling over windows of steps, feature by feature.
  public var pooling: WindowPooling?
  /// Steps that a convolution or `pooling` reads for each output.
  public var width: Int?
  /// Steps between the windows of a convolution or `pooling`; sequences become shorter by this factor.
  public var stride = 1
  /// Distance of the steps in a convolution's window.
  public var dilation = 1
  /// Steps beyond the ends of a sequence that a convolution reads as zeros, and `pooling` leaves out.
  public var padding = ConvolutionPadding.same
  /// Activation of a dense layer or a convolution (default: `linear`), of a cell's candidate and state (default:
  /// `tanh`; `relu` in an `indrnn`), or of what the weights of `pool: attention` are computed from (default: `tanh`);
  /// alone, a block that applies it to its inputs.
  public var activation: Activation?
  /// Activation of a cell's gates. (default: `sigmoid`)
  public var recurrentActivation: Activation?
  /// Normalization of the features: of each position by its own mean and variance, or of each feature by those of the
  /// positions of a lane.
  public var normalization: NormalizationKind?
  /// What `normalization` adds to the variance.
  public var epsilon = 1e-5
  /// What a step of the optimizer keeps of the moving averages of `normalization: batch`.
  public var momentum = 0.99
  /// Pooling of each sequence into one vector.
  public var pool: PoolKind?
  /// Units that compute the weights of `pool: attention`. (default: the number of features)
  public var size: Int?
  /// Lists of blocks that read the same input side by side; an empty list passes the input on.
  public var branches: [[BlockConfiguration]] = []
  /// Add the block's input to its output (He et al. 2016).
  public var isResidual = false
  /// Mix the block's input and output by a learned gate (Srivastava et al. 2015).
  public var isHighway = false
  /// Dropout rate of the block's output; alone, a block that drops its inputs.
  public var dropout: Double?

  /// A block without a type.
  public init() {}

  private static let maximumSize = 1 << 20

  package static let keys: [ConfigurationKey<BlockConfiguration>] = [
    ConfigurationKey("cell", \.cell, "A recurrent layer of this cell."),
    ConfigurationKey(
      "hidden", \.hidden, .from(1, atMost: maximumSize), "Units per direction of a recurrent layer."),
    ConfigurationKey(
      "projection", \.projection, .from(1, atMost: maximumSize),
      "Size of the hidden state of `lstm-projection`. (default: `hidden`)"),
    ConfigurationKey("bidirectional", \.isBidirectional, "Read sequences in both directions."),
    ConfigurationKey("backward", \.isBackward, "Read sequences backward only."),
    ConfigurationKey(
      "merge", \.merge, "Combination of the states of both directions, or of the outputs of `branches`."),
    ConfigurationKey(
      "recurrent_dropout", \.recurrentDropout, .from(0, below: 1),
      "Recurrent dropout rate. (default: `model.recurrent_dropout`)"),
    ConfigurationKey(
      "zoneout", \.zoneout, .from(0, below: 1),
      "Zoneout rate of the hidden state. (default: `model.zoneout`)"),
    ConfigurationKey(
      "cell_zoneout", \.cellZoneout, .from(0, below: 1),
      "Zoneout rate of the cell state. (default: `model.cell_zoneout`)"),
    ConfigurationKey(
      "drop_connect", \.dropConnect, .from(0, below: 1),
      "DropConnect rate of the recurrent weights. (default: `model.drop_connect`)"),
    ConfigurationKey(
      "heads", \.heads, .from(1, atMost: maximumSize),
      "Heads of an `slstm`. (default: `model.heads`)"),
    ConfigurationKey(
      "layer_normalization", \.layerNormalization,
      "Apply layer normalization to the gates. (default: `model.layer_normalization`)"),
    ConfigurationKey(
      "dense", \.dense, .from(1, atMost: maximumSize),
      "A dense layer of this many units, at every step or after pooling."),
    ConfigurationKey(
      "convolution", \.convolution, .from(1, atMost: maximumSize),
      "A convolution over time with this many filters."),
    ConfigurationKey("pooling", \.pooling, "Pooling over windows of steps, feature by feature."),
    ConfigurationKey(
      "width", \.width, .from(1, atMost: 4096),
      "Steps that a convolution or `pooling` reads for each output."),
    ConfigurationKey(
      "stride", \.stride, .from(1, atMost: 4096),
      "Steps between the windows of a convolution or `pooling`; sequences become shorter by this factor."),
    ConfigurationKey(
      "dilation", \.dilation, .from(1, atMost: 65536), "Distance of the steps in a convolution's window."),
    ConfigurationKey(
      "padding", \.padding,
      "Steps beyond the ends of a sequence that a convolution reads as zeros, and `pooling` leaves out:"
        + " `causal` only before it,"
        + " `same` on both sides, `valid` none."),
    ConfigurationKey(
      "activation", \.activation,
      "Activation of a dense layer or a convolution (default: `linear`), of a cell's candidate and state"
        + " (default: `tanh`; `relu` in an `indrnn`), or of what the weights of `pool: attention` are computed from"
        + " (default: `tanh`); alone, a block that applies it to its inputs."),
    ConfigurationKey(
      "recurrent_activation", \.recurrentActivation, "Activation of a cell's gates. (default: `sigmoid`)"),
    ConfigurationKey(
      "normalization", \.normalization,
      "Normalization of the features: of each position by its own mean and variance (`layer`, Ba et al. 2016), or of"
        + " each feature by those of the positions of a lane (`batch`, Ioffe and Szegedy 2015; Hoffer et al. 2017) and,"
        + " outside training, by their moving averages."),
    ConfigurationKey(
      "epsilon", \.epsilon, .above(0, atMost: 1), "What `normalization` adds to the variance."),
    ConfigurationKey(
      "momentum", \.momentum, .from(0, below: 1),
      "What a step of the optimizer keeps of the moving averages of `normalization: batch`."),
    ConfigurationKey(
      "pool", \.pool,
      "Pooling of each sequence into one vector: `last` takes the final state of each direction,"
        + " `last-position` the last step in both."),
    ConfigurationKey(
      "size", \.size, .from(1, atMost: maximumSize),
      "Units that compute the weights of `pool: attention`. (default: the number of features)"),
    ConfigurationKey(
      "branches", \.branches,
      "Lists of blocks that read the same input side by side; an empty list passes the input on."),
    ConfigurationKey("residual", \.isResidual, "Add the block's input to its output (He et al. 2016)."),
    ConfigurationKey(
      "highway", \.isHighway,
      "Mix the block's input and output by a learned gate (Srivastava et al. 2015)."),
    ConfigurationKey(
      "dropout", \.dropout, .from(0, below: 1),
      "Dropout rate of the block's output; alone, a block that drops its inputs."),
  ]

  /// The type of the block; nil if no key sets it.
  package var type: BlockType? { BlockType.allCases.first { $0.isSet(self) } }

  /// The block and all blocks in its branches, from the input up.
  package var flattened: [BlockConfiguration] { [self] + branches.joined().flatMap(\.flattened) }
}

extension BlockConfiguration: ConfigurationMapping {
  package static var elementName: String { "block" }
  package static var expectation: String {
    "a block such as {cell: lstm, hidden: 128} or {dense: 32, activation: relu}"
  }

  package var problem: String? {
    guard let type else {
      return "needs one of \(BlockType.allCases.map { "'\($0.key)'" }.joined(separator: ", "))"
    }
    let given = Self.keys.filter { $0.text(self) != $0.text(BlockConfiguration()) }.map(\.path)
    if let other = given.first(where: { $0 != type.key && !type.options.contains($0) }) {
      return "'\(other)' does not apply to a block with '\(type.key)'"
    }
    if isResidual, isHighway { return "'residual' and 'highway' exclude each other" }
    return type.problem(self)
  }
}
