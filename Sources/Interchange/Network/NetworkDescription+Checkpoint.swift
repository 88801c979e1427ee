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
    let arrays = CheckpointArrays(checkpoint, file: file)

    let embedding = model.embedding == nil ? nil : try arrays.matrix("embedding/weights")
    self.init(
      input: checkpoint.shape.input, embedding: embedding, blocks: try arrays.blocks(model),
      output: try arrays.output(model))
    if !model.adaptiveCutoffs.isEmpty {
      adaptive = try arrays.adaptive(clusters: model.adaptiveCutoffs.count)
    }
    if model.hasRandomField { transitions = try arrays.matrix("output/transitions") }
    for category in checkpoint.shape.categories {
      categories.append(
        CategoryTable(
          column: category.column, name: category.name,
          embedding: try arrays.matrix("embedding/\(category.name.replacing("/", with: "_"))/weights")))
    }
    try check(file: file)
  }

  /// - Throws: If classes depend on each other, or are in clusters, which only a graph can represent.
  func checkHasPlainOutput(_ format: InterchangeFormat, file: String) throws(WeftError) {
    if adaptive != nil {
      throw .model(
        "\(file): an adaptive softmax (model.adaptive_cutoffs) cannot be represented in \(format.rawValue); export to"
          + " onnx")
    }
    if transitions != nil {
      throw .model(
        "\(file): the transitions of model.crf cannot be represented in \(format.rawValue); export to onnx, or read"
          + " 'weights/output/transitions'")
    }
  }
}

extension CheckpointArrays {
  /// The output layer; nil for classes in clusters.
  fileprivate func output(_ model: ModelConfiguration) throws(WeftError) -> DenseWeights? {
    guard model.adaptiveCutoffs.isEmpty else { return nil }
    return DenseWeights(
      weights: model.tieWeights ? try matrix("embedding/weights").transposed : try matrix("output/weights"),
      bias: try values("output/bias"))
  }

  fileprivate func adaptive(clusters count: Int) throws(WeftError) -> AdaptiveWeights {
    var clusters: [AdaptiveWeights.Cluster] = []
    for number in 0..<count {
      clusters.append(
        AdaptiveWeights.Cluster(
          projection: try matrix("output/cluster\(number)/projection"),
          weights: try matrix("output/cluster\(number)/weights")))
    }
    return AdaptiveWeights(head: try matrix("output/head"), clusters: clusters)
  }
}
