import KernelInterface
import WeftBase
import WeftLayers

/// A block of a network and the layers of the file that it is made of.
struct PlacedBlock {
  /// The block's number from 0 as the user counts.
  var number: Int
  var block: BlockConfiguration
  var layers: [StateLayer] = []
  /// What the place does to branches, of which it has one at the begin, one before each other branch and one at the end.
  var branching: LayerSearch.Branching?
}

extension StateNetworkReader {
  /// Takes the weights of blocks on one another, and of the output layer.
  ///
  /// Batch normalization is a scaling, which the weights beside it absorb.
  /// - Returns: The blocks, and the output layer; nil if the last block's outputs are those of the network.
  /// - Throws: If weights do not match.
  mutating func take(
    _ placed: [PlacedBlock], output: StateLayer?
  ) throws(WeftError) -> (blocks: [NetworkBlock], output: DenseWeights?) {
    var chain = BlockChain()
    func check(_ isKept: Bool) throws(WeftError) {
      if isKept { return }
      throw refuse(
        "a batch normalization of more than \(BlockChain.maximumIdentity) features is supported only before or after a"
          + " linear layer, and one between both directions of a layer, another normalization and 'pool: last' not at all"
      )
    }
    // Chains below the branches that have begun, and the branches that have ended.
    var outer: [(chain: BlockChain, branches: [[NetworkBlock]])] = []
    for place in placed {
      let block = place.block
      if let branching = place.branching {
        if branching == .begin {
          outer.append((chain, []))
        } else {
          try check(chain.finish())
          outer[outer.count - 1].branches.append(chain.blocks)
        }
        chain = BlockChain()
        if case .end(let merge) = branching, let ended = outer.popLast() {
          chain = ended.chain
          try check(chain.append(.branches(ended.branches, merge: merge)))
        }
        continue
      }
      switch place.layers.first?.kind {
      case .recurrent(let number):
        var level = RecurrentLevel(levels[number].layers)
        level.merge = block.merge
        // Other parameters than weights and biases may not be those of the scaled inputs.
        if level.layers.contains(where: { !$0.others.isEmpty }) { try check(chain.finish()) }
        try check(chain.append(.recurrent(level)))
      case .vector: try check(chain.append(.attention(try takeVector(place))))
      case .linear where block.convolution != nil:
        try check(
          chain.append(.convolution(try takeFlat(place, isAfterChannels: chain.endsInChannels))))
        try check(chain.activate(block.activation ?? .linear))
      case .linear where block.pool == .attention:
        try check(chain.append(.attention(try takeAttention(place))))
      case .linear:
        try check(chain.append(.dense(try takeLinear(place.layers[0]), .linear)))
        try check(chain.activate(block.activation ?? .linear))
      case .convolution:
        try check(chain.append(.convolution(try takeConvolution(place.layers[0], block))))
      case .layerNormalization:
        try check(chain.append(try takeNormalization(place.layers[0], epsilon: block.epsilon)))
      case .batchNormalization:
        try check(chain.scale(by: try takeScaling(place.layers[0], epsilon: block.epsilon)))
      case nil: try check(append(block, to: &chain))
      }
    }
    if let output { try check(chain.append(.dense(try takeLinear(output), .linear))) }
    try check(chain.finish())
    guard case .dense(let last, .linear) = chain.blocks.last else { return (chain.blocks, nil) }
    return (Array(chain.blocks.dropLast()), last)
  }

  /// Adds a block without weights.
  private func append(_ block: BlockConfiguration, to chain: inout BlockChain) -> Bool {
    if let kind = block.pooling, let width = block.width {
      return chain.append(
        .pooling(PoolingWindow(kind: kind, width: width, stride: block.stride, padding: block.padding)))
    }
    if let kind = block.pool { return chain.append(.pool(kind)) }
    return chain.activate(block.activation ?? .linear)
  }

  private mutating func takeLinear(_ layer: StateLayer) throws(WeftError) -> DenseWeights {
    let name = Self.weight(of: layer.name)
    let weights = try dictionary.take(name, from: &rest, file: file).transposed
    return DenseWeights(weights: weights, bias: try takeRow(Self.bias(of: name), count: weights.columns))
  }

  /// A row of a layer; of one number everywhere where the file has none.
  private mutating func takeRow(
    _ name: String, count: Int, standard: Float = 0
  ) throws(WeftError) -> [Float] {
    guard let array = rest.removeValue(forKey: name) else {
      return [Float](repeating: standard, count: count)
    }
    guard array.shape == [count] else {
      throw refuse("'\(name)' has the shape \(array.shape), not [\(count)]")
    }
    return array.values
  }

  private mutating func takeConvolution(
    _ layer: StateLayer, _ block: BlockConfiguration
  ) throws(WeftError) -> ConvolutionWeights {
    let name = Self.weight(of: layer.name)
    guard let array = rest.removeValue(forKey: name), array.shape.count == 3 else {
      throw refuse("'\(name)' is missing")
    }
    let (filters, channels, width) = (array.shape[0], array.shape[1], array.shape[2])
    let bias = try takeRow(Self.bias(of: name), count: filters)
    // From [filters, inputs, width] to [width × inputs, filters].
    var weights = WeightMatrix(
      rows: width * channels, columns: filters, values: [Float](repeating: 0, count: array.values.count))
    for filter in 0..<filters {
      for channel in 0..<channels {
        for place in 0..<width {
          weights.values[(place * channels + channel) * filters + filter] =
            array.values[(filter * channels + channel) * width + place]
        }
      }
    }
    return ConvolutionWeights(
      dense: DenseWeights(weights: weights, bias: bias), width: width, stride: block.stride,
      dilation: block.dilation, padding: block.padding, activation: block.activation ?? .linear)
  }

  private mutating func takeNormalization(
    _ layer: StateLayer, epsilon: Double
  ) throws(WeftError) -> NetworkBlock {
    let name = Self.weight(of: layer.name)
    let gain = try takeRow(name, count: layer.inputs, standard: 1)
    return .normalization(
      gain: gain, bias: try takeRow(Self.bias(of: name), count: layer.inputs), epsilon: Float(epsilon))
  }

  private mutating func takeScaling(_ layer: StateLayer, epsilon: Double) throws(WeftError) -> InputScaling {
    let name = Self.weight(of: layer.name)
    let prefix = String(name.dropLast("weight".count))
    let gain = try takeRow(name, count: layer.inputs, standard: 1)
    let bias = try takeRow("\(prefix)bias", count: layer.inputs)
    let mean = try takeRow("\(prefix)running_mean", count: layer.inputs)
    let variance = try takeRow("\(prefix)running_var", count: layer.inputs, standard: 1)
    return InputScaling(gain: gain, bias: bias, mean: mean, variance: variance, epsilon: epsilon)
  }

  /// A linear layer that reads all steps side by side: the features of a step together, or, as a convolution of PyTorch
  /// leaves them, the steps of a feature.
  private mutating func takeFlat(
    _ place: PlacedBlock, isAfterChannels: Bool
  ) throws(WeftError) -> ConvolutionWeights {
    let (layer, width) = (place.layers[0], place.block.width ?? 1)
    var dense = try takeLinear(layer)
    let (features, columns) = (dense.weights.rows / width, dense.weights.columns)
    if isAfterChannels {
      let stored = dense.weights
      for row in 0..<stored.rows {
        let source = row % features * width + row / features
        dense.weights.values.replaceSubrange(row * columns..<(row + 1) * columns, with: stored.row(source))
      }
    }
    notes.append(
      "'\(layer.title)' reads the \(features) features of \(width) steps side by side, "
        + (isAfterChannels
          ? "those of a feature together, as after nn.Conv1d"
          : "those of a step together, as after nn.LSTM(batch_first=True)")
        + "; sequences must have \(width) steps there")
    return ConvolutionWeights(
      dense: dense, width: width, stride: 1, dilation: 1, padding: .valid, activation: .linear)
  }

  /// The scores of a parameter of one row or column: w · f(h).
  private mutating func takeVector(_ place: PlacedBlock) throws(WeftError) -> AttentionWeights {
    guard let array = rest.removeValue(forKey: place.layers[0].name) else {
      throw refuse("'\(place.layers[0].name)' is missing")
    }
    let count = array.values.count
    let column = WeightMatrix(rows: count, columns: 1, values: array.values)
    let zeros = [Float](repeating: 0, count: count)
    if place.block.size == 1, place.block.activation == .linear {
      return AttentionWeights(
        projection: DenseWeights(weights: column, bias: [0]), score: .identity(1), activation: .linear)
    }
    guard count <= BlockChain.maximumIdentity else {
      throw refuse("'\(place.layers[0].name)' has more than \(BlockChain.maximumIdentity) numbers")
    }
    return AttentionWeights(
      projection: DenseWeights(weights: .identity(count), bias: zeros), score: column,
      activation: place.block.activation ?? .tanh)
  }

  /// The scores v · f(W h + b), to which a bias would add the same at every step; of one layer, v is 1.
  private mutating func takeAttention(_ place: PlacedBlock) throws(WeftError) -> AttentionWeights {
    let projection = try takeLinear(place.layers[0])
    let score = place.layers.count > 1 ? try takeLinear(place.layers[1]).weights : .identity(1)
    return AttentionWeights(
      projection: projection, score: score, activation: place.block.activation ?? .tanh)
  }
}
