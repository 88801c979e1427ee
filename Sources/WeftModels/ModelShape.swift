import WeftBase

/// Input and output sizes of a model, determined by the data and the loss.
package struct ModelShape: Sendable, Equatable {
  /// Kind of the input steps.
  package var input: StepKind
  /// Outputs per step: classes or values.
  package var outputs: Int

  package init(input: StepKind, outputs: Int) {
    self.input = input
    self.outputs = outputs
  }

  /// Size of the vocabulary, or features per step.
  package var inputSize: Int { input.size }
}

extension ModelShape: CustomStringConvertible {
  /// For example `inputs of 3 features and 2 outputs`.
  package var description: String { "inputs of \(input) and \(outputs) outputs" }
}
