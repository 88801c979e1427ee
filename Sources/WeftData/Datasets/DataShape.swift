import WeftBase

/// Sizes of the inputs and targets of a dataset.
package struct DataShape: Sendable, Equatable {
  /// A step of the inputs, including covariates.
  package let inputs: StepKind
  /// A target: per step, per sequence, or per step of a target sequence.
  package let targets: StepKind
  /// The features of the inputs that are numbers of categories.
  package let categories: [CategoricalFeature]

  package init(inputs: StepKind, targets: StepKind, categories: [CategoricalFeature] = []) {
    self.inputs = inputs
    self.categories = categories
    self.targets = targets
  }
}

extension DataShape: CustomStringConvertible {
  /// For example `inputs of 3 features and targets of 5 classes`.
  package var description: String {
    let targets =
      switch targets {
      case .tokens(let count): "\(count) classes"
      case .features: "\(targets)"
      }
    return "inputs of \(inputs) and targets of \(targets)"
  }
}
