/// Scaling of inputs and targets; nil for unscaled ones.
package struct Scaling: Sendable, Equatable {
  package var inputs: FeatureScale?
  package var targets: FeatureScale?
  /// Means of the inputs, which replace missing ones; nil if they are not needed.
  package var fills: [Float]?
  /// Scaling of each series by its own values, in place of `inputs`; nil for the same scale everywhere.
  package var series: SeriesScaling?

  package init(inputs: FeatureScale? = nil, targets: FeatureScale? = nil, fills: [Float]? = nil) {
    self.inputs = inputs
    self.targets = targets
    self.fills = fills
  }
}
