extension FeatureScale {
  /// Scales the features of a step in the units of the data, as those of datasets in single precision are.
  ///
  /// Features that follow the scaled ones stay as they are.
  package func scaled(_ features: [Double]) -> [Float] {
    var values = features.map { Float($0) }
    for feature in 0..<min(width, features.count) {
      let deviation = standardDeviations[feature]
      // Single precision would cost digits far from zero.
      values[feature] =
        abs(offsets[feature]) < 1000 * Double(deviation)
        ? (values[feature] - means[feature]) / deviation
        : Float(features[feature] - offsets[feature]) / deviation
    }
    return values
  }
}
