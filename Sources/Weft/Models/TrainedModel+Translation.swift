/// A sequence that a model wrote for another.
public struct Translation: Sendable, Equatable {
  /// What was written.
  public let text: String
  /// Its log-probability divided by the length penalty.
  public let score: Double
  /// The text of each token that was read.
  public let source: [String]
  /// The text of each token that was written.
  public let tokens: [String]
  /// How much each written token, and last the end, looked at each token read; empty unless asked for.
  public let attention: [[Float]]
  /// What stands in the source but not in the vocabulary, and was read as an unknown word.
  public let unknown: [String]
}

extension TrainedModel {
  /// How the model's configuration has it write.
  public var search: BeamSearch {
    let decoding = configuration.decoding
    return BeamSearch(
      beam: decoding.beam, lengthPenalty: decoding.lengthPenalty, maximumLength: decoding.maximumLength)
  }

  /// Translates texts.
  ///
  /// - Parameters:
  ///   - texts: One translation each; an empty text has an empty one.
  ///   - search: How to look for the likeliest; nil for what the configuration says.
  ///   - wantsAttention: Whether to tell where each step looked.
  /// - Throws: If the model does not write text for text, a text holds what is not in its vocabulary and there is no
  ///   token for unknown words, or attention is wanted of a model without.
  public func translate(
    _ texts: [String], search: BeamSearch? = nil, wantsAttention: Bool = false
  ) throws(WeftError) -> [Translation] {
    guard let model = job.model as? EncoderDecoderModel, model.writesTokens,
      case .tokens = model.shape.input, let vocabulary, let targets = vocabularies.ofTargets
    else { throw .failure("\(path): does not write text for text, so it cannot translate") }
    guard !wantsAttention || model.decoder.attention != nil else {
      throw .failure("\(path): was trained with decoder.attention 'none', so there is no attention to draw")
    }
    // Where there is a token for the end of a sequence, datasets have it at the end of each input.
    let end = vocabulary.number(of: Vocabulary.endToken)
    var encoded: [[Int32]] = []
    for text in texts {
      let tokens = try vocabulary.encode(text)
      encoded.append(tokens.isEmpty ? [] : tokens + (end.map { [$0] } ?? []))
    }
    let order = encoded.indices.filter { !encoded[$0].isEmpty }
      .sorted { (encoded[$0].count, $1) > (encoded[$1].count, $0) }
    var found = [Hypothesis?](repeating: nil, count: texts.count)
    if !order.isEmpty {
      let batch = Minibatch(
        lengths: order.map { encoded[$0].count }, inputs: .tokens(order.flatMap { encoded[$0] }), targets: nil
      )
      let results = data.decode(batch, search ?? self.search, wantsAttention: wantsAttention)
      for (index, hypotheses) in zip(order, results) { found[index] = hypotheses.first }
    }
    return texts.indices.map { index in
      let hypothesis = found[index]
      let written = hypothesis?.tokens ?? []
      return Translation(
        text: targets.decode(written), score: hypothesis?.score ?? 0,
        source: encoded[index].map { vocabulary.tokens[Int($0)] },
        tokens: written.map { targets.tokens[Int($0)] }, attention: hypothesis?.attention ?? [],
        unknown: vocabulary.unknownParts(of: texts[index]))
    }
  }

  /// Texts for sequences of features, such as the patches of an image.
  ///
  /// - Parameters:
  ///   - features: For each sequence its steps' features, row-major `[steps, width]`, at least one step, unscaled.
  ///   - width: Features of a step.
  ///   - search: How to look for the likeliest; nil for what the configuration says.
  ///   - wantsAttention: Whether to tell where each step looked.
  /// - Throws: If the model does not write text for features of that width.
  public func describe(
    _ features: [[Float]], width: Int, search: BeamSearch? = nil, wantsAttention: Bool = false
  ) throws(WeftError) -> [Translation] {
    guard let model = job.model as? EncoderDecoderModel, model.writesTokens,
      case .features(let wanted) = model.shape.input, let targets = vocabularies.ofTargets
    else { throw .failure("\(path): does not write text for features, so it cannot describe") }
    guard width == wanted else {
      throw .failure("\(path): reads \(wanted) features a step, not \(width)")
    }
    guard !wantsAttention || model.decoder.attention != nil else {
      throw .failure("\(path): was trained with decoder.attention 'none', so there is no attention to draw")
    }
    if features.isEmpty { return [] }
    precondition(features.allSatisfy { !$0.isEmpty && $0.count.isMultiple(of: width) })
    let order = features.indices.sorted { (features[$0].count, $1) > (features[$1].count, $0) }
    var values = order.flatMap { features[$0] }
    traits.scaling.inputs?.scale(&values)
    let batch = Minibatch(
      lengths: order.map { features[$0].count / width }, inputs: .features(values, width: width), targets: nil
    )
    let results = data.decode(batch, search ?? self.search, wantsAttention: wantsAttention)
    var found = [Hypothesis](repeating: Hypothesis(), count: features.count)
    for (index, hypotheses) in zip(order, results) { found[index] = hypotheses[0] }
    return found.map { hypothesis in
      Translation(
        text: targets.decode(hypothesis.tokens), score: hypothesis.score, source: [],
        tokens: hypothesis.tokens.map { targets.tokens[Int($0)] }, attention: hypothesis.attention,
        unknown: [])
    }
  }
}
