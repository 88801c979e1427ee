import WeftBase

/// Sequences in memory, to train a model on or to apply one to.
///
/// Training writes them to the run's folder, so that the run can be resumed and evaluated like any other.
public struct Dataset: Sendable, Equatable {
  /// The steps of all sequences, one after the other.
  public enum Inputs: Sendable, Equatable {
    /// Numbers, `[all steps × features]`, with so many features in each step.
    case features([Float], width: Int)
    /// Numbers of tokens, with the text of each token.
    case tokens([Int32], vocabulary: [String])
  }

  /// What a model is to predict.
  public enum Targets: Sendable, Equatable {
    /// Nothing, as for data to predict, or the next token.
    case none
    /// A class for each sequence, or with `perStep` for each step; negative to ignore it. Names are optional.
    case classes([Int32], names: [String] = [], perStep: Bool = false)
    /// Numbers for each sequence, or with `perStep` for each step, `[sequences or steps × width]`; NaN where missing.
    case values([Float], width: Int, perStep: Bool = false)
  }

  /// The steps.
  public let inputs: Inputs
  /// Steps of each sequence.
  public let lengths: [Int]
  /// What a model is to predict.
  public let targets: Targets
  /// The name of each sequence; empty for none.
  public let names: [String]

  /// Sequences, concatenated.
  ///
  /// - Parameters:
  ///   - inputs: The steps of all sequences.
  ///   - targets: What a model is to predict.
  ///   - lengths: Steps of each sequence.
  ///   - names: The name of each sequence; empty for none.
  /// - Throws: If sizes do not fit together, a token is not in the vocabulary, or a number is not finite.
  public init(
    inputs: Inputs, targets: Targets = .none, lengths: [Int], names: [String] = []
  ) throws(WeftError) {
    guard !lengths.isEmpty, lengths.allSatisfy({ $0 > 0 }) else {
      throw .usage("lengths: needs at least one sequence, and at least one step in each")
    }
    guard names.isEmpty || names.count == lengths.count else {
      throw .usage("names: has \(names.count) names, but there are \(lengths.count) sequences")
    }
    let steps = lengths.reduce(0, +)
    switch inputs {
    case .features(let values, let width):
      guard width > 0, values.count == steps * width else {
        throw .usage("inputs: has \(values.count) numbers, but \(steps) steps need \(width) each")
      }
      if let place = values.firstIndex(where: { !$0.isFinite }) {
        throw .usage("inputs: step \(place / width), feature \(place % width) is \(values[place])")
      }
    case .tokens(let tokens, let vocabulary):
      guard tokens.count == steps else {
        throw .usage("inputs: has \(tokens.count) tokens, but lengths are \(steps) in total")
      }
      if let place = tokens.firstIndex(where: { !vocabulary.indices.contains(Int($0)) }) {
        throw .usage(
          "inputs: step \(place) has token \(tokens[place]), but the vocabulary has \(vocabulary.count)")
      }
    }
    switch targets {
    case .none: break
    case .classes(let classes, let names, let perStep):
      try Self.check(classes.count, perStep: perStep, steps: steps, sequences: lengths.count, width: 1)
      if !names.isEmpty, let place = classes.firstIndex(where: { $0 >= names.count }) {
        throw .usage("targets: number \(place) is class \(classes[place]), but \(names.count) are named")
      }
    case .values(let values, let width, let perStep):
      try Self.check(values.count, perStep: perStep, steps: steps, sequences: lengths.count, width: width)
    }
    (self.inputs, self.targets, self.lengths, self.names) = (inputs, targets, lengths, names)
  }

  /// Sequences of features, `[sequences][steps × features]`.
  ///
  /// - Throws: As above.
  public init(
    sequences: [[Float]], features: Int, targets: Targets = .none, names: [String] = []
  ) throws(WeftError) {
    guard features > 0, sequences.allSatisfy({ $0.count.isMultiple(of: features) }) else {
      throw .usage("sequences: every sequence needs \(features) numbers for each step")
    }
    try self.init(
      inputs: .features(sequences.flatMap(\.self), width: features), targets: targets,
      lengths: sequences.map { $0.count / features }, names: names)
  }

  private static func check(
    _ count: Int, perStep: Bool, steps: Int, sequences: Int, width: Int
  ) throws(WeftError) {
    let wanted = perStep ? steps : sequences
    guard width > 0, count == wanted * width else {
      throw .usage(
        "targets: has \(count) numbers, but \(wanted) \(perStep ? "steps" : "sequences") need \(width) each")
    }
  }
}
