import WeftBase
import WeftLayers

extension KerasModel {
  /// Marks padded steps of features; no real frame has this value throughout.
  static let maskValue = -1_000_000_000

  /// A network as `keras.Sequential` of stock layers.
  ///
  /// - Parameters:
  ///   - isRagged: Whether padded steps are masked: those of one more token, whose embedding is zero, or of features
  ///     that are all `maskValue`.
  ///   - file: Source of the network, for errors.
  /// - Throws: If Keras's stock layers cannot represent it.
  init(
    _ network: NetworkDescription, metadata: NetworkMetadata, isRagged: Bool, file: String
  ) throws(WeftError) {
    try network.checkEqualLayers(file: file)
    guard network.levels[0][0].initialHidden == nil else {
      throw .failure(
        "\(file): model.initial_state 'learned' cannot be represented in a Sequential Keras model; export to"
          + " onnx"
      )
    }
    let foreign = try network.levels[0][0].cell.foreign(in: .keras, file: file)
    layers = [Self.inputLayer(network.input)]
    if let rows = network.tokenRows { layers.append(Self.embedding(rows, hasPadding: isRagged)) }
    if isRagged {
      let value = network.tokenRows == nil ? Self.maskValue : 0
      layers.append(
        KerasLayer(className: "Masking", name: "masking", config: ["mask_value": .number(Double(value))]))
    }
    for (number, level) in network.levels.enumerated() {
      let isLast = number == network.levels.count - 1
      let returnsSequences = !isLast || network.outputSteps == .everyStep
      layers.append(Self.recurrent(level, foreign, number: number, returnsSequences: returnsSequences))
    }
    if let output = network.output {
      layers.append(
        KerasLayer(
          className: "Dense", name: "dense",
          config: [
            "units": .integer(output.weights.columns), "activation": .text(Self.name(network.activation)),
            "use_bias": true,
          ],
          parts: [
            KerasLayer.Part(
              path: "",
              variables: [
                KerasLayer.Variable(name: "kernel", array: StateDictionary.Array(output.weights)),
                KerasLayer.Variable(name: "bias", array: StateDictionary.Array(output.bias)),
              ])
          ]))
    }
    self.metadata = metadata.entries
  }

  private static func name(_ activation: NetworkDescription.OutputActivation) -> String {
    activation == .none ? "linear" : activation.rawValue
  }

  private static func inputLayer(_ input: StepKind) -> KerasLayer {
    let (shape, type): (JSONValue, JSONValue) =
      switch input {
      case .tokens: ([nil, nil], "int32")
      case .features(let count): ([nil, nil, .integer(count)], "float32")
      }
    return KerasLayer(
      className: "InputLayer", name: "inputs", config: ["batch_input_shape": shape, "dtype": type])
  }

  private static func embedding(_ rows: WeightMatrix, hasPadding: Bool) -> KerasLayer {
    var rows = rows
    if hasPadding {
      rows = WeightMatrix(
        rows: rows.rows + 1, columns: rows.columns,
        values: rows.values + [Float](repeating: 0, count: rows.columns))
    }
    return KerasLayer(
      className: "Embedding", name: "embedding",
      config: ["input_dim": .integer(rows.rows), "output_dim": .integer(rows.columns)],
      parts: [
        KerasLayer.Part(
          path: "", variables: [KerasLayer.Variable(name: "embeddings", array: StateDictionary.Array(rows))])
      ])
  }

  private static func recurrent(
    _ level: [RecurrentWeights], _ foreign: ForeignCell, number: Int, returnsSequences: Bool
  ) -> KerasLayer {
    let suffix = number == 0 ? "" : "_\(number)"
    let first = level[0]
    var config: [String: JSONValue] = [
      "units": .integer(first.units), "activation": "tanh", "use_bias": true,
      "return_sequences": .bool(returnsSequences),
    ]
    if first.cell.isGated { config["recurrent_activation"] = "sigmoid" }
    for (argument, value) in foreign.settings {
      switch value {
      case .text(let text): config[argument] = .text(text)
      case .flag(let isSet): config[argument] = .bool(isSet)
      }
    }
    let className = foreign.name
    let name = className.replacing(/[a-z](?=[A-Z])/) { "\($0.output)_" }.lowercased() + suffix
    if level.count == 1 {
      return KerasLayer(
        className: className, name: name, config: config,
        parts: [KerasLayer.Part(path: "cell", variables: variables(first, foreign))])
    }
    config["name"] = .text(name)
    return KerasLayer(
      className: "Bidirectional", name: "bidirectional\(suffix)",
      config: [
        "merge_mode": "concat",
        "layer": [
          "module": "keras.layers", "registered_name": nil, "class_name": .text(className),
          "config": .object(config),
        ],
      ],
      parts: zip(level, ["forward", "backward"]).map { layer, direction in
        KerasLayer.Part(path: "\(direction)_layer/cell", variables: variables(layer, foreign))
      })
  }

  private static func variables(
    _ layer: RecurrentWeights, _ foreign: ForeignCell
  ) -> [KerasLayer.Variable] {
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
}
