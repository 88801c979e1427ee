import WeftBase
import WeftLayers

extension SequenceModel {
  /// Creates a model for a dataset.
  ///
  /// - Parameter file: The file of the dataset, for errors.
  /// - Throws: If the configuration does not fit the data.
  package init(_ configuration: ModelConfiguration, fitting shape: ModelShape, file: String) throws(WeftError)
  {
    try configuration.checkEmbeddings(of: shape, file: file)
    switch shape.input {
    case .features:
      if configuration.tieWeights {
        throw .data("\(file): model.tie_weights needs token inputs, but the inputs are numeric")
      }
    case .tokens(let vocabulary):
      if configuration.tieWeights, shape.outputs != vocabulary {
        throw .data(
          "\(file): model.tie_weights needs as many outputs as input tokens, \(vocabulary), not \(shape.outputs)"
        )
      }
    }
    if let size = configuration.outputSize, size != shape.outputs {
      throw .data("\(file): the targets need model.output_size \(shape.outputs), not \(size)")
    }
    if let last = configuration.adaptiveCutoffs.last, last >= shape.outputs {
      throw .data(
        "\(file): model.adaptive_cutoffs: \(last) is not below the number of classes, \(shape.outputs)")
    }
    if configuration.hasRandomField, shape.outputs > ConditionalRandomField.maximumClasses {
      throw .data(
        "\(file): has \(shape.outputs) classes; model.crf is for at most \(ConditionalRandomField.maximumClasses)"
      )
    }
    if let problem = BlockConfiguration.problem(
      in: configuration.allBlocks, inputs: configuration.embeddedSize(of: shape))
    {
      throw .data("\(file): model.blocks: \(problem)")
    }
    self.init(configuration, shape: shape)
  }
}
