/// The mean and deviation of each feature over the training split: what is read is brought to a mean of 0 and a
/// deviation of 1, what is forecast is brought back.
package struct FeatureScale: Sendable, Equatable {
  package let means: [Float]
  /// 1 for a feature that never changes.
  package let deviations: [Float]

  package init(means: [Float], deviations: [Float]) {
    precondition(means.count == deviations.count)
    self.means = means
    self.deviations = deviations
  }

  /// Features of a step.
  package var width: Int { means.count }

  /// Scales row-major values `[steps, width]`.
  package func scale(_ values: inout [Float]) {
    scale(&values, steps: 0..<values.count / width, columns: StepColumns(width: width))
  }

  /// Scales the numbers of some steps in an array that holds others beside them.
  package func scale(_ values: inout [Float], steps: Range<Int>, columns: StepColumns) {
    for step in steps {
      let start = columns.place(of: step)
      for feature in 0..<width {
        values[start + feature] = (values[start + feature] - means[feature]) / deviations[feature]
      }
    }
  }

  /// A feature's number as it was before it was scaled.
  package func restored(_ value: Double, feature: Int) -> Double {
    value * Double(deviations[feature]) + Double(means[feature])
  }
}
