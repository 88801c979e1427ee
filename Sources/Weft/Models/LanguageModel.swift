import WeftBase
import WeftModels
import WeftTasks
import WeftTraining

/// Writes and scores text.
public struct LanguageModel: AppliedModel {
  /// The model.
  public let model: TrainedModel

  /// - Throws: If the model was not trained on a stream of tokens.
  public init(_ model: TrainedModel) throws(WeftError) {
    self.model = model
    try require(model.task.languageModel != nil, "is not a language model", "the next token as its target")
  }

  /// Generates text after a prompt.
  ///
  /// - Parameters:
  ///   - prompt: The text before it, which may be empty.
  ///   - limits: What ends the text, and which tokens it does not contain.
  ///   - sampling: How tokens are drawn; with a temperature of 0 the most probable one.
  ///   - onToken: Called with each token's text.
  /// - Throws: If the prompt contains text outside a vocabulary without `<unk>`.
  @discardableResult
  public func generate(
    after prompt: String, limits: GenerationLimits, sampling: Sampling, onToken: (String) -> Void = { _ in }
  ) throws(WeftError) -> String {
    try model.generate(prompt: prompt, limits: limits, sampling: sampling, onToken: onToken)
  }

  /// The log-probability of each line of a text file and of its tokens.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - isContinuous: Whether a line follows the one before it, rather than the start of a text.
  /// - Throws: If the file cannot be read, or a line contains text outside a vocabulary without `<unk>`.
  public func score(linesOf path: String, isContinuous: Bool = true) throws(WeftError) -> [ScoredLine] {
    var lines: [ScoredLine] = []
    try model.score(linesOf: path, isContinuous: isContinuous) { lines.append($0) }
    return lines
  }
}
