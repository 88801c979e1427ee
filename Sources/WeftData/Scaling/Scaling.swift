/// Scaling of inputs and targets; nil for unscaled ones.
package struct Scaling: Sendable, Equatable {
  package var inputs: FeatureScale?
  package var targets: FeatureScale?

  package init(inputs: FeatureScale? = nil, targets: FeatureScale? = nil) {
    self.inputs = inputs
    self.targets = targets
  }
}
