import WeftBase
import WeftLayers

extension SequenceModel {
  /// Creates a model for a dataset.
  ///
  /// - Parameter file: The file of the dataset, for errors.
  /// - Throws: If the configuration does not fit the data.
  package init(_ configuration: ModelConfiguration, fitting shape: ModelShape, file: String) throws(WeftError)
  {
    switch shape.input {
    case .features:
      if configuration.embedding != nil {
        throw .failure("\(file): model.embedding needs token inputs, but the inputs are numeric")
      }
      if configuration.tieWeights {
        throw .failure("\(file): model.tie_weights needs token inputs, but the inputs are numeric")
      }
    case .tokens(let vocabulary):
      if configuration.tieWeights, shape.outputs != vocabulary {
        throw .failure(
          "\(file): model.tie_weights needs as many outputs as input tokens, \(vocabulary), not \(shape.outputs)"
        )
      }
    }
    if let size = configuration.outputSize, size != shape.outputs {
      throw .failure("\(file): the targets need model.output_size \(shape.outputs), not \(size)")
    }
    let inputs =
      switch shape.input {
      case .features(let width): width
      case .tokens(let vocabulary): configuration.embedding ?? vocabulary
      }
    if let problem = BlockConfiguration.problem(in: configuration.allBlocks, inputs: inputs) {
      throw .failure("\(file): model.blocks: \(problem)")
    }
    self.init(configuration, shape: shape)
  }
}
