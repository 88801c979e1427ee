import Foundation
import WeftBase
import WeftData
import WeftLayers
import WeftParallel

/// A text that a language model reads token by token.
package struct ScoredStream {
  fileprivate let state: RecurrentState
  /// The token before the next one.
  fileprivate var previous: Int32
  fileprivate var isAtStart = true
}

extension LanguageModel {
  /// The start of a text.
  package func makeScoredStream() -> ScoredStream {
    ScoredStream(state: RecurrentState(batch: 1, layers: model.carriedLayers), previous: first)
  }

  /// Tokens per pass.
  private static let stepsPerPass = 1024

  /// Natural logarithms of the probabilities of the next tokens of a text, each given all before it.
  package func logProbabilities(
    of tokens: [Int32], in stream: inout ScoredStream, on executor: Executor
  ) -> [Double] {
    var scores: [Double] = []
    scores.reserveCapacity(tokens.count)
    for start in stride(from: 0, to: tokens.count, by: Self.stepsPerPass) {
      let part = tokens[start..<min(start + Self.stepsPerPass, tokens.count)]
      let inputs = [stream.previous] + part.dropLast()
      let found = model.outputs(
        Minibatch(lengths: [part.count], inputs: .tokens(inputs)),
        initial: stream.isAtStart ? nil : stream.state, final: stream.state, on: executor)
      let outputs = found.matrix
      for (row, token) in part.enumerated() {
        var maximum = -Float.infinity
        for column in 0..<outputs.columns { maximum = max(maximum, outputs[row, column]) }
        var sum = 0.0
        for column in 0..<outputs.columns { sum += exp(Double(outputs[row, column] - maximum)) }
        scores.append(Double(outputs[row, Int(token)] - maximum) - log(sum))
      }
      withExtendedLifetime(found) {}
      stream.previous = part[part.endIndex - 1]
      stream.isAtStart = false
    }
    return scores
  }
}
