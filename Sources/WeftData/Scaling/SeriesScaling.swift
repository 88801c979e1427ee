/// Scaling of each series by its own values.
///
/// A series that training knows by name keeps the scale it had there. Any other takes that of its own values in the split
/// that it is in.
package struct SeriesScaling: Sendable, Equatable {
  /// How scales are computed.
  package var kind: ScalingKind
  /// Names of the series of the training split; empty if they have none.
  package var names: [String] = []
  /// Their scales; nil for inputs, or targets, that have no such scale.
  package var inputs: ScaleTable?
  package var targets: ScaleTable?
  /// The scale of static features, over all series of the training split.
  package var statics: FeatureScale?

  package init(_ kind: ScalingKind) { self.kind = kind }

  /// Scales the features of a single sequence by its own values, row-major `[steps, width]`.
  package func scale(_ values: inout [Float], width: Int) {
    var sums = FeatureSums(
      kind, sample: kind == .robust ? StepSample(of: values.count / max(width, 1)) : nil)
    sums.add(values.map { Double($0) }, width: width)
    sums.scale(arePrecise: [Bool](repeating: false, count: width))?.scale(&values)
  }
}

extension Scaling {
  /// Scales the input features of a single sequence, row-major `[steps, width]`.
  package func scaleInputs(_ values: inout [Float], width: Int) {
    if let series {
      series.scale(&values, width: width)
    } else {
      inputs?.scale(&values)
    }
  }
}
