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
    try Self.checkHasNoCategories(checkpoint, file: file)
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
    if model.allBlocks.contains(where: { $0.normalization == .batch }) {
      throw refuse("blocks", "{normalization: batch}")
    }
    for block in model.allBlocks {
      guard let cell = block.cell else { continue }
      try checkIsKnown(cell, file: file)
      let rates = [block.zoneout ?? model.zoneout, block.cellZoneout ?? model.cellZoneout]
      if let rate = rates.first(where: { $0 > 0 }) { throw refuse("zoneout", "\(rate)") }
    }
  }

  /// - Throws: If inputs are categories, which only Weft reads beside numbers.
  static func checkHasNoCategories(_ checkpoint: Checkpoint, file: String) throws(WeftError) {
    guard let category = checkpoint.shape.categories.first else { return }
    throw .failure("\(file): the categorical input '\(category.name)' is not supported by other formats")
  }

  /// - Throws: If no other format has a cell.
  static func checkIsKnown(_ cell: CellType, file: String) throws(WeftError) {
    if cell.foreign.isEmpty {
      throw .failure("\(file): the cell '\(cell.name)' is not supported by other formats")
    }
  }
}
