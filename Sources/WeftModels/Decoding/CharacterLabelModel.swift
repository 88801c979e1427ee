import WeftParallel

/// A character language model as a model of labels, for shallow fusion.
package final class CharacterLabelModel: LabelModel {
  private let stepper: SequenceStepper
  /// The language model's token of each label; nil if its vocabulary lacks the label.
  private let tokens: [Int32?]
  private let first: Int32

  /// - Parameters:
  ///   - labels: The text of each label.
  ///   - executor: The executor with the language model's parameters.
  package init(_ language: LanguageModel, labels: [String], on executor: Executor) {
    let numbers = Dictionary(zip(language.vocabulary.tokens, 0...)) { earlier, _ in earlier }
    tokens = labels.map { numbers[$0].map { Int32($0) } }
    unknown = zip(labels, tokens).filter { $1 == nil }.map(\.0)
    stepper = language.model.makeStepper(on: executor)
    first = language.first
    zero = stepper.states
  }

  /// Labels that are missing from the language model's vocabulary.
  package let unknown: [String]
  private let zero: [[Float]]

  /// States after some labels, and the log-probabilities of the next label.
  package struct State {
    let states: [[Float]]
    let logProbabilities: [Double]
  }

  package func start() -> State { step(first, from: zero) }

  package func logProbabilities(after state: State) -> [Double] {
    // Unknown labels get the probability of the least probable known one.
    let minimum = state.logProbabilities.min() ?? 0
    return tokens.map { token in token.map { state.logProbabilities[Int($0)] } ?? minimum }
  }

  package func state(after label: Int32, _ state: State) -> State {
    guard let token = tokens[Int(label)] else { return state }
    return step(token, from: state.states)
  }

  private func step(_ token: Int32, from states: [[Float]]) -> State {
    stepper.states = states
    stepper.step(token)
    return State(states: stepper.states, logProbabilities: stepper.logProbabilities)
  }
}
