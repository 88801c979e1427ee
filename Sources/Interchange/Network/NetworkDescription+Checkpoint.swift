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
    let arrays = CheckpointArrays(checkpoint, file: file)

    let embedding = model.embedding == nil ? nil : try arrays.matrix("embedding/weights")
    self.init(
      input: checkpoint.shape.input, embedding: embedding, blocks: try arrays.blocks(model),
      output: DenseWeights(
        weights: model.tieWeights
          ? try arrays.matrix("embedding/weights").transposed : try arrays.matrix("output/weights"),
        bias: try arrays.values("output/bias")))
    try check(file: file)
  }

  static func checkHoldsAll(_ model: ModelConfiguration, file: String) throws(WeftError) {
    func refuse(_ key: String, _ value: String) -> WeftError {
      .failure("\(file): model.\(key) '\(value)' is not supported by other formats")
    }
    let normalized = model.allBlocks.contains {
      $0.cell != nil && $0.layerNormalization ?? model.layerNormalization
    }
    if normalized { throw refuse("layer_normalization", "true") }
    for block in model.allBlocks where block.cell != nil {
      let rates = [block.zoneout ?? model.zoneout, block.cellZoneout ?? model.cellZoneout]
      if let rate = rates.first(where: { $0 > 0 }) { throw refuse("zoneout", "\(rate)") }
    }
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
      try check(block, inputs: inputs, recurrent: &recurrent, file: file)
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

  /// - Parameters:
  ///   - inputs: Features that the block reads.
  ///   - recurrent: Counts the recurrent layers.
  private func check(
    _ block: NetworkBlock, inputs: Int, recurrent: inout Int, file: String
  ) throws(WeftError) {
    func refuse(_ complaint: String) -> WeftError { .failure("\(file): \(complaint)") }
    func check(_ dense: DenseWeights, _ name: String, inputs: Int) throws(WeftError) {
      guard dense.weights.rows == inputs, dense.bias.count == dense.weights.columns else {
        throw refuse(
          "\(name) has \(dense.weights.rows) inputs, expected \(inputs), and \(dense.bias.count) biases for"
            + " \(dense.weights.columns) outputs")
      }
    }
    switch block {
    case .recurrent(let level):
      recurrent += 1
      try self.check(level, number: recurrent, inputs: inputs, file: file)
    case .dense(let dense, _): try check(dense, "a dense layer", inputs: inputs)
    case .convolution(let convolution):
      let (windows, overflow) = inputs.multipliedReportingOverflow(by: convolution.width)
      guard !overflow else { throw refuse("the width of a convolution is too large") }
      try check(convolution.dense, "a convolution", inputs: windows)
    case .normalization(let gain, let bias, _):
      guard gain.count == inputs, bias.count == inputs else {
        throw refuse(
          "a normalization has \(gain.count) gains and \(bias.count) biases for \(inputs) features")
      }
    case .pooling, .pool: break
    case .attention(let attention):
      try check(attention.projection, "the pooling by attention", inputs: inputs)
      guard attention.score.rows == attention.projection.weights.columns, attention.score.columns == 1 else {
        throw refuse("the scores of the pooling by attention do not match its projection")
      }
    case .residual(let inner): try self.check(inner, inputs: inputs, recurrent: &recurrent, file: file)
    case .highway(let inner, let gate):
      try self.check(inner, inputs: inputs, recurrent: &recurrent, file: file)
      try check(gate, "the gate of a highway", inputs: inputs)
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
