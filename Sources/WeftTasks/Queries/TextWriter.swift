import WeftBase
import WeftData
import WeftModels
import WeftParallel
import WeftText

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

/// Writes text for texts, or for sequences of features such as the patches of an image.
package struct TextWriter: Sendable {
  private let model: EncoderDecoderModel
  private let targets: Vocabulary
  /// The vocabulary of the texts that it reads; nil if it reads features.
  private let sources: Vocabulary?
  private let scale: FeatureScale?
  /// How the model's configuration has it write.
  package let search: BeamSearch

  /// Nil if the tokens that the model writes have no texts.
  init?(_ model: EncoderDecoderModel, vocabularies: Vocabularies, scale: FeatureScale?, search: BeamSearch) {
    guard let targets = vocabularies.ofTargets else { return nil }
    self.model = model
    self.targets = targets
    if case .tokens = model.shape.input { sources = vocabularies.inputs } else { sources = nil }
    self.scale = scale
    self.search = search
  }

  /// Whether it reads text.
  package var readsText: Bool { sources != nil }
  /// Features of a step; nil if it reads text.
  package var width: Int? {
    if case .features(let width) = model.shape.input { width } else { nil }
  }
  /// Whether it looks at its source.
  package var hasAttention: Bool { model.decoder.attention != nil }

  /// Translates texts.
  ///
  /// - Parameters:
  ///   - texts: One translation each; an empty text has an empty one.
  ///   - wantsAttention: Whether to tell where each step looked.
  /// - Throws: If a text holds what is not in the vocabulary and there is no token for unknown words.
  /// - Precondition: It reads text.
  package func translate(
    _ texts: [String], search: BeamSearch, wantsAttention: Bool, on executor: Executor
  ) throws(WeftError) -> [Translation] {
    guard let sources else { preconditionFailure("the model reads features") }
    // Where there is a token for the end of a sequence, datasets have it at the end of each input.
    let end = sources.number(of: Vocabulary.endToken)
    var encoded: [[Int32]] = []
    for text in texts {
      let tokens = try sources.encode(text)
      encoded.append(tokens.isEmpty ? [] : tokens + (end.map { [$0] } ?? []))
    }
    let order = encoded.indices.filter { !encoded[$0].isEmpty }
      .sorted { (encoded[$0].count, $1) > (encoded[$1].count, $0) }
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

  /// Texts for sequences of features.
  ///
  /// - Parameters:
  ///   - features: For each sequence its steps, at least one, unscaled.
  ///   - wantsAttention: Whether to tell where each step looked.
  /// - Precondition: It reads features.
  package func describe(
    _ features: [FeatureArray], search: BeamSearch, wantsAttention: Bool, on executor: Executor
  ) -> [Translation] {
    guard let width, !features.isEmpty else { return [] }
    let order = features.indices.sorted { (features[$0].count, $1) > (features[$1].count, $0) }
    var values = order.flatMap { features[$0].values }
    scale?.scale(&values)
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
