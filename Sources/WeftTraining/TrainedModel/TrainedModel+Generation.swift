import WeftBase
import WeftModels

extension TrainedModel {
  /// Generates text from a prompt.
  ///
  /// - Parameters:
  ///   - prompt: The prompt; may be empty.
  ///   - length: Tokens to generate.
  ///   - sampling: Sampling parameters.
  ///   - onToken: Called with the text of each sampled token, including a preceding space.
  /// - Returns: The generated text without the prompt.
  /// - Throws: If the model is not a language model, or the prompt contains text outside its vocabulary.
  @discardableResult
  public func generate(
    prompt: String, length: Int, sampling: Sampling, onToken: (String) -> Void = { _ in }
  ) throws(WeftError) -> String {
    let (language, encoded) = try encode(prompt, length: length)
    return language.generate(
      after: encoded, length: length, sampling: sampling, on: executor, onToken: onToken)
  }

  /// Generates the most probable text by beam search from a prompt.
  ///
  /// - Parameters:
  ///   - prompt: The prompt; may be empty.
  ///   - length: Tokens to generate.
  ///   - beam: Beam width; 1 is greedy decoding.
  /// - Returns: The generated text without the prompt.
  /// - Throws: If the model is not a language model, or the prompt contains text outside its vocabulary.
  public func generate(prompt: String, length: Int, beam: Int) throws(WeftError) -> String {
    guard beam >= 1 else { throw .usage("beam must be at least 1, not \(beam)") }
    let (language, encoded) = try encode(prompt, length: length)
    return language.generate(after: encoded, length: length, beamWidth: beam, on: executor)
  }

  /// The language model and the encoded prompt.
  private func encode(_ prompt: String, length: Int) throws(WeftError) -> (LanguageModel, [Int32]) {
    guard let language = task.languageModel else {
      throw .failure("\(path): is not a language model, so it cannot generate text")
    }
    guard length >= 0 else { throw .usage("length must be at least 0, not \(length)") }
    return (language, try language.vocabulary.encode(prompt))
  }
}
