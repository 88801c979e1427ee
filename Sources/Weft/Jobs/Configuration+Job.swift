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
    try checkMemory(of: shape, file: file)
    switch model.kind {
    case .sequence: return try SequenceJob(self, shape: shape, file: file)
    case .encoderDecoder, .autoencoder:
      return try EncoderDecoderJob(self, shape: shape, vocabularies: vocabularies, file: file)
    }
  }
}
