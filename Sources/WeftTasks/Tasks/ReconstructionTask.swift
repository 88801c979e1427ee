import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftParallel

extension TaskType {
  /// Reconstruction by an autoencoder.
  static let reconstruction = TaskType(
    name: "reconstruction", isWanted: { $0.model.kind == .autoencoder }, targets: { _ in .reversedInputs },
    make: { (configuration, data) throws(WeftError) in try ReconstructionTask(configuration, data) })
}

/// Reconstruction of reversed inputs by an autoencoder.
package struct ReconstructionTask: TrainingTask {
  private let autoencoder: EncoderDecoderModel
  package let loss: Loss
  private let scale: FeatureScale?
  /// Names of the features; empty without names.
  private let valueNames: [String]
  /// Window length; nil for whole streams.
  private let window: Int?
  private let batch: Int

  package var model: any TrainableModel { autoencoder }
  package var shape: ModelShape { autoencoder.shape }

  /// - Throws: If the configuration does not fit the data.
  init(_ configuration: Configuration, _ data: FittedData) throws(WeftError) {
    if let category = data.shape.categories.first {
      throw .model(
        "\(data.file): the input '\(category.name)' is a category, which cannot be reconstructed (model.kind"
          + " 'autoencoder'); remove it from data.inputs")
    }
    autoencoder = try EncoderDecoderModel(
      configuration.model, decoder: configuration.decoder, writesTokens: false, fitting: data.shape,
      file: data.file)
    loss = Loss(configuration.loss)
    scale = data.traits.scaling.inputs
    valueNames = data.traits.valueNames(width: data.shape.outputs)
    window = configuration.data.window
    batch = configuration.training.batch
  }

  package func predictor(_ output: PredictionOutput, _ configuration: Configuration) -> (any Predictor)? {
    if output == .states || output == .future { return nil }
    return anomalyScorer.map { scorer in
      ReconstructionPredictor(
        model: autoencoder, configuration: configuration, scale: scale,
        stream: ScorePredictor(
          scorer: scorer, width: shape.outputs, valueNames: valueNames))
    }
  }

  package var anomalyScorer: (any AnomalyScorer)? {
    guard case .features = shape.input else { return nil }
    return ReconstructionScorer(model: autoencoder, scale: scale, window: window, batch: batch)
  }
}
