import WeftBase
import WeftData
import WeftModels
import WeftParallel
import WeftText

/// A sequence generated from a source.
public struct Translation: Sendable, Equatable {
  /// The generated text.
  public let text: String
  /// Its log-probability divided by the length penalty.
  public let score: Double
  /// The text of each source token.
  public let source: [String]
  /// The text of each generated token.
  public let tokens: [String]
  /// Attention weights of each generated token, and last of the end token, over the source tokens; empty unless
  /// requested.
  public let attention: [[Float]]
  /// Parts of the source outside the vocabulary, which were read as `<unk>`.
  public let unknown: [String]
}

/// Generates text from text, or from sequences of features such as the patches of an image.
package struct TextWriter: Sendable {
  private let model: EncoderDecoderModel
  private let targets: Vocabulary
  /// The source vocabulary; nil if the inputs are features.
  private let sources: Vocabulary?
  private let scaling: Scaling
  /// Beam search of the model's configuration.
  package let search: BeamSearch

  /// Nil if the model does not generate tokens of a vocabulary.
  init?(_ model: EncoderDecoderModel, vocabularies: Vocabularies, scaling: Scaling, search: BeamSearch) {
    guard let targets = vocabularies.ofTargets else { return nil }
    self.model = model
    self.targets = targets
    if case .tokens = model.shape.input { sources = vocabularies.inputs } else { sources = nil }
    self.scaling = scaling
    self.search = search
  }

  /// Whether the inputs are text.
  package var readsText: Bool { sources != nil }
  /// Features per step; nil if the inputs are text.
  package var width: Int? {
    if case .features(let width) = model.shape.input { width } else { nil }
  }
  /// Whether the decoder has attention.
  package var hasAttention: Bool { model.decoder.attention != nil }

  /// Translates texts.
  ///
  /// - Parameters:
  ///   - texts: Texts to translate; the translation of an empty text is empty.
  ///   - wantsAttention: Whether to return attention weights.
  /// - Throws: If a text contains words outside the vocabulary, and the vocabulary has no `<unk>`.
  /// - Precondition: The inputs are text.
  package func translate(
    _ texts: [String], search: BeamSearch, wantsAttention: Bool, on executor: Executor
  ) throws(WeftError) -> [Translation] {
    guard let sources else { preconditionFailure("the inputs are features") }
    // If the vocabulary has an end token, inputs of datasets end with it.
    let end = sources.number(of: Vocabulary.endToken)
    var encoded: [[Int32]] = []
    for text in texts {
      let tokens = try sources.encode(text)
      encoded.append(tokens.isEmpty ? [] : tokens + (end.map { [$0] } ?? []))
    }
    let order = encoded.longestFirst(\.count).filter { !encoded[$0].isEmpty }
    var found = [Hypothesis](repeating: Hypothesis(), count: texts.count)
    if !order.isEmpty {
      let batch = Minibatch(
        lengths: order.map { encoded[$0].count }, inputs: .tokens(order.flatMap { encoded[$0] }))
      let results = model.decode(batch, search, wantsAttention: wantsAttention, on: executor)
      for (index, hypotheses) in zip(order, results) { found[index] = hypotheses.first ?? Hypothesis() }
    }
    return texts.indices.map { index in
      translation(
        found[index], source: encoded[index].map { sources.tokens[Int($0)] },
        unknown: sources.unknownParts(of: texts[index]))
    }
  }

  /// Generates texts from sequences of features.
  ///
  /// - Parameters:
  ///   - features: The unscaled steps of each sequence, at least one.
  ///   - wantsAttention: Whether to return attention weights.
  /// - Precondition: The inputs are features.
  package func describe(
    _ features: [FeatureArray], search: BeamSearch, wantsAttention: Bool, on executor: Executor
  ) -> [Translation] {
    guard let width, !features.isEmpty else { return [] }
    let order = features.longestFirst(\.count)
    let values = order.flatMap { sequence in
      var values = features[sequence].values
      scaling.scaleInputs(&values, width: width)
      return values
    }
    let batch = Minibatch(
      lengths: order.map { features[$0].count }, inputs: .features(values, width: width))
    let results = model.decode(batch, search, wantsAttention: wantsAttention, on: executor)
    var found = [Hypothesis](repeating: Hypothesis(), count: features.count)
    for (index, hypotheses) in zip(order, results) { found[index] = hypotheses[0] }
    return found.map { translation($0, source: [], unknown: []) }
  }

  private func translation(_ hypothesis: Hypothesis, source: [String], unknown: [String]) -> Translation {
    Translation(
      text: targets.decode(hypothesis.tokens), score: hypothesis.score, source: source,
      tokens: hypothesis.tokens.map { targets.tokens[Int($0)] }, attention: hypothesis.attention,
      unknown: unknown)
  }
}
