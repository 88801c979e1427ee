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
    guard let vocabulary, data.writesTextOf(vocabulary) else {
      throw .failure("\(path): is not a language model, so it cannot generate text")
    }
    guard length >= 0 else { throw .usage("length must be 0 or more, not \(length)") }
    return data.generate(
      after: try vocabulary.encode(prompt), vocabulary: vocabulary, length: length, sampling: sampling,
      onToken: onToken)
  }
}

extension DataParallel {
  /// Whether the model is a language model of a vocabulary.
  func writesTextOf(_ vocabulary: Vocabulary) -> Bool {
    guard let model = model as? SequenceModel else { return false }
    return model.isLanguageModel && model.shape.outputs == vocabulary.count
  }

  /// Text that goes on from a prompt, by a language model of the vocabulary.
  func generate(
    after encoded: [Int32], vocabulary: Vocabulary, length: Int, sampling: Sampling,
    onToken: (String) -> Void = { _ in }
  ) -> String {
    // A stream begins like a new line: where the vocabulary has one, it stands in for an empty prompt.
    let start = encoded.isEmpty ? [Int32(vocabulary.tokens.firstIndex(of: "\n") ?? 0)] : encoded
    let stepper = makeStepper()
    for token in start.dropLast() { stepper.step(token) }
    var text = TokenText(vocabulary)
    for token in encoded { _ = text.append(token) }
    var chooser = TokenChooser(sampling)
    var token = start[start.count - 1]
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
