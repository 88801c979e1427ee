import WeftBase

/// Input and output sizes of a model, determined by the data and the loss.
package struct ModelShape: Sendable, Equatable {
  /// Kind of the input steps.
  package var input: StepKind
  /// Outputs per step: classes or values.
  package var outputs: Int
  /// The features of the inputs that are numbers of categories, in ascending order of their columns.
  package var categories: [CategoricalFeature]

  package init(input: StepKind, outputs: Int, categories: [CategoricalFeature] = []) {
    self.input = input
    self.outputs = outputs
    self.categories = categories
  }

  /// Size of the vocabulary, or features per step.
  package var inputSize: Int { input.size }
}

extension ModelShape: CustomStringConvertible {
  /// For example `inputs of 3 features and 2 outputs`.
  package var description: String {
    let categories = categories.map { "'\($0.name)' of \($0.count) categories" }.joined(separator: ", ")
    return "inputs of \(input)\(categories.isEmpty ? "" : " (\(categories))") and \(outputs) outputs"
  }
}
