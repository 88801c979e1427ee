import Foundation

/// The predicted distribution of one value, in the units of training.
package enum PredictedDistribution: Sendable, Equatable {
  /// A point prediction.
  case point(Double)
  case gaussian(mean: Double, standardDeviation: Double)
  case student(location: Double, scale: Double, degreesOfFreedom: Double)
  case poisson(rate: Double)
  /// Counts with variance mean + dispersion · mean².
  case negativeBinomial(mean: Double, dispersion: Double)
  /// Quantiles: values at levels, both ascending.
  case quantiles(levels: [Double], values: [Double])

  /// The median.
  package var median: Double {
    switch self {
    case .point(let value): value
    case .gaussian(let mean, _): mean
    case .student(let location, _, _): location
    case .quantiles, .poisson, .negativeBinomial: quantile(0.5)
    }
  }

  /// The quantile at a level. Interpolated between predicted quantiles, and clamped to the outermost ones.
  package func quantile(_ level: Double) -> Double {
    switch self {
    case .point(let value): return value
    case .gaussian(let mean, let standardDeviation):
      return mean + standardDeviation * QuantileFunction.normal(level)
    case .student(let location, let scale, let degreesOfFreedom):
      return location + scale * QuantileFunction.student(level, degreesOfFreedom: degreesOfFreedom)
    case .poisson(let rate): return CountDistribution(mean: rate, dispersion: 0).quantile(level)
    case .negativeBinomial(let mean, let dispersion):
      return CountDistribution(mean: mean, dispersion: dispersion).quantile(level)
    case .quantiles(let levels, let values):
      guard let upper = levels.firstIndex(where: { $0 >= level }) else { return values[values.count - 1] }
      if upper == 0 { return values[0] }
      let share = (level - levels[upper - 1]) / (levels[upper] - levels[upper - 1])
      return values[upper - 1] + share * (values[upper] - values[upper - 1])
    }
  }

  /// Surprise of a value: its negative log-density, or without a density its distance from the median.
  package func surprise(_ value: Double) -> Double {
    switch self {
    case .gaussian(let mean, let standardDeviation):
      let z = (value - mean) / standardDeviation
      return 0.5 * z * z + log(standardDeviation) + 0.5 * log(2 * .pi)
    case .student(let location, let scale, let degreesOfFreedom):
      let z = (value - location) / scale
      return lgamma(degreesOfFreedom / 2) - lgamma((degreesOfFreedom + 1) / 2)
        + 0.5 * log(degreesOfFreedom * .pi) + log(scale)
        + 0.5 * (degreesOfFreedom + 1) * log1p(z * z / degreesOfFreedom)
    case .poisson(let rate):
      return -CountDistribution(mean: rate, dispersion: 0).logarithmicProbability(of: value)
    case .negativeBinomial(let mean, let dispersion):
      return -CountDistribution(mean: mean, dispersion: dispersion).logarithmicProbability(of: value)
    default: return abs(value - median)
    }
  }
}
