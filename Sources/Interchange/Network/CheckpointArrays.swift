import WeftBase
import WeftLayers
import WeftModels
import WeftTraining

/// A checkpoint's parameters by name.
struct CheckpointArrays {
  private let checkpoint: Checkpoint
  private let group: String
  private let file: String

  /// The weights that evaluation uses: averages, where training keeps them.
  ///
  /// - Parameter file: The checkpoint's file, for errors.
  init(_ checkpoint: Checkpoint, file: String) {
    self.checkpoint = checkpoint
    group = checkpoint.evaluatedGroup
    self.file = file
  }

  /// - Throws: If a parameter of a model is missing or has another shape.
  func check(_ layout: ParameterLayout) throws(WeftError) {
    for parameter in layout.parameters {
      let shape = try array(parameter.name).shape
      guard shape == parameter.shape else {
        throw .model(
          "\(file): dataset /\(group)/\(parameter.name): has the shape \(shape), expected \(parameter.shape)")
      }
    }
  }

  func has(_ name: String) -> Bool { checkpoint.arrays["\(group)/\(name)"] != nil }

  private func array(_ name: String) throws(WeftError) -> Checkpoint.Array {
    guard let array = checkpoint.arrays["\(group)/\(name)"] else {
      throw .model("\(file): dataset /\(group)/\(name): is missing")
    }
    return array
  }

  func values(_ name: String) throws(WeftError) -> [Float] { try array(name).values }

  func matrix(_ name: String) throws(WeftError) -> WeightMatrix {
    let array = try array(name)
    guard array.shape.count == 2 else {
      throw .model("\(file): dataset /\(group)/\(name): has the shape \(array.shape), expected a matrix")
    }
    return WeightMatrix(rows: array.shape[0], columns: array.shape[1], values: array.values)
  }

  func dense(_ path: String) throws(WeftError) -> DenseWeights {
    DenseWeights(weights: try matrix("\(path)/weights"), bias: try values("\(path)/bias"))
  }

  /// The blocks of a model; dropout has no effect in a trained one, and batch normalization is a scaling, which the
  /// weights beside it absorb.
  func blocks(_ model: ModelConfiguration) throws(WeftError) -> [NetworkBlock] {
    var names = BlockNames()
    return try blocks(model.allBlocks, model, &names)
  }

  private func blocks(
    _ configurations: [BlockConfiguration], _ model: ModelConfiguration, _ names: inout BlockNames
  ) throws(WeftError) -> [NetworkBlock] {
    var chain = BlockChain()
    func check(_ isKept: Bool) throws(WeftError) {
      if isKept { return }
      throw .model(
        "\(file): a batch normalization of more than \(BlockChain.maximumIdentity) features is supported only before or"
          + " after a dense layer, and one between both directions of a layer, another normalization and 'pool: last' not"
          + " at all")
    }
    for (_, configuration) in BlockConfiguration.poolingFirst(configurations) {
      if configuration.normalization == .batch {
        let scaling = try scaling(names.next("normalization"), epsilon: configuration.epsilon)
        try check(chain.scale(by: scaling))
        continue
      }
      if configuration.type?.key == "activation" {
        try check(chain.activate(configuration.activation ?? .linear))
        continue
      }
      guard var block = try block(configuration, model, &names) else { continue }
      if configuration.isResidual { block = .residual(block) }
      if configuration.isHighway { block = .highway(block, gate: try dense(names.next("highway"))) }
      // Other parameters than weights and biases may not be those of the scaled inputs.
      if case .recurrent(let level) = block, level.layers.contains(where: { !$0.others.isEmpty }) {
        try check(chain.finish())
      }
      try check(chain.append(block))
    }
    try check(chain.finish())
    return chain.blocks
  }

  /// What a batch normalization does after training.
  private func scaling(_ path: String, epsilon: Double) throws(WeftError) -> InputScaling {
    let (gain, bias) = (try values("\(path)/gain"), try values("\(path)/bias"))
    let (mean, variance) = (try values("\(path)/mean"), try values("\(path)/variance"))
    guard Set([gain.count, bias.count, mean.count, variance.count]).count == 1 else {
      throw .model("\(file): dataset /\(group)/\(path)/gain: has another size than mean and variance")
    }
    return InputScaling(gain: gain, bias: bias, mean: mean, variance: variance, epsilon: epsilon)
  }

  /// A block without residual and highway connections; nil if it has no effect.
  private func block(
    _ block: BlockConfiguration, _ model: ModelConfiguration, _ names: inout BlockNames
  ) throws(WeftError) -> NetworkBlock? {
    let activation = block.activation ?? .linear
    if !block.branches.isEmpty {
      var branches: [[NetworkBlock]] = []
      for branch in block.branches { branches.append(try blocks(branch, model, &names)) }
      return .branches(branches, merge: block.merge)
    }
    if block.cell != nil {
      let path = names.next("layer")
      let directions =
        block.isBidirectional ? ["forward", "backward"] : [block.isBackward ? "backward" : "forward"]
      var layers: [RecurrentWeights] = []
      for direction in directions { layers.append(try layer("\(path)/\(direction)", block, model)) }
      var level = RecurrentLevel(layers)
      (level.merge, level.isBackward) = (block.merge, block.isBackward)
      return .recurrent(level)
    }
    if block.dense != nil { return .dense(try dense(names.next("dense")), activation) }
    if block.convolution != nil {
      return .convolution(
        ConvolutionWeights(
          dense: try dense(names.next("convolution")), width: block.width ?? 1, stride: block.stride,
          dilation: block.dilation, padding: block.padding, activation: activation))
    }
    if block.normalization != nil {
      let path = names.next("normalization")
      return .normalization(
        gain: try values("\(path)/gain"), bias: try values("\(path)/bias"),
        epsilon: Float(block.epsilon))
    }
    if block.pool == .attention {
      let path = names.next(NetworkBlock.poolingStem)
      return .attention(
        AttentionWeights(
          projection: try dense(path), score: try matrix("\(path)/score"),
          activation: block.activation ?? .tanh))
    }
    if let kind = block.pool { return .pool(kind) }
    if let kind = block.pooling {
      return .pooling(
        PoolingWindow(kind: kind, width: block.width ?? 1, stride: block.stride, padding: block.padding))
    }
    guard block.dropout != nil else {
      throw .model("\(file): a block '\(block.summary)' cannot be exported")
    }
    return nil
  }

  func layer(
    _ path: String, _ block: BlockConfiguration, _ model: ModelConfiguration
  ) throws(WeftError) -> RecurrentWeights {
    let cell = block.cell ?? model.cell
    var layer = RecurrentWeights(
      cell: cell, input: try matrix("\(path)/input_weights"),
      recurrent: cell.hasRecurrentProducts
        ? try matrix("\(path)/recurrent_weights") : WeightMatrix(rows: 0, columns: 0, values: []),
      bias: try values("\(path)/bias"),
      recurrentBias: cell.recurrentBiasGates.isEmpty ? [] : try values("\(path)/recurrent_bias"))
    layer.activation = block.activation ?? cell.activation
    layer.recurrentActivation = block.recurrentActivation ?? .sigmoid
    layer.zoneout = Float(block.zoneout ?? model.zoneout)
    if cell.hasCellZoneout { layer.cellZoneout = Float(block.cellZoneout ?? model.cellZoneout) }
    if cell.recurrentWeights == .blocks { layer.heads = block.heads ?? model.heads }
    if model.initialState == .learned {
      layer.initialHidden = try values("\(path)/initial_hidden")
      if cell.hasCellState { layer.initialCell = try values("\(path)/initial_cell") }
    }
    var known: Set = ["input_weights", "bias", "recurrent_bias", "initial_hidden", "initial_cell"]
    if cell.hasRecurrentProducts { known.insert("recurrent_weights") }
    let prefix = "\(group)/\(path)/"
    for (name, array) in checkpoint.arrays where name.hasPrefix(prefix) {
      let own = String(name.dropFirst(prefix.count))
      if known.contains(own) { continue }
      let columns = array.shape.last ?? 1
      layer.others[own] = WeightMatrix(
        rows: array.shape.dropLast().reduce(1, *), columns: columns, values: array.values)
    }
    return layer
  }
}
