import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftParallel

extension TaskType {
  /// Sequences of numbers written again from what the model remembers of them.
  static let reconstruction = TaskType(
    name: "reconstruction", isWanted: { $0.model.kind == .autoencoder }, targets: { _ in .reversedInputs },
    make: { (configuration, data) throws(WeftError) in try ReconstructionTask(configuration, data) })
}

/// Sequences of numbers written again, backward, from what the model remembers of them.
package struct ReconstructionTask: TrainingTask {
  private let autoencoder: EncoderDecoderModel
  package let loss: Loss
  private let scale: FeatureScale?
  /// Steps of the windows that the model was trained on; nil for whole streams.
  private let window: Int?
  private let batch: Int

  package var model: any TrainableModel { autoencoder }
  package var shape: ModelShape { autoencoder.shape }

  /// - Throws: If the configuration asks for what the data cannot give.
  init(_ configuration: Configuration, _ data: FittedData) throws(WeftError) {
    if case .features = data.shape.input, configuration.model.embedding != nil {
      throw .failure("\(data.file): the inputs are numbers, not tokens; leave model.embedding out")
    }
    autoencoder = try EncoderDecoderModel(
      configuration.model, decoder: configuration.decoder, writesTokens: false, fitting: data.shape,
      file: data.file)
    loss = Loss(configuration.loss)
    scale = data.traits.scaling.inputs
    window = configuration.data.window
    batch = configuration.training.batch
  }

  package var anomalyScorer: (any AnomalyScorer)? {
    guard case .features = shape.input else { return nil }
    return ReconstructionScorer(model: autoencoder, scale: scale, window: window, batch: batch)
  }
}
