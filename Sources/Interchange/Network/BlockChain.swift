import KernelInterface
import WeftLayers

/// Blocks that are put on one another as another program's layers are read: scalings and activations, which are layers
/// of their own there, join the blocks that have weights.
struct BlockChain: Equatable {
  private(set) var blocks: [NetworkBlock] = []
  /// A scaling of the last block's outputs that the next block's weights absorb.
  private(set) var scaling: InputScaling?
  /// Whether the last block is a convolution that leaves one step of each sequence, which pooling must make of it.
  private var needsPool = false
  /// Index of a dense block that computes a part of an activation, and can have none itself.
  private var sum: Int?

  /// Numbers in dense blocks that were added for what no weights can absorb.
  private var addedNumbers = 0
  /// Whether a dense block that stands for a scaling separates the states of several directions from what follows, so
  /// that their final ones cannot be told any more.
  private var losesDirections = false

  /// Features of a dense block that computes what no weights can absorb.
  static let maximumIdentity = 4096
  /// Numbers in all such blocks of a network, so that a small file makes no large one.
  private static let maximumAddedNumbers = 1 << 27

  /// - Parameter blocks: The first blocks.
  init(_ blocks: [NetworkBlock] = []) { self.blocks = blocks }

  var hasRecurrent: Bool { blocks.contains { !$0.recurrentLevels.isEmpty } }
  var isPooled: Bool { needsPool || blocks.contains(where: \.configuration.leavesOneStep) }

  /// Whether these blocks are the first of the chain, apart from an activation of the last one.
  func begins(with other: BlockChain) -> Bool {
    guard let last = other.blocks.last else { return true }
    let place = other.blocks.count - 1
    guard blocks.count > place, blocks[..<place] == other.blocks[..<place] else { return false }
    if case .dense(let dense, _) = blocks[place], case .dense(let ending, _) = last {
      return dense == ending
    }
    return blocks[place] == last
  }

  /// Features of the inputs of the first block; nil if no block tells.
  var inputs: Int? {
    for block in blocks {
      switch block {
      case .recurrent(let level): return level.layers.first?.inputs
      case .dense(let dense, _): return dense.weights.rows
      case .convolution(let convolution):
        return convolution.dense.weights.rows / max(convolution.width, 1)
      case .normalization(let gain, _, _): return gain.count
      case .branches(let branches, _):
        if let inputs = branches.lazy.compactMap({ BlockChain($0).inputs }).first { return inputs }
      case .residual(let inner), .highway(let inner, _):
        if let inputs = BlockChain([inner]).inputs { return inputs }
      case .attention(let attention): return attention.projection.weights.rows
      case .pooling, .pool, .activation: continue
      }
    }
    return scaling?.factors.count
  }

  /// Features after the last block; nil if unknown.
  ///
  /// - Parameter inputs: Those before the first block; nil if unknown.
  func outputs(inputs: Int?) -> Int? {
    guard let inputs = inputs ?? self.inputs else { return nil }
    return BlockConfiguration.size(of: blocks.map(\.configuration), inputs: inputs).outputs
  }

  /// Steps after the last block.
  func steps(of inputs: Int) -> Int { blocks.reduce(inputs) { $1.configuration.outputLength($0) } }

  /// Adds a block.
  ///
  /// - Parameter absorbs: Whether the block's weights fit the scaling before it; otherwise that is forgotten.
  /// - Returns: Whether a scaling before it could be kept.
  mutating func append(_ block: NetworkBlock, absorbs: Bool = true) -> Bool {
    if needsPool {
      needsPool = false
      blocks.append(.pool(.last))
    }
    var block = block
    if losesDirections, block.poolsFinalStates { return false }
    if case .dense = block { losesDirections = false }
    if case .convolution = block { losesDirections = false }
    if case .recurrent = block { losesDirections = false }
    if absorbs, let scaling {
      if block.commutes(with: scaling) {
        blocks.append(block)
        return true
      }
      if !block.absorb(scaling) {
        guard addsIdentity(scaling.factors.count) else { return false }
        if case .normalization = block { losesDirections = hasDirections }
        if hasDirections, block.poolsFinalStates { return false }
        blocks.append(.dense(scaling.dense, .linear))
      }
    }
    scaling = nil
    blocks.append(block)
    return true
  }

  /// Adds a dense layer over all steps of sequences of one length, side by side.
  ///
  /// - Returns: Whether a scaling before it, of each step or of all of them, could be kept.
  mutating func appendFlat(_ dense: DenseWeights, steps: Int) -> Bool {
    var dense = dense
    if let all = scaling, all.factors.count == dense.weights.rows {
      dense = DenseWeights(
        weights: all.scaled(dense.weights), bias: all.shifted(dense.bias, by: dense.weights))
      scaling = nil
    }
    let block = NetworkBlock.convolution(
      ConvolutionWeights(
        dense: dense, width: steps, stride: 1, dilation: 1, padding: .valid, activation: .linear))
    guard append(block) else { return false }
    needsPool = true
    return true
  }

  /// Merges the directions of the last block, a layer in both whose states were side by side.
  ///
  /// - Returns: Whether it is one.
  mutating func merge(_ merge: DirectionMerge) -> Bool {
    guard scaling == nil, case .recurrent(var level) = blocks.last, level.layers.count == 2,
      level.merge == .concatenate
    else { return false }
    level.merge = merge
    blocks[blocks.count - 1] = .recurrent(level)
    return true
  }

  /// Scales the outputs of the last block, in its weights or in those of the next one.
  ///
  /// - Returns: Whether the scaling is of as many features as one before it.
  mutating func scale(by added: InputScaling) -> Bool {
    guard let before = scaling else {
      if let last = blocks.indices.last, blocks[last].absorb(outputs: added) { return true }
      scaling = added
      return true
    }
    guard before.factors.count == added.factors.count else { return false }
    scaling = before.followed(by: added)
    return true
  }

  /// Scales all steps of sequences of one length, side by side, for ``appendFlat(_:steps:)``.
  ///
  /// - Returns: Whether the scaling is of as many features as one before it.
  mutating func scaleFlat(by added: InputScaling, steps: Int) -> Bool {
    guard var before = scaling else {
      scaling = added
      return true
    }
    if before.factors.count * steps == added.factors.count { before = before.repeated(steps) }
    guard before.factors.count == added.factors.count else { return false }
    scaling = before.followed(by: added)
    return true
  }

  /// Applies an activation to the outputs of the last block.
  ///
  /// - Parameter features: Features of the outputs.
  /// - Returns: Whether the block can have it, or is small enough for a dense block that has it.
  mutating func apply(_ function: Activation, features: Int?) -> Bool {
    if function == .linear { return true }
    switch blocks.last {
    case .pooling(let pooling) where pooling.width == 1 && scaling == nil:
      // Steps may be left out before or after.
      let last = blocks.removeLast()
      defer { blocks.append(last) }
      return apply(function, features: features)
    case .dense(let dense, .linear) where scaling == nil && sum != blocks.count - 1:
      blocks[blocks.count - 1] = .dense(dense, function)
    case .convolution(var convolution) where convolution.activation == .linear && scaling == nil:
      convolution.activation = function
      blocks[blocks.count - 1] = .convolution(convolution)
    default:
      guard appendIdentity(features), case .dense(let dense, _) = blocks.last else { return false }
      blocks[blocks.count - 1] = .dense(dense, function)
    }
    return true
  }

  /// Applies an activation to the outputs of the last block, as a block of its own where that block has none.
  ///
  /// - Returns: Whether a scaling before it could be kept.
  mutating func activate(_ function: Activation) -> Bool {
    if function == .linear { return true }
    if let scaling {
      let hasDirections = hasDirections
      guard apply(function, features: scaling.factors.count) else { return false }
      losesDirections = hasDirections
      return true
    }
    switch blocks.last {
    case .dense(_, .linear): return apply(function, features: nil)
    case .convolution(let convolution) where convolution.activation == .linear:
      return apply(function, features: nil)
    default: return append(.activation(function))
    }
  }

  /// Whether the features after the last block are states of a layer that reads backward, alone or beside another.
  private var hasDirections: Bool {
    for block in blocks.reversed() {
      if block.keepsDirections { continue }
      guard case .recurrent(let level) = block else { return false }
      return level.isBackward || level.layers.count == 2 && level.merge == .concatenate
    }
    return false
  }

  /// Gives the last block, which has the sigmoid, another activation.
  ///
  /// - Returns: Whether it has the sigmoid.
  mutating func replaceSigmoid(by function: Activation) -> Bool {
    guard scaling == nil else { return false }
    switch blocks.last {
    case .dense(let dense, .sigmoid): blocks[blocks.count - 1] = .dense(dense, function)
    case .convolution(var convolution) where convolution.activation == .sigmoid:
      convolution.activation = function
      blocks[blocks.count - 1] = .convolution(convolution)
    default: return false
    }
    return true
  }

  /// Ends the last block in a dense layer, if it is none.
  ///
  /// - Returns: Whether the features are few enough.
  mutating func endInDense(features: Int?) -> Bool {
    if case .dense(_, .linear) = blocks.last, scaling == nil { return true }
    return appendIdentity(features)
  }

  /// Counts a dense layer with as many inputs as outputs.
  ///
  /// - Returns: Whether it is small enough, with those before.
  private mutating func addsIdentity(_ features: Int) -> Bool {
    guard features > 0, features <= Self.maximumIdentity,
      addedNumbers + features * features <= Self.maximumAddedNumbers
    else { return false }
    addedNumbers += features * features
    return true
  }

  /// Adds a dense layer that computes its inputs.
  private mutating func appendIdentity(_ features: Int?) -> Bool {
    guard let features, addsIdentity(features) else { return false }
    return append(
      .dense(
        DenseWeights(weights: .identity(features), bias: [Float](repeating: 0, count: features)), .linear))
  }

  /// Applies min(x, maximum) where x > 0, and slope · x elsewhere.
  ///
  /// - Precondition: There is a maximum or a slope, not both.
  /// - Returns: Whether the features are few enough.
  mutating func rectify(slope: Float, maximum: Float?, features: Int?) -> Bool {
    precondition(slope == 0 || maximum == nil)
    if maximum == nil, slope == 0 { return apply(.relu, features: features) }
    if maximum == 6 { return apply(.relu6, features: features) }
    if maximum == nil, abs(slope - 0.01) < 1e-8 { return apply(.leakyReLU, features: features) }
    return rectify(slopes: [slope], maximum: maximum, features: features)
  }

  /// Applies min(x, maximum) where x > 0, and slope · x elsewhere, as the difference of two rectified dense layers.
  ///
  /// - Parameter slopes: One, or one for each feature.
  /// - Returns: Whether the features are few enough, and as many as the slopes.
  mutating func rectify(slopes: [Float], maximum: Float? = nil, features: Int?) -> Bool {
    guard endInDense(features: features), case .dense(let dense, .linear) = blocks.last,
      [1, dense.weights.columns].contains(slopes.count), addsIdentity(dense.weights.columns)
    else { return false }
    // With a slope a, the second is of −x, and joins with −a; with a maximum m, of x − m, and joins with −1.
    let (sign, shift): (Float, Float) = maximum.map { (1, -$0) } ?? (-1, 0)
    let (rows, columns) = (dense.weights.rows, dense.weights.columns)
    let both = DenseWeights(
      weights: WeightMatrix(
        rows: rows, columns: 2 * columns,
        values: (0..<rows).flatMap { row in
          dense.weights.row(row) + dense.weights.row(row).map { sign * $0 }
        }),
      bias: dense.bias + dense.bias.map { sign * $0 + shift })
    let identity = WeightMatrix.identity(columns).values
    let joined = WeightMatrix(
      rows: 2 * columns, columns: columns,
      values: identity
        + identity.enumerated().map { place, one in
          one * (maximum == nil ? -slopes[slopes.count == 1 ? 0 : place % columns] : -1)
        })
    blocks[blocks.count - 1] = .dense(both, .relu)
    blocks.append(.dense(DenseWeights(weights: joined, bias: [Float](repeating: 0, count: columns)), .linear))
    sum = blocks.count - 1
    return true
  }

  /// Whether the features of the last block are states of a layer that reads backward, alone or beside another.
  var endsInDirections: Bool {
    for block in blocks.reversed() {
      if case .branches = block { return false }
      if let level = block.recurrentLevels.first { return level.isBackward || level.layers.count > 1 }
      guard block.keepsDirections else { return false }
    }
    return false
  }

  /// Whether the features of the last block come from a convolution or a pooling of windows.
  var endsInChannels: Bool {
    for block in blocks.reversed() {
      switch block {
      case .convolution, .pooling: return true
      case .activation, .normalization: continue
      default: return false
      }
    }
    return false
  }

  /// Adds the input of the last block to its output.
  ///
  /// - Returns: Whether the block can be residual.
  mutating func makeResidual() -> Bool {
    guard scaling == nil, !needsPool, let last = blocks.popLast() else { return false }
    blocks.append(.residual(last))
    return NetworkBlock.residual(last).configuration.problem == nil
  }

  /// Puts blocks in the place of others.
  mutating func replace(_ range: ClosedRange<Int>, by new: [NetworkBlock]) {
    blocks.replaceSubrange(range, with: new)
  }

  mutating func removeLast() { blocks.removeLast() }

  /// Puts a block before all others.
  mutating func insertFirst(_ block: NetworkBlock) { blocks.insert(block, at: 0) }

  /// Adds what the last blocks need, where nothing follows them.
  ///
  /// - Returns: Whether a scaling at the end is small enough.
  mutating func finish() -> Bool {
    if needsPool { blocks.append(.pool(.last)) }
    needsPool = false
    guard let scaling else { return true }
    guard addsIdentity(scaling.factors.count) else { return false }
    blocks.append(.dense(scaling.dense, .linear))
    self.scaling = nil
    return true
  }

  /// Pools after the last recurrent block, in place of what a file does not tell.
  mutating func poolStates(_ kind: PoolKind) {
    if let last = blocks.lastIndex(where: { if case .recurrent = $0 { true } else { false } }) {
      blocks.insert(.pool(kind), at: last + 1)
    }
  }

  /// Takes a dense block off the end, the output layer, with the activation after it that belongs to the loss.
  mutating func takeOutput() -> (dense: DenseWeights, isSigmoid: Bool)? {
    guard case .dense(let dense, let function) = blocks.last, function == .linear || function == .sigmoid
    else {
      return nil
    }
    blocks.removeLast()
    return (dense, function == .sigmoid)
  }

  /// Adds numbers to the biases of the last block, which has weights and no activation yet.
  ///
  /// - Returns: Whether it has.
  mutating func addBias(_ bias: [Float]) -> Bool {
    guard scaling == nil, let last = blocks.indices.last else { return false }
    return blocks[last].absorb(
      outputs: InputScaling(factors: [Float](repeating: 1, count: bias.count), shifts: bias))
  }
}

extension NetworkBlock {
  /// Whether the block, or a branch of it, pools the final states of the features that it reads.
  fileprivate var poolsFinalStates: Bool {
    switch self {
    case .pool(.last): true
    case .branches(let branches, _):
      branches.contains { $0.first { !$0.keepsDirections }?.poolsFinalStates ?? false }
    default: false
    }
  }

  /// Whether states of directions beside one another stay so.
  fileprivate var keepsDirections: Bool {
    switch self {
    case .normalization, .activation: true
    default: false
    }
  }
}
