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

  /// Generates text from a prompt, up to the limits or the end of the text (`<eos>`).
  ///
  /// - Parameters:
  ///   - onToken: Called with the text that each token adds, including a preceding space.
  @discardableResult
  package func generate(
    after encoded: [Int32], limits: GenerationLimits, sampling: Sampling, on executor: Executor,
    onToken: (String) -> Void = { _ in }
  ) -> String {
    var (stepper, token, text) = begin(after: encoded, on: executor)
    var chooser = TokenChooser(sampling, excluding: limits.excluded(from: vocabulary))
    let end = vocabulary.number(of: Vocabulary.endToken)
    var certain = StoppedText(limits.stops)
    var generated = ""
    func add(_ piece: String) {
      generated += piece
      onToken(piece)
    }
    for step in 0..<limits.length {
      stepper.step(token)
      token = chooser.choose(stepper.outputs, step: step)
      if token == end { break }
      add(certain.append(text.append(token)))
      if certain.isStopped { return generated }
    }
    let rest = certain.takeAll()
    if !rest.isEmpty { add(rest) }
    return generated
  }

  /// Generates the most probable text found by beam search from a prompt.
  ///
  /// - Parameter beamWidth: Beam width; 1 is greedy decoding.
  package func generate(
    after encoded: [Int32], limits: GenerationLimits, beamWidth: Int, on executor: Executor
  ) -> String {
    var (stepper, first, text) = begin(after: encoded, on: executor)
    if limits.length == 0 { return "" }
    let excluded = limits.excluded(from: vocabulary)
    let end = vocabulary.number(of: Vocabulary.endToken) ?? -1
    var search = BeamState(
      BeamSearch(beam: beamWidth, lengthPenalty: 0, maximumLength: limits.length), boundary: end)
    var states = [stepper.states]
    while !search.active.isEmpty {
      var extensions: [BeamState.Extension] = []
      for (parent, hypothesis) in search.active.enumerated() {
        stepper.states = states[parent]
        stepper.step(hypothesis.tokens.last ?? first)
        states[parent] = stepper.states
        extensions += stepper.mostProbable(2 * beamWidth, excluding: excluded).map {
          BeamState.Extension(
            parent: parent, token: $0.token, logProbability: hypothesis.logProbability + $0.logProbability)
        }
      }
      states = search.extend(extensions, attention: []).map { states[$0] }
    }
    var certain = StoppedText(limits.stops)
    let found = search.results[0].tokens.reduce(into: "") { $0 += certain.append(text.append($1)) }
    return found + certain.takeAll()
  }
}
