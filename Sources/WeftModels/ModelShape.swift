import WeftBase

/// What the data and the loss demand of a model beside its configuration.
package struct ModelShape: Sendable, Equatable {
  /// What a step of the inputs is.
  package var input: StepKind
  /// Outputs of a step: classes, or features.
  package var outputs: Int

  package init(input: StepKind, outputs: Int) {
    self.input = input
    self.outputs = outputs
  }

  /// Tokens of the vocabulary, or features of a step.
  package var inputSize: Int { input.size }
}

extension ModelShape: CustomStringConvertible {
  /// Such as `inputs of 3 features and 2 outputs`.
  package var description: String { "inputs of \(input) and \(outputs) outputs" }
}
