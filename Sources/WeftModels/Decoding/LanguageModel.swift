import WeftParallel
import WeftText

/// A model that predicts the next token of a vocabulary, for text generation.
package struct LanguageModel: Sendable {
  package let model: SequenceModel
  package let vocabulary: Vocabulary

  /// Nil if the model does not predict the next token of the vocabulary.
  package init?(_ model: SequenceModel, vocabulary: Vocabulary?) {
    guard let vocabulary, model.isLanguageModel, model.shape.outputs == vocabulary.count else { return nil }
    self.model = model
    self.vocabulary = vocabulary
  }

  /// The token before the start of a stream: a line break, if the vocabulary contains it.
  var first: Int32 { Int32(vocabulary.tokens.firstIndex(of: "\n") ?? 0) }

  /// A stepper that has read all but the last token of a prompt, that last token, and the text decoder after it.
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

  /// Generates text from a prompt.
  ///
  /// - Parameters:
  ///   - length: Tokens to generate.
  ///   - onToken: Called with the text of each token, including a preceding space, when it is chosen.
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

  /// Generates the most probable text found by beam search from a prompt.
  ///
  /// - Parameters:
  ///   - length: Tokens to generate.
  ///   - beamWidth: Beam width; 1 is greedy decoding.
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
