import WeftBase
import WeftModels

extension TrainedModel {
  /// Generates text from a prompt.
  ///
  /// - Parameters:
  ///   - prompt: The prompt; may be empty.
  ///   - limits: What ends the text, and which tokens it does not contain.
  ///   - sampling: Sampling parameters.
  ///   - onToken: Called with the text that each sampled token adds, including a preceding space.
  /// - Returns: The generated text without the prompt.
  /// - Throws: If the model is not a language model, or the prompt contains text outside its vocabulary.
  @discardableResult
  public func generate(
    prompt: String, limits: GenerationLimits, sampling: Sampling, onToken: (String) -> Void = { _ in }
  ) throws(WeftError) -> String {
    let (language, encoded) = try encode(prompt, length: limits.length)
    return language.generate(
      after: encoded, limits: limits, sampling: sampling, on: executor, onToken: onToken)
  }

  /// Generates the most probable text by beam search from a prompt.
  ///
  /// - Parameters:
  ///   - prompt: The prompt; may be empty.
  ///   - limits: What ends the text, and which tokens it does not contain.
  ///   - beam: Beam width; 1 is greedy decoding.
  /// - Returns: The generated text without the prompt.
  /// - Throws: If the model is not a language model, or the prompt contains text outside its vocabulary.
  public func generate(prompt: String, limits: GenerationLimits, beam: Int) throws(WeftError) -> String {
    guard beam >= 1 else { throw .usage("beam must be at least 1, not \(beam)") }
    let (language, encoded) = try encode(prompt, length: limits.length)
    return language.generate(after: encoded, limits: limits, beamWidth: beam, on: executor)
  }

  /// Generates text of some tokens from a prompt.
  ///
  /// - Throws: As above.
  @discardableResult
  public func generate(
    prompt: String, length: Int, sampling: Sampling, onToken: (String) -> Void = { _ in }
  ) throws(WeftError) -> String {
    try generate(
      prompt: prompt, limits: GenerationLimits(length: length), sampling: sampling, onToken: onToken)
  }

  /// Generates the most probable text of some tokens by beam search from a prompt.
  ///
  /// - Throws: As above.
  public func generate(prompt: String, length: Int, beam: Int) throws(WeftError) -> String {
    try generate(prompt: prompt, limits: GenerationLimits(length: length), beam: beam)
  }

  /// The language model and the encoded prompt.
  private func encode(_ prompt: String, length: Int) throws(WeftError) -> (LanguageModel, [Int32]) {
    guard let language = task.languageModel else {
      throw .model("\(path): is not a language model, so it cannot generate text")
    }
    guard length >= 0 else { throw .usage("length must be at least 0, not \(length)") }
    return (language, try language.vocabulary.encode(prompt))
  }
}
