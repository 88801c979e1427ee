import KernelInterface

/// Builds the blocks of a model, and adds their parameters to its layout.
package struct BlockBuilder {
  /// Options of recurrent layers that blocks do not set themselves, and the initialization of other weights.
  let defaults: RecurrentLayerOptions
  /// Features per position of the next block's input.
  private(set) var inputSize: Int
  package var layout: ParameterLayout
  /// The block that is built.
  private(set) var block = BlockConfiguration()
  /// Its index among all blocks of the configuration, those of branches included.
  private(set) var number = 0
  private var nextNumber = 0
  /// Recurrent blocks built before.
  private(set) var level = 0
  /// Recurrent layers built before.
  private(set) var firstLayer = 0
  /// Directions whose states the features are, side by side.
  private(set) var directions = [Direction.forward]
  /// Blocks of each name, for parameter names.
  private var counts: [String: Int] = [:]
  private var blocks: [any Block] = []

  private init(inputSize: Int, defaults: RecurrentLayerOptions, layout: ParameterLayout) {
    self.inputSize = inputSize
    self.defaults = defaults
    self.layout = layout
  }

  /// A stack of blocks, with their parameters added to a model's layout.
  ///
  /// Parameters have names such as `layer0/forward/bias` and `dense1/weights`, numbered by type.
  /// - Precondition: The blocks fit one another and the inputs; see ``BlockConfiguration/problem(in:inputs:)``.
  package static func stack(
    _ blocks: [BlockConfiguration], inputSize: Int, defaults: RecurrentLayerOptions,
    layout: inout ParameterLayout
  ) -> BlockStack {
    var builder = BlockBuilder(inputSize: inputSize, defaults: defaults, layout: layout)
    for block in blocks { builder.add(block) }
    layout = builder.layout
    return BlockStack(builder.blocks, inputSize: inputSize)
  }

  /// Size of the block that is built.
  var size: BlockSize { block.type?.size(block, inputSize) ?? BlockSize(outputs: inputSize, weights: 0) }

  /// Options of the recurrent layer that is built.
  var layerOptions: RecurrentLayerOptions {
    var options = defaults
    options.kind = block.cell ?? options.kind
    options.hiddenSize = block.hidden ?? options.hiddenSize
    options.projectionSize = block.projection
    if let activation = block.activation { options.activation = activation }
    if let activation = block.recurrentActivation { options.recurrentActivation = activation }
    if let rate = block.recurrentDropout { options.recurrentDropout = Float(rate) }
    if let rate = block.zoneout { options.zoneout = Float(rate) }
    if let rate = block.cellZoneout { options.cellZoneout = Float(rate) }
    if let rate = block.dropConnect { options.dropConnect = Float(rate) }
    if let heads = block.heads { options.heads = heads }
    if let isNormalized = block.layerNormalization { options.layerNormalization = isNormalized }
    return options
  }

  /// A prefix of parameter names that no other block has.
  mutating func path(_ name: String) -> String {
    defer { counts[name, default: 0] += 1 }
    return "\(name)\(counts[name, default: 0])"
  }

  /// The prefix of the parameters of pooling by attention; only the second one in a model has a number.
  mutating func poolingPath() -> String {
    let path = path("pooling")
    return path == "pooling0" ? "pooling" : path
  }

  private mutating func add(_ block: BlockConfiguration) {
    guard let type = block.type else { preconditionFailure("a block has a type") }
    let number = nextNumber
    nextNumber += 1
    (self.block, self.number) = (block, number)
    var made: [any Block] = [type.make(&self)]
    if block.cell != nil, block.merge != .concatenate {
      made.append(MergeBlock(merge: block.merge, outputSize: size.outputs))
    }
    if let rate = block.dropout, type.key != "dropout" {
      made.append(DropoutBlock(outputSize: size.outputs, rate: Float(rate), number: number))
    }
    if block.isResidual || block.isHighway {
      let inner = BlockStack(made, inputSize: inputSize)
      made = [
        block.isResidual
          ? ResidualBlock(inner: inner)
          : HighwayBlock(
            inner, path: path("highway"), initialization: defaults.inputInitialization, layout: &layout)
      ]
    }
    let recurrent = made.flatMap(\.recurrent)
    // Those of branches are counted already.
    if block.branches.isEmpty {
      level += recurrent.count
      firstLayer += recurrent.reduce(0) { $0 + $1.layers.count }
    }
    append(made, directions: readDirections(after: block, type, recurrent))
    inputSize = size.outputs
  }

  /// The branches of the block that is built, each on the same input.
  mutating func makeBranches() -> BranchBlock {
    let outer = self
    let stacks = outer.block.branches.map { branch in
      (blocks, inputSize, directions) = ([], outer.inputSize, outer.directions)
      for block in branch { add(block) }
      return BlockStack(blocks, inputSize: outer.inputSize)
    }
    (blocks, inputSize, directions) = (outer.blocks, outer.inputSize, outer.directions)
    (block, number) = (outer.block, outer.number)
    return BranchBlock(stacks, merge: block.merge, inputSize: inputSize)
  }

  /// Directions whose states the features are after a block.
  private func readDirections(
    after block: BlockConfiguration, _ type: BlockType, _ recurrent: [RecurrentBlock]
  ) -> [Direction] {
    if type.keepsDirections { return directions }
    guard let layers = recurrent.first?.layers, block.merge == .concatenate, block.branches.isEmpty,
      !block.isResidual, !block.isHighway
    else { return [.forward] }
    return layers.map(\.direction)
  }

  private mutating func append(_ made: [any Block], directions: [Direction]) {
    self.directions = directions
    // The final states of both directions are merged after pooling, because they are not at the same step.
    if block.pool == .last, let merge = blocks.lastIndex(where: { $0 is MergeBlock }), let both = mergedPool,
      blocks[merge...].allSatisfy({ $0 is MergeBlock || $0 is DropoutBlock })
    {
      blocks.insert(both, at: merge)
      blocks += made.dropFirst()
    } else {
      blocks += made
    }
  }

  /// The pooling of both directions before they are merged; nil if none is merged.
  private var mergedPool: PoolBlock? {
    guard let merge = blocks.last(where: { $0 is MergeBlock }) else { return nil }
    return PoolBlock(.last, inputSize: 2 * merge.outputSize, directions: [.forward, .backward])
  }
}
