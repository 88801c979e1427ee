import WeftBase
import WeftModels

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
    let (language, encoded) = try encode(prompt, length: length)
    return language.generate(
      after: encoded, length: length, sampling: sampling, on: executor, onToken: onToken)
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
    let (language, encoded) = try encode(prompt, length: length)
    return language.generate(after: encoded, length: length, beamWidth: beam, on: executor)
  }

  /// The language model, and a prompt in its vocabulary.
  private func encode(_ prompt: String, length: Int) throws(WeftError) -> (LanguageModel, [Int32]) {
    guard let language = task.languageModel else {
      throw .failure("\(path): is not a language model, so it cannot generate text")
    }
    guard length >= 0 else { throw .usage("length must be 0 or more, not \(length)") }
    return (language, try language.vocabulary.encode(prompt))
  }
}
