import KernelInterface
import WeftBase
import WeftLayers

extension KerasModelBuilder {
  /// Adds a recurrent layer.
  ///
  /// - Parameter pools: Whether the final state of each direction is wanted, rather than the states of all steps.
  /// - Throws: If Keras does not support it.
  mutating func add(_ level: RecurrentLevel, pools: Bool) throws(WeftError) {
    let first = level.layers[0]
    guard first.initialHidden == nil else {
      throw refuse("model.initial_state 'learned' cannot be represented")
    }
    guard pools || !level.isBackward else {
      throw refuse("a layer that only reads backward cannot be represented")
    }
    if first.isNormalized { throw refuse("layer normalization of gates cannot be represented") }
    if first.hasOwnSteps { throw refuse("zoneout, which acts in trained models too, cannot be represented") }
    let foreign = try first.cell.foreign(in: .keras, file: file)
    var config: [String: JSONValue] = [
      "units": .integer(first.units), "activation": .text(try name(first.activation)), "use_bias": true,
      "return_sequences": .bool(!pools),
    ]
    if first.cell.isGated { config["recurrent_activation"] = .text(try name(first.recurrentActivation)) }
    for (argument, value) in foreign.settings {
      switch value {
      case .text(let text): if first.activation == .tanh { config[argument] = .text(text) }
      case .flag(let isSet): config[argument] = .bool(isSet)
      }
    }
    if level.isBackward { config["go_backwards"] = true }
    if level.layers.count == 1 {
      add(
        foreign.name, config, inputs: [],
        parts: [KerasLayer.Part(path: "cell", variables: variables(first, foreign))])
      return
    }
    config["name"] = .text(Self.snakeCase(foreign.name))
    add(
      "Bidirectional",
      [
        "merge_mode": .text(level.merge.kerasName),
        "layer": [
          "module": "keras.layers", "registered_name": nil, "class_name": .text(foreign.name),
          "config": .object(config),
        ],
      ], inputs: [],
      parts: zip(level.layers, ["forward", "backward"]).map { layer, direction in
        KerasLayer.Part(path: "\(direction)_layer/cell", variables: variables(layer, foreign))
      })
  }

  private func variables(_ layer: RecurrentWeights, _ foreign: ForeignCell) -> [KerasLayer.Variable] {
    let order = GateOrder(layer.cell, foreign)
    var bias = StateDictionary.Array(order.exported(layer.bias))
    if !layer.recurrentBias.isEmpty {
      bias = StateDictionary.Array(
        shape: [2, layer.bias.count], values: bias.values + order.exported(layer.wholeRecurrentBias))
    }
    return [
      KerasLayer.Variable(name: "kernel", array: StateDictionary.Array(order.exported(layer.input))),
      KerasLayer.Variable(
        name: "recurrent_kernel", array: StateDictionary.Array(order.exported(layer.recurrent))),
      KerasLayer.Variable(name: "bias", array: bias),
    ]
  }

  /// The name of an activation that means the same in Keras 2 and 3.
  func name(_ activation: Activation) throws(WeftError) -> String {
    switch activation {
    case .linear, .relu, .elu, .gelu, .selu, .tanh, .sigmoid, .softplus, .softsign, .exponential:
      activation.rawValue
    case .silu: "swish"
    case .mish: "mish"
    case .leakyReLU, .relu6, .hardSigmoid, .hardSigmoidKeras2:
      throw refuse(
        "the activation '\(activation.rawValue)', which differs between versions of Keras, cannot be represented"
      )
    }
  }
}

extension DirectionMerge {
  /// `merge_mode` of `Bidirectional`.
  fileprivate var kerasName: String {
    switch self {
    case .concatenate: "concat"
    case .sum: "sum"
    case .mean: "ave"
    case .product: "mul"
    }
  }

  /// The layer that merges others.
  var kerasLayer: String {
    switch self {
    case .concatenate: "Concatenate"
    case .sum: "Add"
    case .mean: "Average"
    case .product: "Multiply"
    }
  }
}
