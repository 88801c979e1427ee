import WeftBase

extension StateDictionary {
  /// The weights of a network with modules `embedding`, `rnn` and `output`.
  ///
  /// `nn.LSTM`, `nn.GRU` and `nn.RNN` have rows of gates, and two biases of which the second is zero here but for
  /// gates that have one of their own.
  /// - Parameter file: Source of the network, for errors.
  /// - Throws: If `torch.nn` does not support the cell, or initial states are learned.
  package init(_ network: NetworkDescription, metadata: NetworkMetadata, file: String) throws(WeftError) {
    let cell = network.levels[0][0].cell
    let foreign = try cell.foreign(in: .pytorch, file: file)
    try network.checkEqualLayers(file: file)
    guard network.levels[0][0].initialHidden == nil else {
      throw .failure(
        "\(file): model.initial_state 'learned' cannot be represented in PyTorch's modules; export to onnx")
    }
    self.init(metadata: metadata.entries)
    let order = GateOrder(cell, foreign)
    if let rows = network.tokenRows { arrays["embedding.weight"] = Array(rows) }
    for (level, layers) in network.levels.enumerated() {
      for (layer, direction) in zip(layers, ["", "_reverse"]) {
        let suffix = "l\(level)\(direction)"
        arrays["rnn.weight_ih_\(suffix)"] = Array(order.exported(layer.input).transposed)
        arrays["rnn.weight_hh_\(suffix)"] = Array(order.exported(layer.recurrent).transposed)
        arrays["rnn.bias_ih_\(suffix)"] = Array(order.exported(layer.bias))
        arrays["rnn.bias_hh_\(suffix)"] = Array(order.exported(layer.wholeRecurrentBias))
        for parameter in foreign.parameters {
          guard let matrix = layer.others[parameter.name] else { continue }
          arrays["rnn.\(parameter.foreignName)_\(suffix)"] = Array(parameter.exported(matrix).transposed)
        }
      }
    }
    if let output = network.output {
      arrays["output.weight"] = Array(output.weights.transposed)
      arrays["output.bias"] = Array(output.bias)
    }
  }
}
