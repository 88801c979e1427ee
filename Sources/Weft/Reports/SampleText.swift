/// What a model writes, for people to see how it gets on.
package struct SampleText: Sendable, Equatable {
  /// What it read; nil where that is no text.
  package var source: String?
  /// What it should have written; nil where nothing is right or wrong.
  package var reference: String?
  /// What it wrote.
  package var written: String

  package init(source: String? = nil, reference: String? = nil, written: String) {
    self.source = source
    self.reference = reference
    self.written = written
  }
}

extension Job {
  /// Some texts by the model as it stands: of a language model one that goes on from nothing, of a model that writes text
  /// for its inputs those of the first rows of a split; none of other models.
  ///
  /// - Parameters:
  ///   - source: The split; nil for none.
  ///   - data: Runs the model.
  ///   - tokens: Tokens that a language model writes.
  /// - Throws: If the split cannot be read.
  package func sampleTexts(
    from source: (any BatchSource)?, on data: DataParallel, vocabularies: Vocabularies, tokens: Int = 300,
    count: Int = 3
  ) throws(WeftError) -> [SampleText] {
    if let vocabulary = vocabularies.inputs, data.writesTextOf(vocabulary) {
      let sampling = try Sampling(temperature: 0.8, seed: 1)
      return [
        SampleText(
          written: data.generate(after: [], vocabulary: vocabulary, length: tokens, sampling: sampling))
      ]
    }
    guard let source, let targets = vocabularies.ofTargets else { return [] }
    if let job = self as? AlignmentJob {
      let batch = try source.batch(epoch: 0, index: 0)
      let decoder = AlignmentDecoder(blank: job.blank)
      return data.logarithms(batch).prefix(count).enumerated().map { row, logarithms in
        SampleText(
          reference: targets.decode(Array(batch.labels(ofRow: row))),
          written: targets.decode(decoder.greedy(logarithms).labels.filter { $0 < targets.tokens.count }))
      }
    }
    guard let model = model as? EncoderDecoderModel, model.writesTokens else { return [] }
    let batch = try source.batch(epoch: 0, index: 0)
    let found = data.decode(batch, BeamSearch(beam: 1, lengthPenalty: 0, maximumLength: 200))
    return found.prefix(count).enumerated().map { row, hypotheses in
      SampleText(
        source: batch.text(ofRow: row, vocabulary: vocabularies.inputs),
        reference: targets.decode(Array(batch.labels(ofRow: row))),
        written: targets.decode(hypotheses.first?.tokens ?? []))
    }
  }
}

extension Minibatch {
  /// What a row reads, as text; nil where it is no text.
  package func text(ofRow row: Int, vocabulary: Vocabulary?) -> String? {
    guard let vocabulary, case .tokens(let tokens) = inputs else { return nil }
    return vocabulary.decode(Array(tokens[offsets[row]..<offsets[row + 1]]))
  }
}
