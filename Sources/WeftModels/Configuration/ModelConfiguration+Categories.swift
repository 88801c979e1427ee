import WeftBase
import WeftLayers

extension ModelConfiguration {
  /// Sizes of the embeddings of categorical features: `embeddings`, or `embedding` for all, or half the categories, at
  /// most 50.
  func embeddingSizes(of categories: [CategoricalFeature]) -> [Int] {
    if embeddings.count == categories.count { return embeddings }
    return categories.map { embedding ?? min(50, ($0.count + 1) / 2) }
  }

  /// Features that the blocks read, once inputs are embedded.
  package func embeddedSize(of shape: ModelShape) -> Int {
    switch shape.input {
    case .tokens(let vocabulary): embedding ?? vocabulary
    case .features(let width):
      embeddingSizes(of: shape.categories).reduce(width - shape.categories.count, +)
    }
  }

  /// Embeddings of the categorical features; nil without any.
  func categoryEmbeddings(of shape: ModelShape, layout: inout ParameterLayout) -> CategoryEmbeddings? {
    guard case .features(let width) = shape.input, !shape.categories.isEmpty else { return nil }
    return CategoryEmbeddings(
      inputSize: width, categories: shape.categories, sizes: embeddingSizes(of: shape.categories),
      layout: &layout)
  }

  /// Checks that embeddings are configured for inputs that have them.
  ///
  /// - Parameter file: The file of the dataset, for errors.
  func checkEmbeddings(of shape: ModelShape, file: String) throws(WeftError) {
    let names = shape.categories.map(\.name).joined(separator: ", ")
    if !embeddings.isEmpty, embeddings.count != shape.categories.count {
      throw .configuration(
        "\(file): model.embeddings has \(embeddings.count) sizes, but the inputs have \(shape.categories.count)"
          + " categorical features\(names.isEmpty ? "; name them in data.categories" : " (\(names))")")
    }
    guard case .features = shape.input, shape.categories.isEmpty, embedding != nil, kind != .encoderDecoder
    else {
      // The decoder of an encoder-decoder embeds its tokens.
      return
    }
    throw .configuration(
      "\(file): model.embedding needs token inputs, but the inputs are numeric; name those that are categories in"
        + " data.categories")
  }
}
