/// Sums from which means and deviations follow, taken about the first values so that they do not cancel.
struct FeatureSums {
  private var origin: [Double] = []
  private var counts: [Double] = []
  private var sums: [Double] = []
  private var squares: [Double] = []

  /// Adds row-major values `[steps, width]`; NaN does not count.
  mutating func add(_ values: [Float], width: Int) {
    if origin.isEmpty {
      origin = values.prefix(width).map { $0.isNaN ? 0 : Double($0) }
      counts = [Double](repeating: 0, count: width)
      sums = counts
      squares = counts
    }
    for (index, value) in values.enumerated() where !value.isNaN {
      let feature = index % width
      let difference = Double(value) - origin[feature]
      counts[feature] += 1
      sums[feature] += difference
      squares[feature] += difference * difference
    }
  }

  /// Means and deviations; of a feature that hardly changes beside its mean the deviation is 1.
  var scale: FeatureScale? {
    guard !origin.isEmpty else { return nil }
    let moments = moments.map { mean, deviation in
      (mean: Float(mean), deviation: deviation > 1e-6 * abs(mean) ? Float(deviation) : 1)
    }
    return FeatureScale(means: moments.map(\.mean), deviations: moments.map(\.deviation))
  }

  /// Means of 0, and the roots of the mean squares; 1 of a feature that is 0 throughout.
  var scaleAboutZero: FeatureScale? {
    guard !origin.isEmpty else { return nil }
    let roots = moments.map { mean, deviation in Float((mean * mean + deviation * deviation).squareRoot()) }
    return FeatureScale(means: roots.map { _ in 0 }, deviations: roots.map { $0 > 0 ? $0 : 1 })
  }

  private var moments: [(mean: Double, deviation: Double)] {
    origin.indices.map { feature in
      let count = max(counts[feature], 1)
      let mean = sums[feature] / count
      return (origin[feature] + mean, max(squares[feature] / count - mean * mean, 0).squareRoot())
    }
  }
}
