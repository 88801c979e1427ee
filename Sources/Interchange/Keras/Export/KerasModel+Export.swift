import WeftBase

extension KerasModel {
  /// Marks padded steps of features; no real frame has this value throughout.
  static let maskValue = -1_000_000_000

  /// A network as a model of stock layers: `keras.Sequential`, or `keras.Model` where layers have several inputs.
  ///
  /// - Parameters:
  ///   - isRagged: Whether padded steps are masked: those of one more token, whose embedding is zero, or of features
  ///     that are all `maskValue`.
  ///   - file: Source of the network, for errors.
  /// - Throws: If Keras's stock layers cannot represent it.
  init(
    _ network: NetworkDescription, metadata: NetworkMetadata, isRagged: Bool, file: String
  ) throws(WeftError) {
    var builder = KerasModelBuilder(isRagged: isRagged, file: file)
    try builder.addInputs(network)
    try builder.add(network.blocks)
    if let output = network.output {
      builder.add(output, activation: network.activation == .none ? "linear" : network.activation.rawValue)
    }
    layers = builder.layers
    self.metadata = metadata.entries
  }
}

/// Builds a model layer by layer. Each layer reads the one before it unless it names others.
struct KerasModelBuilder {
  private(set) var layers: [KerasLayer] = []
  let isRagged: Bool
  /// Source of the network, for errors.
  let file: String
  private var counts: [String: Int] = [:]

  init(isRagged: Bool, file: String) {
    self.isRagged = isRagged
    self.file = file
  }

  /// The layer that the next one reads.
  var last: String { layers.last?.name ?? "" }

  func refuse(_ complaint: String) -> WeftError {
    .model("\(file): \(complaint) in a Keras model of stock layers; export to onnx")
  }

  /// Adds a layer, and returns its name.
  ///
  /// - Parameters:
  ///   - inputs: Names of the layers that it reads; empty for the one before it.
  ///   - variables: Of the layer itself.
  @discardableResult
  mutating func add(
    _ className: String, _ config: [String: JSONValue] = [:], inputs: [String] = [],
    variables: [KerasLayer.Variable] = []
  ) -> String {
    let parts = variables.isEmpty ? [] : [KerasLayer.Part(path: "", variables: variables)]
    return add(className, config, inputs: inputs, parts: parts)
  }

  @discardableResult
  mutating func add(
    _ className: String, _ config: [String: JSONValue], inputs: [String], parts: [KerasLayer.Part]
  ) -> String {
    let name = name(of: className)
    layers.append(KerasLayer(className: className, name: name, config: config, parts: parts, inputs: inputs))
    return name
  }

  /// The name that Keras gives the next layer of a class, such as `simple_rnn_1`.
  private mutating func name(of className: String) -> String {
    defer { counts[className, default: 0] += 1 }
    let number = counts[className, default: 0]
    return Self.snakeCase(className) + (number == 0 ? "" : "_\(number)")
  }

  /// `simple_rnn` of `SimpleRNN`, `conv1d` of `Conv1D`.
  static func snakeCase(_ className: String) -> String {
    className.replacing(/[a-z](?=[A-Z])/) { "\($0.output)_" }.lowercased()
  }

  /// Adds an input of each step.
  private mutating func addInput(_ name: String, features: Int?) {
    let shape: JSONValue = features.map { [nil, nil, .integer($0)] } ?? [nil, nil]
    layers.append(
      KerasLayer(
        className: "InputLayer", name: name,
        config: ["batch_input_shape": shape, "dtype": features == nil ? "int32" : "float32"]))
  }

  /// Numbers and each category, which are inputs of their own, with the embeddings side by side.
  private mutating func addCategories(_ network: NetworkDescription) throws(WeftError) {
    if isRagged {
      throw refuse("categories beside numbers in rows of different lengths cannot be represented")
    }
    let count = network.input.size - network.categories.count
    var parts: [String] = []
    var names: Set = ["inputs"]
    let tables = network.categories.map { category in
      var name = String(category.name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
      while name.isEmpty || !names.insert(name).inserted { name += "_" }
      return (name: name, table: category.embedding)
    }
    if count > 0 {
      addInput("inputs", features: count)
      parts.append("inputs")
    }
    for (name, _) in tables { addInput(name, features: nil) }
    for (name, table) in tables {
      parts.append(
        add(
          "Embedding", ["input_dim": .integer(table.rows), "output_dim": .integer(table.columns)],
          inputs: [name],
          variables: [KerasLayer.Variable(name: "embeddings", array: StateDictionary.Array(table))]))
    }
    if parts.count > 1 { add("Concatenate", ["axis": -1], inputs: parts) }
  }

  mutating func addInputs(_ network: NetworkDescription) throws(WeftError) {
    if !network.categories.isEmpty { return try addCategories(network) }
    let (shape, type): (JSONValue, JSONValue) =
      switch network.input {
      case .tokens: ([nil, nil], "int32")
      case .features(let count): ([nil, nil, .integer(count)], "float32")
      }
    layers.append(
      KerasLayer(
        className: "InputLayer", name: "inputs", config: ["batch_input_shape": shape, "dtype": type]))
    if let rows = network.tokenRows { addEmbedding(rows) }
    if isRagged {
      let value = network.tokenRows == nil ? KerasModel.maskValue : 0
      add("Masking", ["mask_value": .number(Double(value))])
    }
  }

  /// A ragged batch is padded with one more token.
  private mutating func addEmbedding(_ rows: WeightMatrix) {
    var rows = rows
    if isRagged {
      rows = WeightMatrix(
        rows: rows.rows + 1, columns: rows.columns,
        values: rows.values + [Float](repeating: 0, count: rows.columns))
    }
    add(
      "Embedding", ["input_dim": .integer(rows.rows), "output_dim": .integer(rows.columns)],
      variables: [KerasLayer.Variable(name: "embeddings", array: StateDictionary.Array(rows))])
  }

  /// y = f(x W + b).
  @discardableResult
  mutating func add(_ dense: DenseWeights, activation: String, inputs: [String] = []) -> String {
    add(
      "Dense",
      ["units": .integer(dense.weights.columns), "activation": .text(activation), "use_bias": true],
      inputs: inputs,
      variables: [
        KerasLayer.Variable(name: "kernel", array: StateDictionary.Array(dense.weights)),
        KerasLayer.Variable(name: "bias", array: StateDictionary.Array(dense.bias)),
      ])
  }
}
