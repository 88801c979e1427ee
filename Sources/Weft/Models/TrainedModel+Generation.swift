import Foundation

extension Evaluation {
  /// The loss in bits a token; nil where targets are no text.
  public var bitsPerToken: Double? { isText ? loss / log(2) : nil }
  /// e to the loss: between how many tokens the model is undecided, on average; nil where targets are no text.
  public var perplexity: Double? { isText ? exp(loss) : nil }
}

extension TrainedModel {
  /// Text that goes on from a prompt.
  ///
  /// - Parameters:
  ///   - prompt: Text to begin with; empty for none.
  ///   - length: Tokens to generate.
  ///   - sampling: How tokens are chosen.
  ///   - onToken: Called with each token's text, and the space before it, as it is chosen.
  /// - Returns: The generated text without the prompt.
  /// - Throws: If the model is no language model, or the prompt holds what is not in its vocabulary.
  @discardableResult
  public func generate(
    prompt: String, length: Int, sampling: Sampling, onToken: (String) -> Void = { _ in }
  ) throws(WeftError) -> String {
    let (vocabulary, encoded) = try encode(prompt, length: length)
    return data.generate(
      after: encoded, vocabulary: vocabulary, length: length, sampling: sampling, onToken: onToken)
  }

  /// The likeliest text that beam search finds to go on from a prompt.
  ///
  /// - Parameters:
  ///   - prompt: Text to begin with; empty for none.
  ///   - length: Tokens to generate.
  ///   - beam: Texts that are extended at the same time; 1 always takes the likeliest token.
  /// - Returns: The generated text without the prompt.
  /// - Throws: If the model is no language model, or the prompt holds what is not in its vocabulary.
  public func generate(prompt: String, length: Int, beam: Int) throws(WeftError) -> String {
    guard beam >= 1 else { throw .usage("beam must be 1 or more, not \(beam)") }
    let (vocabulary, encoded) = try encode(prompt, length: length)
    var (stepper, first, text) = data.begin(after: encoded, vocabulary: vocabulary)
    if length == 0 { return "" }
    // Nothing ends a stream, so all texts have the same length.
    var search = BeamState(BeamSearch(beam: beam, lengthPenalty: 0, maximumLength: length), boundary: -1)
    var states = [stepper.states]
    while !search.active.isEmpty {
      var extensions: [BeamState.Extension] = []
      for (parent, hypothesis) in search.active.enumerated() {
        stepper.states = states[parent]
        stepper.step(hypothesis.tokens.last ?? first)
        states[parent] = stepper.states
        extensions += stepper.likeliest(2 * beam).map {
          BeamState.Extension(
            parent: parent, token: $0.token, logProbability: hypothesis.logProbability + $0.logProbability)
        }
      }
      states = search.extend(extensions, attention: []).map { states[$0] }
    }
    return search.results[0].tokens.reduce(into: "") { $0 += text.append($1) }
  }

  /// The vocabulary of a language model, and a prompt in it.
  private func encode(_ prompt: String, length: Int) throws(WeftError) -> (Vocabulary, [Int32]) {
    guard let vocabulary, data.writesTextOf(vocabulary) else {
      throw .failure("\(path): is not a language model, so it cannot generate text")
    }
    guard length >= 0 else { throw .usage("length must be 0 or more, not \(length)") }
    return (vocabulary, try vocabulary.encode(prompt))
  }
}

extension DataParallel {
  /// Whether the model is a language model of a vocabulary.
  func writesTextOf(_ vocabulary: Vocabulary) -> Bool {
    guard let model = model as? SequenceModel else { return false }
    return model.isLanguageModel && model.shape.outputs == vocabulary.count
  }

  /// A stepper that has read all but the last of some tokens, that one, and how text goes on after it.
  func begin(after encoded: [Int32], vocabulary: Vocabulary) -> (SequenceStepper, last: Int32, TokenText) {
    // A stream begins like a new line: where the vocabulary has one, it stands in for an empty prompt.
    let start = encoded.isEmpty ? [Int32(vocabulary.tokens.firstIndex(of: "\n") ?? 0)] : encoded
    let stepper = makeStepper()
    for token in start.dropLast() { stepper.step(token) }
    var text = TokenText(vocabulary)
    for token in encoded { _ = text.append(token) }
    return (stepper, start[start.count - 1], text)
  }

  /// Text that goes on from some tokens, by a language model of the vocabulary.
  func generate(
    after encoded: [Int32], vocabulary: Vocabulary, length: Int, sampling: Sampling,
    onToken: (String) -> Void = { _ in }
  ) -> String {
    var (stepper, token, text) = begin(after: encoded, vocabulary: vocabulary)
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
}
