extension Configuration {
  /// The job that the configuration describes, with a model that fits the data.
  ///
  /// - Parameters:
  ///   - vocabularies: The texts of the data's tokens.
  ///   - file: The data's file, for errors.
  /// - Throws: If the configuration asks for what the data cannot give.
  package func makeJob(
    fitting shape: ModelShape, vocabularies: Vocabularies, file: String
  ) throws(WeftError) -> any Job {
    switch model.kind {
    case .sequence: try SequenceJob(self, shape: shape, file: file)
    case .encoderDecoder, .autoencoder:
      try EncoderDecoderJob(self, shape: shape, vocabularies: vocabularies, file: file)
    }
  }
}
