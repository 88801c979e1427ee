import WeftBase

extension SequenceModel {
  /// A model that fits the data.
  ///
  /// - Parameter file: The data's file, for errors.
  /// - Throws: If the configuration asks for what the data cannot give.
  package init(_ configuration: ModelConfiguration, fitting shape: ModelShape, file: String) throws(WeftError)
  {
    switch shape.input {
    case .features:
      if configuration.embedding != nil {
        throw .failure("\(file): the inputs are numbers, not tokens; leave model.embedding out")
      }
      if configuration.tieWeights {
        throw .failure("\(file): the inputs are numbers, not tokens; leave model.tie_weights out")
      }
    case .tokens(let vocabulary):
      if configuration.tieWeights, shape.outputs != vocabulary {
        throw .failure(
          "\(file): model.tie_weights needs outputs over the input's vocabulary of \(vocabulary), not \(shape.outputs)"
        )
      }
    }
    if let size = configuration.outputSize, size != shape.outputs {
      throw .failure("\(file): the targets imply model.output_size \(shape.outputs), not \(size)")
    }
    self.init(configuration, shape: shape)
  }
}
