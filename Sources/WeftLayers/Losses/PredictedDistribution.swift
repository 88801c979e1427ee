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
  /// Equally probable values, ascending.
  case samples([Double])

  /// The median.
  package var median: Double {
    switch self {
    case .point(let value): value
    case .gaussian(let mean, _): mean
    case .student(let location, _, _): location
    case .quantiles, .poisson, .negativeBinomial, .samples: quantile(0.5)
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
    case .samples(let values): return values.quantile(level)
    }
  }

  /// Continuous ranked probability score of a value: ∫ (F(y) − [y ≥ value])² dy (Gneiting and Raftery 2007), in closed form
  /// (Jordan, Krüger and Lerch 2019). For a point the absolute error; for quantiles twice their mean pinball loss.
  package func rankedProbabilityScore(_ value: Double) -> Double {
    switch self {
    case .point(let point): return abs(value - point)
    case .gaussian(let mean, let deviation):
      let z = (value - mean) / deviation
      let density = exp(-0.5 * z * z) / (2 * .pi).squareRoot()
      return deviation * (z * erf(z / 2.0.squareRoot()) + 2 * density - 1 / Double.pi.squareRoot())
    case .student(let location, let scale, let freedom):
      let z = (value - location) / scale
      let density = exp(-surprise(value)) * scale
      let tail =
        0.5 * QuantileFunction.incompleteBeta(freedom / (freedom + z * z), freedom / 2, 0.5)
      let cumulative = z > 0 ? 1 - tail : tail
      // B(½, ν − ½) / B(½, ν/2)².
      let numerator = lgamma(0.5) + lgamma(freedom - 0.5) - lgamma(freedom)
      let denominator = lgamma(0.5) + lgamma(freedom / 2) - lgamma((freedom + 1) / 2)
      let beta = exp(numerator - 2 * denominator)
      let spread = 2 * freedom.squareRoot() / (freedom - 1) * beta
      let center = 2 * density * (freedom + z * z) / (freedom - 1)
      return scale * (z * (2 * cumulative - 1) + center - spread)
    case .poisson(let rate): return CountDistribution(mean: rate, dispersion: 0).rankedProbabilityScore(value)
    case .negativeBinomial(let mean, let dispersion):
      return CountDistribution(mean: mean, dispersion: dispersion).rankedProbabilityScore(value)
    case .quantiles(let levels, let values):
      let sum = zip(levels, values).reduce(0) { sum, pair in
        sum + max(pair.0 * (value - pair.1), (pair.0 - 1) * (value - pair.1))
      }
      return 2 * sum / Double(levels.count)
    case .samples(let values):
      // The mean distance from the value, less half that between two samples, whose sum over all pairs is
      // 2·Σᵢ (2i + 1 − n)·xᵢ in ascending order.
      let count = Double(values.count)
      let distance = values.reduce(0) { $0 + abs($1 - value) } / count
      let spread = values.enumerated().reduce(0) { $0 + (Double(2 * $1.offset + 1) - count) * $1.element }
      return distance - spread / (count * count)
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
