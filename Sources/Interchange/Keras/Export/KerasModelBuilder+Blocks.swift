import WeftBase

extension KerasModelBuilder {
  /// Adds blocks on one another.
  ///
  /// - Throws: If Keras's stock layers cannot represent one.
  mutating func add(_ blocks: [NetworkBlock]) throws(WeftError) {
    var index = 0
    while index < blocks.count {
      let pools = index + 1 < blocks.count && blocks[index + 1] == .pool(.last)
      if case .recurrent(let level) = blocks[index] {
        try add(level, pools: pools)
        index += pools ? 2 : 1
      } else {
        try add(blocks[index])
        index += 1
      }
    }
  }

  private mutating func add(_ block: NetworkBlock) throws(WeftError) {
    switch block {
    case .recurrent(let level): try add(level, pools: false)
    case .dense(let dense, let activation): add(dense, activation: try name(activation))
    case .convolution(let convolution): try add(convolution)
    case .normalization(let gain, let bias, let epsilon):
      add(
        "LayerNormalization", ["epsilon": .number(Double(epsilon))],
        variables: [
          KerasLayer.Variable(name: "gamma", array: StateDictionary.Array(gain)),
          KerasLayer.Variable(name: "beta", array: StateDictionary.Array(bias)),
        ])
    case .pooling(let pooling):
      if isRagged { throw refuse("pooling over windows of rows of different lengths cannot be represented") }
      if pooling.padding == .causal { throw refuse("causal pooling cannot be represented") }
      add(
        pooling.kind == .maximum ? "MaxPooling1D" : "AveragePooling1D",
        [
          "pool_size": [.integer(pooling.width)], "strides": [.integer(pooling.stride)],
          "padding": .text(pooling.padding.rawValue),
        ])
    case .pool(.mean): add("GlobalAveragePooling1D")
    case .pool(.maximum):
      if isRagged { throw refuse("'pool: maximum' of rows of different lengths cannot be represented") }
      add("GlobalMaxPooling1D")
    case .pool(let kind):
      throw refuse("'pool: \(kind.rawValue)' of other blocks than a recurrent layer cannot be represented")
    case .attention(let attention): try add(attention)
    case .activation(let function): add("Activation", ["activation": .text(try name(function))])
    case .residual(let inner):
      let before = last
      try add(inner)
      add("Add", inputs: [before, last])
    case .highway(let inner, let gate):
      let before = last
      try add(inner)
      let difference = add("Subtract", inputs: [last, before])
      let opening = add(gate, activation: "sigmoid", inputs: [before])
      let change = add("Multiply", inputs: [opening, difference])
      add("Add", inputs: [before, change])
    case .branches(let branches, let merge):
      let before = last
      var ends: [String] = []
      for branch in branches {
        // Each branch begins with a layer that names its input.
        add("Activation", ["activation": "linear"], inputs: [before])
        try add(branch)
        ends.append(last)
      }
      add(merge.kerasLayer, merge == .concatenate ? ["axis": -1] : [:], inputs: ends)
    }
  }

  private mutating func add(_ convolution: ConvolutionWeights) throws(WeftError) {
    if isRagged { throw refuse("a convolution over rows of different lengths cannot be represented") }
    if convolution.stride > 1, convolution.dilation > 1 {
      throw refuse("a convolution with a stride and a dilation cannot be represented")
    }
    add(
      "Conv1D",
      [
        "filters": .integer(convolution.filters), "kernel_size": [.integer(convolution.width)],
        "strides": [.integer(convolution.stride)], "dilation_rate": [.integer(convolution.dilation)],
        "padding": .text(convolution.padding.rawValue), "use_bias": true,
        "activation": .text(try name(convolution.activation)),
      ],
      variables: [
        KerasLayer.Variable(
          name: "kernel",
          array: StateDictionary.Array(
            shape: [convolution.width, convolution.inputs, convolution.filters],
            values: convolution.dense.weights.values)),
        KerasLayer.Variable(name: "bias", array: StateDictionary.Array(convolution.dense.bias)),
      ])
  }

  /// Σ_t a_t h_t with a = softmax over t of v · f(W h_t + b).
  private mutating func add(_ attention: AttentionWeights) throws(WeftError) {
    if isRagged { throw refuse("'pool: attention' of rows of different lengths cannot be represented") }
    let states = last
    add(attention.projection, activation: try name(attention.activation))
    add(
      "Dense", ["units": 1, "activation": "linear", "use_bias": false],
      variables: [KerasLayer.Variable(name: "kernel", array: StateDictionary.Array(attention.score))])
    let weights = add("Softmax", ["axis": 1])
    add("Dot", ["axes": 1, "normalize": false], inputs: [weights, states])
    // Removes the axis of the one step.
    add("GlobalAveragePooling1D")
  }
}
