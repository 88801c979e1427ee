import WeftBase
import WeftModels
import WeftText

/// The probability of a line of text.
public struct ScoredLine: Sendable, Equatable {
  /// Number of the line, from 1.
  public let number: Int
  /// The text, without the end of the line.
  public let text: String
  /// The text of each token; the end of the line is one if the vocabulary has it.
  public let tokens: [String]
  /// Natural logarithm of the probability of each token, given all before it.
  public let tokenLogProbabilities: [Double]

  /// Natural logarithm of the line's probability.
  public var logProbability: Double { tokenLogProbabilities.reduce(0, +) }
}

extension TrainedModel {
  /// Scores the lines of a text with a language model.
  ///
  /// - Parameters:
  ///   - path: A UTF-8 text file.
  ///   - isContinuous: Whether a line follows the one before it, rather than the start of a text.
  ///   - onLine: Called with each line.
  /// - Throws: If the model is not a language model, or a line contains text outside its vocabulary and that has no
  ///   `<unk>`.
  public func score(
    linesOf path: String, isContinuous: Bool = true, onLine: (ScoredLine) throws(WeftError) -> Void
  ) throws(WeftError) {
    guard let language = task.languageModel else {
      throw .model("\(self.path): is not a language model, so it cannot score text")
    }
    let vocabulary = language.vocabulary
    let end = vocabulary.number(of: "\n") == nil ? "" : "\n"
    var stream = language.makeScoredStream()
    var number = 0
    try TextFile.forEachLine(of: path) { bytes throws(WeftError) in
      number += 1
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw .data("\(path):\(number): not UTF-8 text; \(OtherEncoding.advice(for: bytes))")
      }
      let tokens: [Int32]
      do throws(WeftError) { tokens = try vocabulary.encode(text + end) } catch {
        throw .data("\(path):\(number): \(error.message)")
      }
      if !isContinuous { stream = language.makeScoredStream() }
      try onLine(
        ScoredLine(
          number: number, text: text, tokens: tokens.map { vocabulary.tokens[Int($0)] },
          tokenLogProbabilities: language.logProbabilities(of: tokens, in: &stream, on: executor)))
    }
  }
}
