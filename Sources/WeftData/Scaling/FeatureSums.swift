import WeftBase

/// Sums for means and standard deviations, taken about the first values to avoid cancellation.
struct FeatureSums {
  private var origin: [Double] = []
  private var counts: [Double] = []
  private var sums: [Double] = []
  private var squares: [Double] = []
  private var minima: [Double] = []
  private var maxima: [Double] = []
  private var sample: StepSample?
  private let kind: ScalingKind

  init(_ kind: ScalingKind = .standard) {
    self.kind = kind
    sample = kind == .robust ? StepSample() : nil
  }

  /// Adds row-major values `[steps, width]`; NaN is ignored.
  mutating func add(_ values: [Double], width: Int) {
    if origin.isEmpty {
      origin = values.prefix(width).map { $0.isNaN ? 0 : $0 }
      counts = [Double](repeating: 0, count: width)
      sums = counts
      squares = counts
      minima = [Double](repeating: .infinity, count: width)
      maxima = [Double](repeating: -.infinity, count: width)
    }
    sample?.add(values, width: width)
    for (index, value) in values.enumerated() where !value.isNaN {
      let feature = index % width
      let difference = value - origin[feature]
      counts[feature] += 1
      sums[feature] += difference
      squares[feature] += difference * difference
      minima[feature] = min(minima[feature], value)
      maxima[feature] = max(maxima[feature], value)
    }
  }

  /// Offsets and divisors: means and standard deviations, or as the kind tells; for features that hardly vary relative to their mean and the precision of their
  /// numbers, the latter is 1.
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
    case .minMax: zip(minima, maxima).map { $0 <= $1 ? ($0, $1 - $0) : (0, 0) }
    case .robust:
      origin.indices.map { feature in
        let values = sample?.values(of: feature) ?? []
        if values.isEmpty { return (0, 0) }
        return (values.median, values.quantile(0.75) - values.quantile(0.25))
      }
    }
  }

  private var moments: [(mean: Double, standardDeviation: Double)] {
    origin.indices.map { feature in
      let count = max(counts[feature], 1)
      let mean = sums[feature] / count
      return (origin[feature] + mean, max(squares[feature] / count - mean * mean, 0).squareRoot())
    }
  }
}

/// An evenly spaced sample of steps, at most a million.
private struct StepSample {
  private static let most = 1 << 20
  private var steps: [Double] = []
  private var width = 1
  /// Steps between those of the sample.
  private var spacing = 1
  private var seen = 0

  mutating func add(_ values: [Double], width: Int) {
    self.width = width
    for step in 0..<values.count / max(width, 1) {
      defer { seen += 1 }
      guard seen % spacing == 0 else { continue }
      steps += values[step * width..<(step + 1) * width]
      if steps.count >= Self.most * width {
        steps = stride(from: 0, to: steps.count / width, by: 2).flatMap {
          steps[$0 * width..<($0 + 1) * width]
        }
        spacing *= 2
      }
    }
  }

  /// The values of a feature, ascending, without missing ones.
  func values(of feature: Int) -> [Double] {
    stride(from: feature, to: steps.count, by: width).map { steps[$0] }.filter { !$0.isNaN }.sorted()
  }
}
