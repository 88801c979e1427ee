import WeftBase
import WeftLayers
import WeftModels
import WeftTraining

extension NetworkDescription {
  /// The network of a checkpoint.
  ///
  /// - Parameter file: The checkpoint's file, for errors.
  /// - Throws: If it has parts that no other format can represent.
  package init(_ checkpoint: Checkpoint, file: String) throws(WeftError) {
    let model = checkpoint.configuration.model
    try Self.checkHoldsAll(model, file: file)
    let group = checkpoint.configuration.training.averageDecay > 0 ? "average" : "weights"
    let arrays = CheckpointArrays(checkpoint: checkpoint, group: group, file: file)

    var levels: [[RecurrentWeights]] = []
    let directions = model.isBidirectional ? ["forward", "backward"] : ["forward"]
    for level in 0..<model.layers {
      var layers: [RecurrentWeights] = []
      for direction in directions {
        layers.append(try arrays.layer("layer\(level)/\(direction)", model))
      }
      levels.append(layers)
    }
    let embedding = model.embedding == nil ? nil : try arrays.matrix("embedding/weights")
    self.init(
      input: checkpoint.shape.input, embedding: embedding, levels: levels, outputSteps: model.output,
      output: DenseWeights(
        weights: model.tieWeights
          ? try arrays.matrix("embedding/weights").transposed : try arrays.matrix("output/weights"),
        bias: try arrays.values("output/bias")))
    try check(file: file)
  }

  private static func checkHoldsAll(_ model: ModelConfiguration, file: String) throws(WeftError) {
    func refuse(_ key: String, _ value: String) -> WeftError {
      .failure("\(file): model.\(key) '\(value)' is not supported by other formats")
    }
    if !model.blocks.isEmpty {
      throw .failure(
        "\(file): model.blocks cannot be exported; only equal recurrent layers ('model.cell' and 'model.layers') can"
      )
    }
    if model.kind != .sequence { throw refuse("kind", model.kind.rawValue) }
    if model.cell.foreign.isEmpty { throw refuse("cell", model.cell.name) }
    if model.zoneout > 0 { throw refuse("zoneout", "\(model.zoneout)") }
    if model.cellZoneout > 0 { throw refuse("cell_zoneout", "\(model.cellZoneout)") }
    if model.layerNormalization { throw refuse("layer_normalization", "true") }
    if model.output == .mean || model.output == .attention { throw refuse("output", model.output.rawValue) }
  }

  /// Checks that the sizes of all weights match.
  ///
  /// - Parameter file: For errors.
  package func check(file: String) throws(WeftError) {
    func refuse(_ complaint: String) -> WeftError { .failure("\(file): \(complaint)") }
    guard !levels.isEmpty else { throw refuse("contains no recurrent layer") }
    var inputs: Int
    switch (input, embedding) {
    case (.features(let width), nil): inputs = width
    case (.features, _?): throw refuse("has an embedding, but its inputs are not tokens")
    case (.tokens(let vocabulary), nil): inputs = vocabulary
    case (.tokens(let vocabulary), let embedding?):
      guard embedding.rows == vocabulary else {
        throw refuse("its embedding has \(embedding.rows) rows for \(vocabulary) tokens")
      }
      inputs = embedding.columns
    }
    var recurrent = 0
    for block in blocks {
      switch block {
      case .recurrent(let level):
        recurrent += 1
        try check(level, number: recurrent, inputs: inputs, file: file)
      case .dense(let dense, _):
        guard dense.weights.rows == inputs, dense.bias.count == dense.weights.columns else {
          throw refuse(
            "a dense layer has \(dense.weights.rows) inputs, expected \(inputs), and \(dense.bias.count)"
              + " biases for \(dense.weights.columns) outputs")
        }
      case .convolution(let convolution):
        let dense = convolution.dense
        let (windows, overflow) = inputs.multipliedReportingOverflow(by: convolution.width)
        guard !overflow, dense.weights.rows == windows, dense.bias.count == dense.weights.columns else {
          throw refuse("the weights of a convolution do not match its \(inputs) inputs")
        }
      case .pool: break
      }
      inputs = BlockConfiguration.size(of: [block.configuration], inputs: inputs).outputs
    }
    if let problem = BlockConfiguration.problem(in: blocks.map(\.configuration)) { throw refuse(problem) }
    if let output {
      guard output.weights.rows == inputs, output.bias.count == output.weights.columns else {
        throw refuse(
          "the output layer has \(output.weights.rows) inputs, expected \(inputs), and \(output.bias.count)"
            + " biases for \(output.weights.columns) outputs"
        )
      }
    }
  }

  private func check(
    _ level: RecurrentLevel, number: Int, inputs: Int, file: String
  ) throws(WeftError) {
    func refuse(_ complaint: String) -> WeftError {
      .failure("\(file): recurrent layer \(number) \(complaint)")
    }
    for layer in level.layers {
      guard layer.inputs > 0, layer.hidden > 0, layer.units > 0 else {
        throw refuse("has no units or inputs")
      }
      guard layer.inputs == inputs else { throw refuse("has \(layer.inputs) inputs, expected \(inputs)") }
      guard let first = level.layers.first, layer.cell == first.cell, layer.units == first.units,
        layer.hidden == first.hidden, layer.activation == first.activation,
        layer.recurrentActivation == first.recurrentActivation
      else { throw refuse("has directions of different kinds or sizes, which is not supported") }
      let width = layer.cell.gateCount * layer.units
      guard layer.input.columns == width, layer.recurrent.columns == width, layer.bias.count == width,
        layer.recurrentBias.count == layer.cell.recurrentBiasGates.count * layer.units,
        layer.cell.hasProjection || layer.hidden == layer.units
      else { throw .failure("\(file): the weights of recurrent layer \(number) do not match") }
    }
  }

  /// Checks that the network has equal recurrent layers, which a format can represent.
  ///
  /// - Parameter file: For errors.
  func checkEqualLayers(file: String) throws(WeftError) {
    guard hasEqualLayers else {
      throw .failure("\(file): only equal recurrent layers can be exported to this format, not blocks")
    }
  }
}

/// A checkpoint's parameters by name.
private struct CheckpointArrays {
  let checkpoint: Checkpoint
  let group: String
  let file: String

  private func array(_ name: String) throws(WeftError) -> Checkpoint.Array {
    guard let array = checkpoint.arrays["\(group)/\(name)"] else {
      throw .failure("\(file): dataset /\(group)/\(name): is missing")
    }
    return array
  }

  func values(_ name: String) throws(WeftError) -> [Float] { try array(name).values }

  func matrix(_ name: String) throws(WeftError) -> WeightMatrix {
    let array = try array(name)
    guard array.shape.count == 2 else {
      throw .failure("\(file): dataset /\(group)/\(name): has the shape \(array.shape), expected a matrix")
    }
    return WeightMatrix(rows: array.shape[0], columns: array.shape[1], values: array.values)
  }

  func layer(_ path: String, _ model: ModelConfiguration) throws(WeftError) -> RecurrentWeights {
    var layer = RecurrentWeights(
      cell: model.cell, input: try matrix("\(path)/input_weights"),
      recurrent: try matrix("\(path)/recurrent_weights"), bias: try values("\(path)/bias"),
      recurrentBias: model.cell.recurrentBiasGates.isEmpty ? [] : try values("\(path)/recurrent_bias"))
    if model.initialState == .learned {
      layer.initialHidden = try values("\(path)/initial_hidden")
      if model.cell.hasCellState { layer.initialCell = try values("\(path)/initial_cell") }
    }
    let known: Set = [
      "input_weights", "recurrent_weights", "bias", "recurrent_bias", "initial_hidden", "initial_cell",
    ]
    let prefix = "\(group)/\(path)/"
    for (name, array) in checkpoint.arrays where name.hasPrefix(prefix) {
      let own = String(name.dropFirst(prefix.count))
      if known.contains(own) { continue }
      let columns = array.shape.last ?? 1
      layer.others[own] = WeightMatrix(
        rows: array.shape.dropLast().reduce(1, *), columns: columns, values: array.values)
    }
    return layer
  }
}
