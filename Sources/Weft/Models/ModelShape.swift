/// What a model reads at each step.
package enum ModelInput: Sendable, Equatable {
  /// One token out of a vocabulary of that size.
  case tokens(vocabulary: Int)
  /// A vector of that many features.
  case features(Int)
}

/// What the data and the loss demand of a model beside its configuration.
package struct ModelShape: Sendable, Equatable {
  package var input: ModelInput
  /// Outputs of a step: classes, or features.
  package var outputs: Int

  package init(input: ModelInput, outputs: Int) {
    self.input = input
    self.outputs = outputs
  }

  /// Tokens of the vocabulary, or features of a step.
  package var inputSize: Int {
    switch input {
    case .tokens(let count), .features(let count): count
    }
  }
}

extension ModelShape: CustomStringConvertible {
  /// Such as `inputs of 3 features and 2 outputs`.
  package var description: String {
    switch input {
    case .tokens(let count): "inputs of \(count) tokens and \(outputs) outputs"
    case .features(let count): "inputs of \(count) features and \(outputs) outputs"
    }
  }
}
