/// How inputs and targets were scaled; nil where they are used as they are.
package struct Scaling: Sendable, Equatable {
  package var inputs: FeatureScale?
  package var targets: FeatureScale?

  package init(inputs: FeatureScale? = nil, targets: FeatureScale? = nil) {
    self.inputs = inputs
    self.targets = targets
  }
}
