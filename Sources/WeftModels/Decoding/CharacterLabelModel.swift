import WeftParallel

/// A language model as the search for labels asks it: how likely one is after others.
package final class CharacterLabelModel: LabelModel {
  private let stepper: SequenceStepper
  /// The language model's token of each label; nil for those that it does not know.
  private let tokens: [Int32?]
  private let first: Int32

  /// - Parameters:
  ///   - labels: The text of each label.
  ///   - executor: Holds the language model's parameters.
  package init(_ language: LanguageModel, labels: [String], on executor: Executor) {
    let numbers = Dictionary(zip(language.vocabulary.tokens, 0...)) { earlier, _ in earlier }
    tokens = labels.map { numbers[$0].map { Int32($0) } }
    unknown = zip(labels, tokens).filter { $1 == nil }.map(\.0)
    stepper = language.model.makeStepper(on: executor)
    first = language.first
    zero = stepper.states
  }

  /// The labels that the language model's vocabulary lacks.
  package let unknown: [String]
  private let zero: [[Float]]

  /// States after some labels, and what the model says next.
  package struct State {
    let states: [[Float]]
    let logarithms: [Double]
  }

  package func start() -> State { step(first, from: zero) }

  package func logarithms(after state: State) -> [Double] {
    // A label that the model does not know is as unlikely as the unlikeliest that it knows.
    let least = state.logarithms.min() ?? 0
    return tokens.map { token in token.map { state.logarithms[Int($0)] } ?? least }
  }

  package func state(after label: Int32, _ state: State) -> State {
    guard let token = tokens[Int(label)] else { return state }
    return step(token, from: state.states)
  }

  private func step(_ token: Int32, from states: [[Float]]) -> State {
    stepper.states = states
    stepper.step(token)
    return State(states: stepper.states, logarithms: stepper.logProbabilities)
  }
}
