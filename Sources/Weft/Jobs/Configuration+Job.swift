extension Configuration {
  /// The job that the configuration describes, with a model that fits the data.
  ///
  /// - Parameters:
  ///   - vocabularies: The texts of the data's tokens.
  ///   - traits: What else must be known of the data.
  ///   - file: The data's file, for errors.
  /// - Throws: If the configuration asks for what the data cannot give.
  package func makeJob(
    fitting shape: ModelShape, vocabularies: Vocabularies, traits: DataTraits = DataTraits(), file: String
  ) throws(WeftError) -> any Job {
    try checkMemory(of: shape, file: file)
    switch model.kind {
    case .sequence: return try makeSequenceJob(fitting: shape, traits: traits, file: file)
    case .encoderDecoder, .autoencoder:
      return try EncoderDecoderJob(self, shape: shape, vocabularies: vocabularies, file: file)
    }
  }

  private func makeSequenceJob(
    fitting shape: ModelShape, traits: DataTraits, file: String
  ) throws(WeftError) -> any Job {
    if data.horizon != nil { return try ForecastJob(self, shape: shape, traits: traits, file: file) }
    switch (loss.kind, model.output) {
    case (.temporalClassification, _): return try AlignmentJob(self, shape: shape, file: file)
    case (.crossEntropy, .everyStep): return try SequenceJob(self, shape: shape, file: file)
    case (.crossEntropy, _): return try ClassificationJob(self, shape: shape, file: file)
    default: return try SequenceJob(self, shape: shape, file: file)
    }
  }
}
