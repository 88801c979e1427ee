import WeftBase
import WeftLayers

extension StateDictionary {
  /// The weights of a network, by the names of ``TorchProgram``'s modules.
  ///
  /// Equal layers are one module `rnn`; other blocks are modules such as `layer0` and `dense1`. `nn.LSTM`, `nn.GRU` and
  /// `nn.RNN` have rows of gates, and two biases of which the second is zero here but for gates that have one of their
  /// own.
  /// - Parameter file: Source of the network, for errors.
  /// - Throws: If `torch.nn` does not support a cell, or initial states are learned.
  package init(_ network: NetworkDescription, metadata: NetworkMetadata, file: String) throws(WeftError) {
    self.init(metadata: metadata.entries)
    if let rows = network.tokenRows { arrays["embedding.weight"] = Array(rows) }
    if network.hasEqualLayers {
      for (number, layers) in network.levels.enumerated() {
        try add(RecurrentLevel(layers), module: "rnn", number: number, file: file)
      }
    } else {
      var names = BlockNames()
      for block in network.blocks { try add(block, &names, file: file) }
    }
    if let output = network.output { add(output, "output") }
  }

  private mutating func add(_ block: NetworkBlock, _ names: inout BlockNames, file: String) throws(WeftError)
  {
    switch block {
    case .recurrent(let level): try add(level, module: names.next("layer"), number: 0, file: file)
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
    case .pooling, .pool: break
    case .attention(let attention):
      add(attention.projection, "pooling_projection")
      arrays["pooling_score.weight"] = Array(attention.score.transposed)
    case .residual(let inner): try add(inner, &names, file: file)
    case .highway(let inner, let gate):
      try add(inner, &names, file: file)
      add(gate, names.next("highway"))
    }
  }

  private mutating func add(_ dense: DenseWeights, _ name: String) {
    arrays["\(name).weight"] = Array(dense.weights.transposed)
    arrays["\(name).bias"] = Array(dense.bias)
  }

  /// - Parameter number: The layer's place in its module.
  private mutating func add(
    _ level: RecurrentLevel, module: String, number: Int, file: String
  ) throws(WeftError) {
    let first = level.layers[0]
    let foreign = try first.foreign(in: .pytorch, file: file)
    guard first.initialHidden == nil else {
      throw .failure(
        "\(file): model.initial_state 'learned' cannot be represented in PyTorch's modules; export to onnx")
    }
    let order = GateOrder(first.cell, foreign)
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

extension RecurrentWeights {
  /// The same cell in another program.
  ///
  /// - Throws: If the program does not support the cell, or not with these activations.
  func foreign(in program: ForeignProgram, file: String) throws(WeftError) -> ForeignCell {
    let foreign = try cell.foreign(in: program, file: file)
    if program == .pytorch, activation != .tanh || recurrentActivation != .sigmoid {
      throw .failure(
        "\(file): \(cell.name) with the activations '\(activation.rawValue)' and"
          + " '\(recurrentActivation.rawValue)' is not supported in PyTorch; export to onnx")
    }
    return foreign
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
