import Foundation

/// A Poisson distribution, or with a dispersion α a negative binomial distribution with variance μ + αμ².
struct CountDistribution {
  let mean: Double
  /// 0 for a Poisson distribution.
  let dispersion: Double

  /// Logarithm of the probability of a count.
  func logarithmicProbability(of count: Double) -> Double {
    guard count >= 0 else { return -.infinity }
    if dispersion == 0 { return count * log(mean) - mean - lgamma(count + 1) }
    let r = 1 / dispersion
    return lgamma(count + r) - lgamma(r) - lgamma(count + 1) - r * log1p(mean / r)
      + count * (log(mean) - log(r + mean))
  }

  /// Continuous ranked probability score of a value, summed over all counts that matter.
  func rankedProbabilityScore(_ value: Double) -> Double {
    let deviation = (mean + dispersion * mean * mean).squareRoot()
    guard mean.isFinite, mean < 1e6 else { return abs(value - mean) }
    let last = max(value, mean + 12 * deviation + 50).rounded(.up)
    var (sum, cumulative, count) = (0.0, 0.0, 0.0)
    while count <= last {
      cumulative += exp(logarithmicProbability(of: count))
      let excess = cumulative - (count >= value ? 1 : 0)
      // The distribution function is constant between counts, and the value need not be one.
      if value > count, value < count + 1 {
        sum +=
          (value - count) * cumulative * cumulative + (count + 1 - value) * (1 - cumulative)
          * (1 - cumulative)
      } else {
        sum += excess * excess
      }
      if count > value, cumulative > 1 - 1e-12 { break }
      count += 1
    }
    return sum
  }

  /// The smallest count whose cumulative probability reaches a level. Beyond a mean of 10⁶, by the normal
  /// approximation.
  func quantile(_ level: Double) -> Double {
    let deviation = (mean + dispersion * mean * mean).squareRoot()
    guard mean.isFinite, level > 0 else { return mean.isFinite ? 0 : mean }
    if mean > 1e6 { return max((mean + deviation * QuantileFunction.normal(level)).rounded(), 0) }
    var cumulative = 0.0
    var probability = exp(logarithmicProbability(of: 0))
    var count = 0.0
    // P(k + 1) / P(k) = (k + r)μ / ((k + 1)(r + μ)), or μ / (k + 1) for a Poisson distribution. Far below the mean
    // probabilities may round to zero.
    if probability < 1e-290 {
      count = max((mean - 12 * deviation).rounded(), 0)
      probability = exp(logarithmicProbability(of: count))
    }
    let limit = mean + 60 * deviation + 100
    while cumulative + probability < level, count < limit {
      cumulative += probability
      probability *=
        dispersion == 0
        ? mean / (count + 1)
        : (count + 1 / dispersion) * mean / ((count + 1) * (1 / dispersion + mean))
      count += 1
    }
    return count
  }
}
