import WeftBase

/// What a model of some data reads, and what its outputs are compared with.
package struct DataShape: Sendable, Equatable {
  /// A step of the inputs, with its covariates.
  package let inputs: StepKind
  /// A target: of a step, a sequence, or a step of a target sequence.
  package let targets: StepKind

  package init(inputs: StepKind, targets: StepKind) {
    self.inputs = inputs
    self.targets = targets
  }
}

extension DataShape: CustomStringConvertible {
  /// Such as `inputs of 3 features and targets of 5 classes`.
  package var description: String {
    let targets =
      switch targets {
      case .tokens(let count): "\(count) classes"
      case .features: "\(targets)"
      }
    return "inputs of \(inputs) and targets of \(targets)"
  }
}
