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

extension Configuration {
  /// The job that the configuration describes, with a model that fits the data.
  ///
  /// - Parameters:
  ///   - traits: What must be known of the data beside their shape.
  ///   - file: The data's file, for errors.
  /// - Throws: If the configuration asks for what the data cannot give.
  package func makeJob(
    fitting shape: ModelShape, traits: DataTraits = DataTraits(), file: String
  ) throws(WeftError) -> any Job {
    if data.horizon != nil { return try ForecastJob(self, shape: shape, traits: traits, file: file) }
    switch (loss.kind, model.output) {
    case (.temporalClassification, _): return try AlignmentJob(self, shape: shape, file: file)
    case (.crossEntropy, .lastStep), (.crossEntropy, .mean), (.crossEntropy, .attention):
      return try ClassificationJob(self, shape: shape, file: file)
    default: break
    }
    return try SequenceJob(self, shape: shape, file: file)
  }
}
