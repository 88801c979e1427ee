import WeftBase

/// Sums for means and standard deviations, taken about the first values to avoid cancellation.
struct FeatureSums: Sendable {
  private var origin: [Double] = []
  private var features: [FeatureSum] = []
  private var sample: StepSample?
  private let kind: ScalingKind

  /// - Parameters:
  ///   - origin: The first values; empty for those that are added first.
  ///   - sample: Receives a sample of the steps, from which quantiles are computed.
  init(_ kind: ScalingKind = .standard, about origin: [Double] = [], sample: StepSample? = nil) {
    self.kind = kind
    self.sample = sample
    start(origin)
  }

  private mutating func start(_ first: [Double]) {
    origin = first.map { $0.isNaN ? 0 : $0 }
    features = first.map { _ in FeatureSum() }
  }

  /// Adds row-major values `[steps, width]`; NaN is ignored.
  mutating func add(_ values: [Double], width: Int) {
    if values.isEmpty { return }
    if origin.isEmpty { start(Array(values.prefix(width))) }
    sample?.add(values, width: width)
    for feature in 0..<width {
      // One feature after the other, so that its sums stay in registers.
      var sum = features[feature]
      let origin = origin[feature]
      for place in stride(from: feature, to: values.count, by: width) {
        sum.add(values[place], about: origin)
      }
      features[feature] = sum
    }
  }

  /// Adds the sums of later steps, which were taken about the same origin.
  mutating func add(_ other: FeatureSums) {
    for feature in features.indices { features[feature].add(other.features[feature]) }
    if let later = other.sample { sample?.add(later) }
  }

  /// Offsets and divisors: means and standard deviations, or as the kind tells; for features that hardly vary relative to
  /// their mean and the precision of their numbers, the latter is 1.
  ///
  /// - Parameter arePrecise: Whether each feature has more digits than single precision.
  func scale(arePrecise: [Bool]) -> FeatureScale? {
    guard !origin.isEmpty else { return nil }
    let moments = zip(measures, arePrecise).map { measure, isPrecise in
      let (mean, deviation) = measure
      let high = Float(mean)
      // As two numbers of single precision, which is how checkpoints store it.
      let low = isPrecise ? Float(mean - Double(high)) : 0
      let least = (isPrecise ? 1e-13 : 1e-6) * abs(mean)
      return (
        offset: Double(high) + Double(low), deviation: deviation > least ? Float(deviation) : 1
      )
    }
    return FeatureScale(
      offsets: moments.map(\.offset), standardDeviations: moments.map(\.deviation))
  }

  /// The mean of each feature.
  var means: [Float] { moments.map { Float($0.mean) } }

  /// Means of 0, and root mean squares; 1 for features that are always 0.
  var scaleAboutZero: FeatureScale? {
    guard !origin.isEmpty else { return nil }
    let roots = moments.map { mean, standardDeviation in
      Float((mean * mean + standardDeviation * standardDeviation).squareRoot())
    }
    return FeatureScale(
      means: roots.map { _ in 0 }, standardDeviations: roots.map { $0 > 0 ? $0 : 1 })
  }

  /// What is subtracted from each feature, and what the difference is divided by.
  private var measures: [(mean: Double, standardDeviation: Double)] {
    switch kind {
    case .none, .standard: moments
    case .minMax:
      features.map { $0.minimum <= $0.maximum ? ($0.minimum, $0.maximum - $0.minimum) : (0, 0) }
    case .robust:
      origin.indices.map { feature in
        let values = sample?.values(of: feature) ?? []
        if values.isEmpty { return (0, 0) }
        return (values.median, values.quantile(0.75) - values.quantile(0.25))
      }
    }
  }

  private var moments: [(mean: Double, standardDeviation: Double)] {
    zip(origin, features).map { origin, feature in
      let count = max(feature.count, 1)
      let mean = feature.sum / count
      return (origin + mean, max(feature.squares / count - mean * mean, 0).squareRoot())
    }
  }
}

/// The sums of one feature.
private struct FeatureSum: Sendable {
  private(set) var count = 0.0
  /// Of the differences from the origin.
  private(set) var sum = 0.0
  private(set) var squares = 0.0
  private(set) var minimum = Double.infinity
  private(set) var maximum = -Double.infinity

  mutating func add(_ value: Double, about origin: Double) {
    if value.isNaN { return }
    let difference = value - origin
    count += 1
    sum += difference
    squares += difference * difference
    minimum = min(minimum, value)
    maximum = max(maximum, value)
  }

  mutating func add(_ other: FeatureSum) {
    count += other.count
    sum += other.sum
    squares += other.squares
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
  }
}
