import WeftBase

extension EncoderDecoderModel {
  /// Creates a model for a dataset.
  ///
  /// - Parameter file: The file of the dataset, for errors.
  /// - Throws: If the configuration does not fit the data.
  package init(
    _ model: ModelConfiguration, decoder: DecoderConfiguration, writesTokens: Bool, fitting shape: ModelShape,
    file: String
  ) throws(WeftError) {
    try model.checkEmbeddings(of: shape, file: file)
    if let category = shape.categories.first, model.recurrentBlocks.isEmpty {
      throw .data(
        "\(file): the input '\(category.name)' is a category, whose embedding needs an encoder (model.layers)"
      )
    }
    let size = decoder.stateSize(of: model)
    if case .features(let width) = shape.input, model.layers == 0, decoder.attention(of: model) == .dot,
      width != size
    {
      throw .data(
        "\(file): decoder.attention 'dot' needs decoder.hidden equal to the \(width) input features, not"
          + " \(size); try 'general'")
    }
    if let size = model.outputSize, size != shape.outputs {
      throw .data("\(file): the targets need model.output_size \(shape.outputs), not \(size)")
    }
    self.init(model, decoder: decoder, writesTokens: writesTokens, shape: shape)
  }
}
