import KernelInterface
import WeftLayers

extension ONNXGraphBuilder {
  /// Adds a recurrent layer.
  ///
  /// - Parameters:
  ///   - pool: Whether the final state of each direction is wanted, rather than the states of all steps.
  ///   - feeding: A value `[batch, features]` and the weights with which a streamed step reads it as well.
  mutating func add(
    _ level: RecurrentLevel, path: String, to value: ONNXValue, pool: Bool,
    feeding: (value: String, weights: WeightMatrix)? = nil
  ) -> ONNXValue {
    let first = level.layers[0]
    let functions = [first.activation, first.recurrentActivation].compactMap(\.recurrentFunction)
    guard let foreign = first.cell.foreign[.onnx], !first.hasOwnSteps, functions.count == 2 else {
      return addLoops(level, path: path, to: value, pool: pool, feeding: feeding)
    }
    var (level, value) = (level, value)
    if let feeding {
      // W x + V a is the product of [x; a] with both matrices.
      let rows = add("Unsqueeze", [feeding.value, integers([0])], "\(path)_feed_sequence")
      value.name = add("Concat", [value.name, rows], "\(path)_joined", [.integer("axis", -1)])
      level.layers[0].input = first.input.over(feeding.weights)
    }
    let (states, finals) = addOperator(level, foreign, path: path, to: value)
    var result = value
    let directions = level.layers.count
    result.size = level.merge == .concatenate ? directions * first.hidden : first.hidden
    result.isPooled = pool
    result.directions = level.isBackward ? [.backward] : directions == 2 ? [.forward, .backward] : [.forward]
    if level.merge != .concatenate {
      // [time, directions, batch, hidden] or [directions, batch, hidden]
      result.name = reduce(level.merge, pool ? finals : states, axis: pool ? 0 : 1, "\(path)_merged")
      result.directions = [.forward]
    } else if pool {
      let turned = add("Transpose", [finals], "\(path)_finals_by_row", [.integers("perm", [1, 0, 2])])
      result.name = reshape(turned, [0, result.size], "\(path)_features")
    } else {
      let turned = add("Transpose", [states], "\(path)_states_by_step", [.integers("perm", [0, 2, 1, 3])])
      result.name = reshape(turned, [0, 0, result.size], "\(path)_features")
    }
    return result
  }

  private mutating func reduce(
    _ merge: DirectionMerge, _ values: String, axis: Int, _ output: String
  ) -> String {
    switch merge {
    case .sum:
      add("ReduceSum", [values, integers([axis])], output, [.integer("keepdims", 0)])
    case .mean, .concatenate:
      add("ReduceMean", [values], output, [.integers("axes", [axis]), .integer("keepdims", 0)])
    case .product:
      add("ReduceProd", [values], output, [.integers("axes", [axis]), .integer("keepdims", 0)])
    }
  }

  /// Adds the operator, and returns the names of its states `[time, directions, batch, hidden]` and of the last ones
  /// `[directions, batch, hidden]`.
  private mutating func addOperator(
    _ level: RecurrentLevel, _ foreign: ForeignCell, path: String, to value: ONNXValue
  ) -> (states: String, finals: String) {
    let layers = level.layers
    let first = layers[0]
    let order = GateOrder(first.cell, foreign)
    let (directions, gates, hidden) = (layers.count, first.cell.gateCount, first.hidden)
    var inputs = [
      value.name,
      add(
        "\(path)_input_weights", [directions, gates * hidden, first.inputs],
        layers.flatMap { order.exported($0.input).transposed.values }),
      add(
        "\(path)_recurrent_weights", [directions, gates * hidden, hidden],
        layers.flatMap { order.exported($0.recurrent).transposed.values }),
      add(
        "\(path)_bias", [directions, 2 * gates * hidden],
        layers.flatMap { order.exported($0.bias) + order.exported($0.wholeRecurrentBias) }),
      value.lengths ?? "",
    ]
    let states = ["hidden"] + (first.cell.hasCellState ? ["cell"] : [])
    if options.isStreaming {
      for state in states {
        addInput("\(path)_\(state)", .float32, [.named("batch"), .fixed(Int64(hidden))])
        inputs.append(add("Unsqueeze", ["\(path)_\(state)", integers([0])], "\(path)_\(state)_before"))
      }
    } else if first.initialHidden != nil {
      inputs.append(
        addInitial("\(path)_initial_hidden", layers.map(\.initialHidden), hidden, like: value.name))
      if first.cell.hasCellState {
        inputs.append(addInitial("\(path)_initial_cell", layers.map(\.initialCell), hidden, like: value.name))
      }
    }
    for parameter in foreign.parameters {
      // Peepholes are the last input of the one operator that has any.
      while inputs.count < 7 { inputs.append("") }
      let values = layers.flatMap { layer in
        layer.others[parameter.name].map { parameter.exported($0).values } ?? []
      }
      inputs.append(add("\(path)_\(parameter.name)", [directions, values.count / directions], values))
    }
    while inputs.last == "" { inputs.removeLast() }
    var outputs = ["\(path)_states", "\(path)_final_hidden"]
    if first.cell.hasCellState, options.isStreaming || keepsFinals { outputs.append("\(path)_final_cell") }
    if options.isStreaming {
      add(foreign.name, inputs, outputs: outputs, attributes(level, foreign))
      for (state, final) in zip(states, outputs.dropFirst()) {
        let next = add("Squeeze", [final, integers([0])], "\(path)_\(state)_next")
        addOutput(next, [.named("batch"), .fixed(Int64(hidden))])
      }
    } else {
      add(foreign.name, inputs, outputs: outputs, attributes(level, foreign))
      if keepsFinals {
        let rows = outputs.dropFirst().map { final in
          reshape(
            add("Transpose", [final], "\(final)_turned", [.integers("perm", [1, 0, 2])]),
            [0, directions * hidden], "\(final)_rows")
        }
        finals.append(Finals(hidden: rows[0], cell: rows.count > 1 ? rows[1] : nil))
      }
    }
    return (outputs[0], outputs[1])
  }

  private func attributes(_ level: RecurrentLevel, _ foreign: ForeignCell) -> [ONNXProtoAttribute] {
    let first = level.layers[0]
    let directions = level.layers.count
    var attributes: [ONNXProtoAttribute] = [
      .integer("hidden_size", first.hidden),
      .text("direction", directions == 2 ? "bidirectional" : level.isBackward ? "reverse" : "forward"),
    ]
    let hasOwn = !first.hasOwnActivations
    for (argument, value) in foreign.settings.sorted(by: { $0.key < $1.key }) {
      switch value {
      case .flag(let isSet): attributes.append(.integer(argument, isSet ? 1 : 0))
      case .text(let activation):
        // Default attributes are omitted.
        if foreign.isDefault || hasOwn { continue }
        attributes.append(
          .texts(argument, [String](repeating: activation.capitalized, count: directions)))
      }
    }
    guard hasOwn else { return attributes }
    let functions =
      first.cell.isGated
      ? [first.recurrentActivation]
        + [Activation](repeating: first.activation, count: first.cell.hasCellState ? 2 : 1)
      : [first.activation]
    let all = (0..<directions).flatMap { _ in functions.compactMap(\.recurrentFunction) }
    attributes.append(.texts("activations", all.map(\.name)))
    let (alphas, betas) = (all.compactMap(\.alpha), all.compactMap(\.beta))
    if !alphas.isEmpty { attributes.append(.floats("activation_alpha", alphas)) }
    if !betas.isEmpty { attributes.append(.floats("activation_beta", betas)) }
    return attributes
  }

  /// Initial states `[directions, batch, hidden]`: the learned ones, repeated for all rows.
  private mutating func addInitial(
    _ name: String, _ states: [[Float]?], _ hidden: Int, like values: String
  ) -> String {
    let rows = add(
      "\(name)_rows", [states.count, 1, hidden],
      states.flatMap { $0 ?? [Float](repeating: 0, count: hidden) })
    let batch = size(of: values, axis: 1, "\(name)_batch")
    let target = add(
      "Concat", [integers([states.count]), batch, integers([hidden])], "\(name)_shape", [.integer("axis", 0)])
    return add("Expand", [rows, target], name)
  }
}

extension Activation {
  /// The function of the recurrent operators, with its parameters; nil if they do not have it.
  var recurrentFunction: (name: String, alpha: Float?, beta: Float?)? {
    switch self {
    case .linear: ("Affine", 1, 0)
    case .relu: ("Relu", nil, nil)
    case .leakyReLU: ("LeakyRelu", 0.01, nil)
    case .elu: ("Elu", 1, nil)
    case .tanh: ("Tanh", nil, nil)
    case .sigmoid: ("Sigmoid", nil, nil)
    case .softplus: ("Softplus", nil, nil)
    case .hardSigmoid: ("HardSigmoid", 1 / 6, 0.5)
    case .hardSigmoidKeras2: ("HardSigmoid", 0.2, 0.5)
    case .softsign: ("Softsign", nil, nil)
    case .gelu, .selu, .silu, .mish, .relu6, .exponential: nil
    }
  }
}
