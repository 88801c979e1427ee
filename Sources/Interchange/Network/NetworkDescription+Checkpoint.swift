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
    try Self.checkIsExportable(checkpoint, file: file)
    let arrays = CheckpointArrays(checkpoint, file: file)

    let embedding = model.embedding == nil ? nil : try arrays.matrix("embedding/weights")
    self.init(
      input: checkpoint.shape.input, embedding: embedding, blocks: try arrays.blocks(model),
      output: DenseWeights(
        weights: model.tieWeights
          ? try arrays.matrix("embedding/weights").transposed : try arrays.matrix("output/weights"),
        bias: try arrays.values("output/bias")))
    for category in checkpoint.shape.categories {
      categories.append(
        CategoryTable(
          column: category.column, name: category.name,
          embedding: try arrays.matrix("embedding/\(category.name.replacing("/", with: "_"))/weights")))
    }
    try check(file: file)
  }

  /// - Throws: If classes depend on each other, or are in clusters, for which nothing is written in other formats.
  static func checkIsExportable(_ checkpoint: Checkpoint, file: String) throws(WeftError) {
    if !checkpoint.configuration.model.adaptiveCutoffs.isEmpty {
      throw .model(
        "\(file): an adaptive softmax (model.adaptive_cutoffs) is not supported by other formats")
    }
    if checkpoint.configuration.model.hasRandomField {
      throw .model(
        "\(file): the transitions of model.crf are not supported by other formats; use 'weft predict', or read"
          + " 'weights/output/transitions'")
    }
  }
}
