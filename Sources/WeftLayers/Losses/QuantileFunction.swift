import Foundation

/// Quantile functions of the predicted distributions, by bisection of their cumulative distribution functions: accurate
/// to the last digits of Double, and fast enough for thousands of sampled paths.
enum QuantileFunction {
  /// Quantile of the standard normal distribution.
  static func normal(_ probability: Double) -> Double {
    inverse(probability) { 0.5 * erfc(-$0 / 2.0.squareRoot()) }
  }

  /// Quantile of Student's t-distribution with location 0 and scale 1.
  static func student(_ probability: Double, degreesOfFreedom: Double) -> Double {
    inverse(probability) { t in
      let tail =
        0.5 * incompleteBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5)
      return t > 0 ? 1 - tail : tail
    }
  }

  /// Inverse of an ascending function that is symmetric about (0, ½).
  private static func inverse(_ probability: Double, _ function: (Double) -> Double) -> Double {
    precondition(probability > 0 && probability < 1)
    if probability == 0.5 { return 0 }
    // Small probabilities have full precision in the lower half.
    if probability > 0.5 { return -inverse(1 - probability, function) }
    var lower = -1.0
    while function(lower) > probability { lower *= 2 }
    var upper = 0.0
    for _ in 0..<200 {
      let middle = 0.5 * (lower + upper)
      if middle <= lower || middle >= upper { break }
      if function(middle) < probability { lower = middle } else { upper = middle }
    }
    return 0.5 * (lower + upper)
  }

  /// I_x(a, b), the regularized incomplete beta function, by Lentz's evaluation of its continued fraction
  /// (Abramowitz & Stegun 26.5.8).
  static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    // The fraction converges fast below the mean.
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let front = exp(a * log(x) + b * log1p(-x) + lgamma(a + b) - lgamma(a) - lgamma(b)) / a
    let tiny = 1e-300
    var c = 1.0
    var d = 1 - (a + b) * x / (a + 1)
    d = 1 / (abs(d) < tiny ? tiny : d)
    var fraction = d
    for m in 1...300 {
      let n = Double(m)
      let even = n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n))
      let odd = -(a + n) * (a + b + n) * x / ((a + 2 * n) * (a + 2 * n + 1))
      var change = 1.0
      for numerator in [even, odd] {
        d = 1 + numerator * d
        d = 1 / (abs(d) < tiny ? tiny : d)
        c = 1 + numerator / c
        if abs(c) < tiny { c = tiny }
        change = c * d
        fraction *= change
      }
      if abs(change - 1) < 1e-15 { break }
    }
    return front * fraction
  }
}
