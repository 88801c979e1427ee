import WeftBase
import WeftLayers

extension StateDictionary {
  /// The weights of a network, by the names of ``TorchProgram``'s modules.
  ///
  /// Equal layers are one module `rnn`; other blocks are modules such as `layer0` and `dense1`. `nn.LSTM`, `nn.GRU` and
  /// `nn.RNN` have rows of gates, and two biases of which the second is zero here but for gates that have one of their
  /// own. Embeddings of categorical features are `category_3`, by their columns. Layers that `torch.nn` does not have keep the names and shapes of checkpoints, behind the number of their
  /// direction: `layer0.1.input_weights`.
  package init(_ network: NetworkDescription, metadata: NetworkMetadata) {
    self.init(metadata: metadata.entries)
    if let rows = network.tokenRows { arrays["embedding.weight"] = Array(rows) }
    for category in network.categories {
      arrays["category_\(category.column).weight"] = Array(category.embedding)
    }
    if network.isTorchStack {
      for (number, layers) in network.levels.enumerated() {
        add(RecurrentLevel(layers), module: "rnn", number: number)
      }
    } else {
      add(network.blocks, hasModules: true)
    }
    if let output = network.output { add(output, "output") }
  }

  /// The weights of an encoder-decoder or autoencoder, by the names of ``TorchProgram``'s modules.
  package init(_ network: EncoderDecoderDescription, metadata: NetworkMetadata) {
    self.init(metadata: metadata.entries)
    if let rows = network.encoder.tokenRows { arrays["embedding.weight"] = Array(rows) }
    add(network.encoder.blocks, hasModules: false)
    for (name, dense) in network.torchDense { add(dense, name) }
    for (name, matrix) in network.torchMatrices { arrays["\(name).weight"] = Array(matrix.transposed) }
    if case .tokens(let rows) = network.decoder.input { arrays["decoder_embedding.weight"] = Array(rows) }
    for (number, layer) in network.decoder.layers.enumerated() { add(layer, "decoder.\(number)") }
  }

  /// - Parameter hasModules: Whether layers are modules of `torch.nn` where it has them.
  private mutating func add(_ blocks: [NetworkBlock], hasModules: Bool) {
    var names = BlockNames()
    for block in blocks { add(block, &names, hasModules: hasModules) }
  }

  private mutating func add(_ block: NetworkBlock, _ names: inout BlockNames, hasModules: Bool) {
    switch block {
    case .recurrent(let level):
      let name = names.next("layer")
      if hasModules, level.isTorchModule { return add(level, module: name, number: 0) }
      for (number, layer) in level.layers.enumerated() { add(layer, "\(name).\(number)") }
    case .dense(let dense, _): add(dense, names.next("dense"))
    case .convolution(let convolution):
      let name = names.next("convolution")
      arrays["\(name).weight"] = Array(
        shape: [convolution.filters, convolution.inputs, convolution.width], values: convolution.kernel)
      arrays["\(name).bias"] = Array(convolution.dense.bias)
    case .normalization(let gain, let bias, _):
      let name = names.next("normalization")
      arrays["\(name).weight"] = Array(gain)
      arrays["\(name).bias"] = Array(bias)
    case .pooling, .pool, .activation: break
    case .attention(let attention):
      let name = names.next(NetworkBlock.poolingStem)
      add(attention.projection, "\(name)_projection")
      arrays["\(name)_score.weight"] = Array(attention.score.transposed)
    case .residual(let inner): add(inner, &names, hasModules: hasModules)
    case .highway(let inner, let gate):
      add(inner, &names, hasModules: hasModules)
      add(gate, names.next("highway"))
    case .branches(let branches, _):
      for block in branches.joined() { add(block, &names, hasModules: hasModules) }
    }
  }

  private mutating func add(_ dense: DenseWeights, _ name: String) {
    arrays["\(name).weight"] = Array(dense.weights.transposed)
    arrays["\(name).bias"] = Array(dense.bias)
  }

  /// A layer that is no module of `torch.nn`.
  private mutating func add(_ layer: RecurrentWeights, _ name: String) {
    for (parameter, shape, values) in layer.allParameters {
      arrays["\(name).\(parameter)"] = Array(shape: shape, values: values)
    }
  }

  /// - Parameter number: The layer's place in its module.
  private mutating func add(_ level: RecurrentLevel, module: String, number: Int) {
    guard let foreign = level.layers[0].cell.foreign[.pytorch] else {
      preconditionFailure("torch.nn has the layer")
    }
    let order = GateOrder(level.layers[0].cell, foreign)
    for (layer, direction) in zip(level.layers, ["", "_reverse"]) {
      let suffix = "l\(number)\(direction)"
      arrays["\(module).weight_ih_\(suffix)"] = Array(order.exported(layer.input).transposed)
      arrays["\(module).weight_hh_\(suffix)"] = Array(order.exported(layer.recurrent).transposed)
      arrays["\(module).bias_ih_\(suffix)"] = Array(order.exported(layer.bias))
      arrays["\(module).bias_hh_\(suffix)"] = Array(order.exported(layer.wholeRecurrentBias))
      for parameter in foreign.parameters {
        guard let matrix = layer.others[parameter.name] else { continue }
        arrays["\(module).\(parameter.foreignName)_\(suffix)"] = Array(parameter.exported(matrix).transposed)
      }
    }
  }
}

extension NetworkDescription {
  /// - Throws: If a layer is no module of `torch.nn`, so that a state dictionary alone is of no use.
  func checkHasTorchModules(file: String) throws(WeftError) {
    for level in blocks.flatMap(\.recurrentLevels) where !level.isTorchModule {
      let first = level.layers[0]
      let what =
        first.cell.foreign[.pytorch] == nil || first.cell.hasProjection && first.hidden == first.units
        ? "model.cell '\(first.cell.name)'"
        : first.initialHidden != nil
          ? "model.initial_state 'learned'"
          : first.hasOwnSteps
            ? first.isNormalized ? "layer normalization of gates" : "zoneout"
            : "\(first.cell.name) with the activations '\(first.activation.rawValue)' and"
              + " '\(first.recurrentActivation.rawValue)'"
      throw .model(
        "\(file): \(what) has no module in torch.nn; add --module model.py, which defines it, or export to onnx"
      )
    }
  }
}

extension ConvolutionWeights {
  var filters: Int { dense.weights.columns }
  var inputs: Int { dense.weights.rows / width }

  /// `[filters, inputs, width]`, from `[width × inputs, filters]`.
  var kernel: [Float] {
    let weights = dense.weights.values
    var result = [Float](repeating: 0, count: weights.count)
    for place in 0..<width {
      for input in 0..<inputs {
        for filter in 0..<filters {
          result[(filter * inputs + input) * width + place] =
            weights[(place * inputs + input) * filters + filter]
        }
      }
    }
    return result
  }
}
