/// Sums for means and standard deviations, taken about the first values to avoid cancellation.
struct FeatureSums {
  private var origin: [Double] = []
  private var counts: [Double] = []
  private var sums: [Double] = []
  private var squares: [Double] = []

  /// Adds row-major values `[steps, width]`; NaN is ignored.
  mutating func add(_ values: [Double], width: Int) {
    if origin.isEmpty {
      origin = values.prefix(width).map { $0.isNaN ? 0 : $0 }
      counts = [Double](repeating: 0, count: width)
      sums = counts
      squares = counts
    }
    for (index, value) in values.enumerated() where !value.isNaN {
      let feature = index % width
      let difference = value - origin[feature]
      counts[feature] += 1
      sums[feature] += difference
      squares[feature] += difference * difference
    }
  }

  /// Means and standard deviations; for features that hardly vary relative to their mean and the precision of their
  /// numbers, the latter is 1.
  ///
  /// - Parameter arePrecise: Whether each feature has more digits than single precision.
  func scale(arePrecise: [Bool]) -> FeatureScale? {
    guard !origin.isEmpty else { return nil }
    let moments = zip(moments, arePrecise).map { moments, isPrecise in
      let (mean, deviation) = moments
      let high = Float(mean)
      // As two numbers of single precision, which is how checkpoints store it.
      let low = isPrecise ? Float(mean - Double(high)) : 0
      let least = (isPrecise ? 1e-13 : 1e-6) * abs(mean)
      return (offset: Double(high) + Double(low), deviation: deviation > least ? Float(deviation) : 1)
    }
    return FeatureScale(offsets: moments.map(\.offset), standardDeviations: moments.map(\.deviation))
  }

  /// Means of 0, and root mean squares; 1 for features that are always 0.
  var scaleAboutZero: FeatureScale? {
    guard !origin.isEmpty else { return nil }
    let roots = moments.map { mean, standardDeviation in
      Float((mean * mean + standardDeviation * standardDeviation).squareRoot())
    }
    return FeatureScale(means: roots.map { _ in 0 }, standardDeviations: roots.map { $0 > 0 ? $0 : 1 })
  }

  private var moments: [(mean: Double, standardDeviation: Double)] {
    origin.indices.map { feature in
      let count = max(counts[feature], 1)
      let mean = sums[feature] / count
      return (origin[feature] + mean, max(squares[feature] / count - mean * mean, 0).squareRoot())
    }
  }
}
