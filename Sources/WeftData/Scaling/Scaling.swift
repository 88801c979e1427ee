/// Scaling of inputs and targets; nil for unscaled ones.
package struct Scaling: Sendable, Equatable {
  package var inputs: FeatureScale?
  package var targets: FeatureScale?
  /// Scaling of covariates; nil if none is scaled, as in models of earlier versions.
  package var covariates: FeatureScale?
  /// Scaling of static features beside windows that are relative to their contexts; nil if none is scaled.
  package var statics: FeatureScale?
  /// Means of the inputs, which replace missing ones; nil if they are not needed.
  package var fills: [Float]?
  /// Scaling of each series by its own values, in place of `inputs`; nil for the same scale everywhere.
  package var series: SeriesScaling?

  package init(inputs: FeatureScale? = nil, targets: FeatureScale? = nil, fills: [Float]? = nil) {
    self.inputs = inputs
    self.targets = targets
    self.fills = fills
  }

  /// The scale of a whole step, whose last features are covariates; nil for none.
  ///
  /// - Parameters:
  ///   - width: Features of the step.
  ///   - stepsAhead: Steps whose covariates it has; 0 for none.
  package func ofStep(width: Int, stepsAhead: Int) -> FeatureScale? {
    guard let covariates, stepsAhead > 0 else { return inputs }
    let own = inputs ?? .identity(0)
    let between = width - own.width - stepsAhead * covariates.width
    guard between >= 0 else { return inputs }
    return (0..<stepsAhead).reduce(own.followed(by: .identity(between))) { scale, _ in
      scale.followed(by: covariates)
    }
  }
}
