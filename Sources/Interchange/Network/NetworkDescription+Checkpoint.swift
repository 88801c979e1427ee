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
    if model.layerNormalization { throw refuse("layer_normalization", "true") }
    if model.output == .mean || model.output == .attention { throw refuse("output", model.output.rawValue) }
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
