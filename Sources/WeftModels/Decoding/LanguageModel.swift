import WeftParallel
import WeftText

/// A model that tells which token of a vocabulary comes next, to write text with.
package struct LanguageModel: Sendable {
  package let model: SequenceModel
  package let vocabulary: Vocabulary

  /// Nil if the model does not tell the vocabulary's next token.
  package init?(_ model: SequenceModel, vocabulary: Vocabulary?) {
    guard let vocabulary, model.isLanguageModel, model.shape.outputs == vocabulary.count else { return nil }
    self.model = model
    self.vocabulary = vocabulary
  }

  /// The token that a stream begins with: like a new line where the vocabulary has one.
  var first: Int32 { Int32(vocabulary.tokens.firstIndex(of: "\n") ?? 0) }

  /// A stepper that has read all but the last of some tokens, that one, and how text goes on after it.
  private func begin(
    after encoded: [Int32], on executor: Executor
  ) -> (SequenceStepper, last: Int32, TokenText) {
    let start = encoded.isEmpty ? [first] : encoded
    let stepper = model.makeStepper(on: executor)
    for token in start.dropLast() { stepper.step(token) }
    var text = TokenText(vocabulary)
    for token in encoded { _ = text.append(token) }
    return (stepper, start[start.count - 1], text)
  }

  /// Text that goes on from some tokens.
  ///
  /// - Parameters:
  ///   - length: Tokens to generate.
  ///   - onToken: Called with each token's text, and the space before it, as it is chosen.
  @discardableResult
  package func generate(
    after encoded: [Int32], length: Int, sampling: Sampling, on executor: Executor,
    onToken: (String) -> Void = { _ in }
  ) -> String {
    var (stepper, token, text) = begin(after: encoded, on: executor)
    var chooser = TokenChooser(sampling)
    var generated = ""
    for step in 0..<length {
      stepper.step(token)
      token = chooser.choose(stepper.outputs, step: step)
      let piece = text.append(token)
      generated += piece
      onToken(piece)
    }
    return generated
  }

  /// The likeliest text that beam search finds to go on from some tokens.
  ///
  /// - Parameters:
  ///   - length: Tokens to generate.
  ///   - beamWidth: Texts that are extended at the same time; 1 always takes the likeliest token.
  package func generate(
    after encoded: [Int32], length: Int, beamWidth: Int, on executor: Executor
  ) -> String {
    var (stepper, first, text) = begin(after: encoded, on: executor)
    if length == 0 { return "" }
    // Nothing ends a stream, so all texts have the same length.
    var search = BeamState(BeamSearch(beam: beamWidth, lengthPenalty: 0, maximumLength: length), boundary: -1)
    var states = [stepper.states]
    while !search.active.isEmpty {
      var extensions: [BeamState.Extension] = []
      for (parent, hypothesis) in search.active.enumerated() {
        stepper.states = states[parent]
        stepper.step(hypothesis.tokens.last ?? first)
        states[parent] = stepper.states
        extensions += stepper.mostProbable(2 * beamWidth).map {
          BeamState.Extension(
            parent: parent, token: $0.token, logProbability: hypothesis.logProbability + $0.logProbability)
        }
      }
      states = search.extend(extensions, attention: []).map { states[$0] }
    }
    return search.results[0].tokens.reduce(into: "") { $0 += text.append($1) }
  }
}
