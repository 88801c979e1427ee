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
    for index in values.indices {
      let feature = index % width
      values[index] = (values[index] - means[feature]) / deviations[feature]
    }
  }

  /// A feature's number as it was before it was scaled.
  package func restored(_ value: Double, feature: Int) -> Double {
    value * Double(deviations[feature]) + Double(means[feature])
  }
}

/// How inputs and targets were scaled; nil where they are used as they are.
package struct Scaling: Sendable, Equatable {
  package var inputs: FeatureScale?
  package var targets: FeatureScale?

  package init(inputs: FeatureScale? = nil, targets: FeatureScale? = nil) {
    self.inputs = inputs
    self.targets = targets
  }

  /// As checkpoints hold it: `scaling/inputs` and `scaling/targets`, each `[2, features]`: means, then deviations.
  package var arrays: [String: Checkpoint.Array] {
    [("scaling/inputs", inputs), ("scaling/targets", targets)].reduce(into: [:]) { arrays, named in
      guard let scale = named.1 else { return }
      arrays[named.0] = Checkpoint.Array(values: scale.means + scale.deviations, shape: [2, scale.width])
    }
  }

  package init(_ arrays: [String: Checkpoint.Array]) {
    func scale(_ name: String) -> FeatureScale? {
      guard let array = arrays[name], array.shape.count == 2, array.shape[0] == 2 else { return nil }
      let width = array.shape[1]
      return FeatureScale(means: Array(array.values[..<width]), deviations: Array(array.values[width...]))
    }
    self.init(inputs: scale("scaling/inputs"), targets: scale("scaling/targets"))
  }
}

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
