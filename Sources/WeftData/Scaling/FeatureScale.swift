/// Mean and standard deviation of each feature over the training split, to standardize inputs and targets and to
/// transform forecasts back.
package struct FeatureScale: Sendable, Equatable {
  /// What is subtracted from each feature: its mean. More digits than a `Float` has are kept for data that have them.
  package let offsets: [Double]
  /// The means in single precision.
  package let means: [Float]
  /// Standard deviations; 1 for constant features.
  package let standardDeviations: [Float]

  package init(means: [Float], standardDeviations: [Float]) {
    self.init(offsets: means.map { Double($0) }, standardDeviations: standardDeviations)
  }

  package init(offsets: [Double], standardDeviations: [Float]) {
    precondition(offsets.count == standardDeviations.count)
    self.offsets = offsets
    means = offsets.map { Float($0) }
    self.standardDeviations = standardDeviations
  }

  /// The scale that changes nothing.
  static func identity(_ width: Int) -> FeatureScale {
    FeatureScale(
      offsets: [Double](repeating: 0, count: width),
      standardDeviations: [Float](repeating: 1, count: width))
  }

  /// Features per step.
  package var width: Int { offsets.count }

  /// What ``means`` lack of ``offsets``, in single precision.
  package var remainders: [Float] { zip(offsets, means).map { Float($0 - Double($1)) } }

  /// The scale of some of the features.
  func features(_ range: Range<Int>) -> FeatureScale {
    if range == 0..<width { return self }
    return FeatureScale(
      offsets: Array(offsets[range]), standardDeviations: Array(standardDeviations[range]))
  }

  /// The scale of these features, and after them those of another scale.
  func followed(by other: FeatureScale) -> FeatureScale {
    FeatureScale(
      offsets: offsets + other.offsets, standardDeviations: standardDeviations + other.standardDeviations)
  }

  /// The same scale, which leaves some features, such as numbers of categories, as they are.
  func leaving(_ features: [Int]) -> FeatureScale {
    var (offsets, standardDeviations) = (offsets, standardDeviations)
    for feature in features { (offsets[feature], standardDeviations[feature]) = (0, 1) }
    return FeatureScale(offsets: offsets, standardDeviations: standardDeviations)
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

  /// Scales row-major values `[steps, width]` of double precision into some columns of an array. The offset is
  /// subtracted before rounding to single precision, so that features far from zero, such as times, keep their digits.
  func scale(_ values: [Double], into result: inout [Float], at step: Int, columns: StepColumns) {
    for index in 0..<values.count / max(width, 1) {
      let (source, target) = (index * width, columns.place(of: step + index))
      for feature in 0..<width {
        result[target + feature] =
          Float(values[source + feature] - offsets[feature]) / standardDeviations[feature]
      }
    }
  }

  /// The original value of a scaled feature.
  package func restored(_ value: Double, feature: Int) -> Double {
    value * Double(standardDeviations[feature]) + offsets[feature]
  }

  /// The shortest decimal number that may have been scaled to a value of the data, which is what they hold unless that has
  /// more digits than scaled values in single precision keep.
  package func original(_ value: Double, feature: Int) -> Double {
    let deviation = Double(standardDeviations[feature])
    // The difference from the mean and its quotient are each rounded by half a unit at most.
    let rounding = 2.1 * abs(value) * deviation * Double(Float.ulpOfOne / 2)
    // Numbers in single precision are scaled by a mean in single precision, and one of them is near.
    let single = value * deviation + Double(means[feature])
    let nearest = Float(single)
    if abs(Double(nearest) - single) <= rounding {
      return single.shortestDecimal(within: rounding + Double(nearest.ulp) / 2)
    }
    return restored(value, feature: feature).shortestDecimal(within: rounding)
  }
}
