import KernelInterface
import WeftBase
import WeftLayers

/// What a user tells of the network that a state dictionary belongs to: its blocks.
extension StateDictionary {
  /// The blocks of a network with their weights: recurrent layers, linear layers, convolutions and normalizations are
  /// each taken in the order of the file or, where it tells none, of their names.
  ///
  /// - Parameters:
  ///   - told: The blocks.
  ///   - levels: The recurrent layers of the file.
  ///   - rest: The other arrays, from which those of linear layers are taken.
  ///   - file: For errors.
  /// - Throws: If a block is not in the file, or has other sizes there.
  func takeBlocks(
    _ told: [BlockConfiguration], _ levels: [[RecurrentWeights]], from rest: inout [String: Array],
    file: String
  ) throws(WeftError) -> [NetworkBlock] {
    var blocks: [NetworkBlock] = []
    var levels = levels[...]
    var inputs = 0
    for (index, block) in told.enumerated() {
      func refuse(_ complaint: String) -> WeftError {
        .model("\(file): model.blocks: block \(index + 1): \(complaint)")
      }
      if block.cell != nil {
        guard let layers = levels.popFirst() else { throw refuse("the file has no more recurrent layers") }
        var level = RecurrentLevel(layers)
        level.merge = block.merge
        let found = NetworkBlock.recurrent(level)
        guard found.configuration == block else {
          throw refuse("is '\(block.summary)', but the file has '\(found.configuration.summary)'")
        }
        blocks.append(found)
      } else if let units = block.dense {
        let dense = try takeLinear(units: units, inputs: inputs, from: &rest, refuse)
        blocks.append(.dense(dense, block.activation ?? .linear))
      } else if block.convolution != nil {
        blocks.append(try takeConvolution(block, inputs: inputs, from: &rest, refuse))
      } else if block.normalization != nil {
        blocks.append(try takeNormalization(block, inputs: inputs, from: &rest, refuse))
      } else if let kind = block.pooling, let width = block.width {
        blocks.append(
          .pooling(
            PoolingWindow(kind: kind, width: width, stride: block.stride, padding: block.padding)))
      } else if let kind = block.pool, kind != .attention {
        blocks.append(.pool(kind))
      } else {
        throw refuse("'\(block.summary)' cannot be taken from a state dictionary")
      }
      guard block.dropout == nil, !block.isResidual, !block.isHighway else {
        throw refuse("'dropout', 'residual' and 'highway' are not supported here")
      }
      // Blocks that keep the number of features leave it unknown.
      inputs =
        inputs == 0 && block.dense == nil && block.cell == nil && block.convolution == nil
        ? 0 : BlockConfiguration.size(of: [block], inputs: inputs).outputs
    }
    guard levels.isEmpty else {
      throw .model("\(file): model.blocks: the file has \(levels.count) more recurrent layers")
    }
    return blocks
  }

  /// The next linear layer of the file.
  ///
  /// - Parameter inputs: Its inputs; 0 if they are not known.
  private func takeLinear(
    units: Int, inputs: Int, from rest: inout [String: Array], _ refuse: (String) -> WeftError
  ) throws(WeftError) -> DenseWeights {
    let names = linearNames(rest)
    guard let name = names.first, let array = rest[name], let matrix = WeightMatrix(array) else {
      throw refuse("the file has no more linear layers")
    }
    guard matrix.rows == units, inputs == 0 || matrix.columns == inputs else {
      throw refuse(
        "has \(inputs == 0 ? "" : "\(inputs) inputs and ")\(units) units, but '\(name)' has the shape \(array.shape)"
      )
    }
    rest[name] = nil
    let bias = rest.removeValue(forKey: String(name.dropLast("weight".count)) + "bias")
    guard bias.map({ $0.shape == [units] }) ?? true else {
      throw refuse("the bias of '\(name)' does not match")
    }
    return DenseWeights(
      weights: matrix.transposed, bias: bias?.values ?? [Float](repeating: 0, count: units))
  }

  /// The next convolution of the file.
  private func takeConvolution(
    _ block: BlockConfiguration, inputs: Int, from rest: inout [String: Array],
    _ refuse: (String) -> WeftError
  ) throws(WeftError) -> NetworkBlock {
    guard let name = weightNames(rest, rank: 3).first, let array = rest[name], !array.values.isEmpty else {
      throw refuse("the file has no more convolutions")
    }
    let (filters, channels, width) = (array.shape[0], array.shape[1], array.shape[2])
    guard filters == block.convolution, width == block.width, inputs == 0 || channels == inputs else {
      throw refuse(
        "is '\(block.summary)' of width \(block.width ?? 0), but '\(name)' has the shape \(array.shape)")
    }
    rest[name] = nil
    let bias = rest.removeValue(forKey: Self.bias(of: name))
    guard bias.map({ $0.shape == [filters] }) ?? true else {
      throw refuse("the bias of '\(name)' does not match")
    }
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
    return .convolution(
      ConvolutionWeights(
        dense: DenseWeights(weights: weights, bias: bias?.values ?? [Float](repeating: 0, count: filters)),
        width: width, stride: block.stride, dilation: block.dilation, padding: block.padding,
        activation: block.activation ?? .linear))
  }

  /// The next layer normalization of the file.
  private func takeNormalization(
    _ block: BlockConfiguration, inputs: Int, from rest: inout [String: Array],
    _ refuse: (String) -> WeftError
  ) throws(WeftError) -> NetworkBlock {
    let names = weightNames(rest, rank: 1).filter {
      rest[$0.dropLast("weight".count) + "running_mean"] == nil
    }
    guard let name = names.first, let gain = rest[name] else {
      throw refuse("the file has no more layer normalizations")
    }
    let count = gain.values.count
    rest[name] = nil
    let bias = rest.removeValue(forKey: Self.bias(of: name))?.values ?? [Float](repeating: 0, count: count)
    guard count > 0, inputs == 0 || count == inputs, bias.count == count else {
      throw refuse("'\(name)' has \(count) factors for \(inputs) features")
    }
    return .normalization(gain: gain.values, bias: bias, epsilon: Float(block.epsilon))
  }

  private static func bias(of name: String) -> String { String(name.dropLast("weight".count)) + "bias" }

  /// Names of the weights of linear layers, in the order of the network.
  func linearNames(_ rest: [String: Array]) -> [String] { weightNames(rest, rank: 2) }

  /// Names of weights of so many axes, in the order of the network.
  private func weightNames(_ rest: [String: Array], rank: Int) -> [String] {
    let names = rest.keys.filter {
      $0.hasLastComponent("weight") && rest[$0]?.shape.count == rank && !$0.lowercased().contains("emb")
    }
    let known = order.filter(names.contains)
    return known.count == names.count ? known : names.sorted { $0.isNaturallyBefore($1) }
  }

  /// The option that names all layers of the file, with activations that are common: the user knows the right ones.
  ///
  /// - Parameter levels: The recurrent layers.
  func suggestedBlocks(_ levels: [[RecurrentWeights]], _ rest: [String: Array]) -> String {
    var texts = weightNames(rest, rank: 3).compactMap { name in
      rest[name].map {
        "{convolution: \($0.shape[0]), width: \($0.shape[2]), padding: same, activation: relu}"
      }
    }
    texts += levels.map { layers in
      let first = layers[0]
      return "{cell: \(first.cell.name), hidden: \(first.units)"
        + (first.cell.hasProjection ? ", projection: \(first.hidden)" : "")
        + (layers.count > 1 ? ", bidirectional: true}" : "}")
    }
    texts.append("{pool: last}")
    texts += weightNames(rest, rank: 1).filter { name in
      rest[name.dropLast("weight".count) + "running_mean"] == nil
    }.map { _ in "{normalization: layer}" }
    // An embedding has as many columns as the first layer has inputs, and no bias.
    let embedded = levels.first?.first?.inputs
    let linear = linearNames(rest).filter { name in
      rest[name]?.shape.last != embedded || rest[Self.bias(of: name)] != nil
    }
    texts += linear.dropLast().compactMap { name in
      rest[name].map { "{dense: \($0.shape[0]), activation: relu}" }
    }
    return
      "name all layers with --set 'model.blocks=[\(texts.prefix(32).joined(separator: ", "))]', in the order and"
      + " with the activations that the network has; the last linear layer is the output"
  }
}
