/// Outputs for every step or for every sequence: language models, forecasts, classification.
package struct SequenceJob: Job {
  package let model: any TrainableModel
  package let loss: Loss

  /// - Throws: If the configuration asks for what the data cannot give.
  package init(_ configuration: Configuration, shape: ModelShape, file: String) throws(WeftError) {
    model = try SequenceModel(configuration.model, fitting: shape, file: file)
    loss = Loss(configuration.loss)
  }
}
