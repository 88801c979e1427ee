import KernelInterface

/// A language model as the search for labels asks it: how likely one is after others.
final class CharacterLabelModel: LabelModel {
  private let stepper: SequenceStepper
  /// The language model's token of each label; nil for those that it does not know.
  private let tokens: [Int32?]
  private let first: Int32

  /// - Parameters:
  ///   - labels: The text of each label.
  ///   - unknown: Called with the labels that the model's vocabulary lacks, if any.
  /// - Throws: If the model is no language model.
  init(_ model: TrainedModel, labels: [String], unknown: ([String]) -> Void) throws(WeftError) {
    guard let vocabulary = model.vocabulary, let sequence = model.job.model as? SequenceModel,
      sequence.isLanguageModel
    else { throw .failure("\(model.path): is not a language model") }
    let numbers = Dictionary(zip(vocabulary.tokens, 0...)) { earlier, _ in earlier }
    tokens = labels.map { numbers[$0].map { Int32($0) } }
    let missing = zip(labels, tokens).filter { $1 == nil }.map(\.0)
    if !missing.isEmpty { unknown(missing) }
    stepper = model.data.makeStepper()
    // A text begins like a new line.
    first = Int32(vocabulary.tokens.firstIndex(of: "\n") ?? 0)
    zero = stepper.states
  }

  private let zero: [[Float]]

  /// States after some labels, and what the model says next.
  struct State {
    let states: [[Float]]
    let logarithms: [Double]
  }

  func start() -> State { step(first, from: zero) }

  func logarithms(after state: State) -> [Double] {
    // A label that the model does not know is as unlikely as the unlikeliest that it knows.
    let least = state.logarithms.min() ?? 0
    return tokens.map { token in token.map { state.logarithms[Int($0)] } ?? least }
  }

  func state(after label: Int32, _ state: State) -> State {
    guard let token = tokens[Int(label)] else { return state }
    return step(token, from: state.states)
  }

  private func step(_ token: Int32, from states: [[Float]]) -> State {
    stepper.states = states
    stepper.step(token)
    return State(states: stepper.states, logarithms: stepper.logProbabilities)
  }
}
