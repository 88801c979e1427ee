/// Mean and standard deviation of each feature over the training split, to standardize inputs and targets and to
/// transform forecasts back.
package struct FeatureScale: Sendable, Equatable {
  package private(set) var means: [Float]
  /// Standard standardDeviations; 1 for constant features.
  package private(set) var standardDeviations: [Float]

  package init(means: [Float], standardDeviations: [Float]) {
    precondition(means.count == standardDeviations.count)
    self.means = means
    self.standardDeviations = standardDeviations
  }

  /// Features per step.
  package var width: Int { means.count }

  /// Leaves a feature, such as the number of a category, as it is.
  mutating func leave(_ feature: Int) {
    means[feature] = 0
    standardDeviations[feature] = 1
  }

  /// Scales row-major values `[steps, width]`.
  package func scale(_ values: inout [Float]) {
    scale(&values, steps: 0..<values.count / width, columns: StepColumns(width: width))
  }

  /// Scales the values of some steps in some columns of an array.
  package func scale(_ values: inout [Float], steps: Range<Int>, columns: StepColumns) {
    for step in steps {
      let start = columns.place(of: step)
      for feature in 0..<width {
        values[start + feature] = (values[start + feature] - means[feature]) / standardDeviations[feature]
      }
    }
  }

  /// The original value of a scaled feature.
  package func restored(_ value: Double, feature: Int) -> Double {
    value * Double(standardDeviations[feature]) + Double(means[feature])
  }
}
