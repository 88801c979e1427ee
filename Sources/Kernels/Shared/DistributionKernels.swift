import KernelInterface

/// Negative log-likelihoods of a target t, and the quantile loss. Raw parameters a, b, with softplus′ = σ(·), the
/// logistic function; σ alone is the standard deviation or scale, σ₀ and ν₀ the constants of `DistributionParameters`.
///
/// Gaussian, with σ = σ₀ + softplus(a), z = (t − μ)/σ:
///
///     forward     L = ½z² + ln σ + ½ ln 2π
///     backward    dμ = −z/σ;  dσ = (1 − z²)/σ;  da = dσ·σ(a)
///
/// Student's t, with σ and z as above, ν = ν₀ + softplus(b), w = (ν + 1)/(ν + z²), the weight that outliers lose:
///
///     forward     L = (ν + 1)/2·ln(1 + z²/ν) + ln σ − ln Γ((ν + 1)/2) + ln Γ(ν/2) + ½ ln(νπ)
///     backward    dμ = −w·z/σ;  dσ = (1 − w·z²)/σ;  da = dσ·σ(a);  db = dν·σ(b)
///                 dν = ½(ln(1 + z²/ν) − ψ((ν + 1)/2) + ψ(ν/2)) + ½(1 − w·z²)/ν
///
/// Negative binomial of counts t with mean μ = μ₀ + softplus(m) and dispersion α = α₀ + softplus(a), r = 1/α, so that
/// the variance is μ + αμ² (DeepAR, Salinas et al. 2020):
///
///     forward     L = ln Γ(r) + ln Γ(t + 1) − ln Γ(t + r) + (r + t)·ln(1 + μ/r) − t·ln(μ/r)
///     backward    dμ = r(μ − t)/(μ(r + μ));  dm = dμ·σ(m);  da = −r²·dr·σ(a)
///                 dr = ψ(r) − ψ(t + r) + ln(1 + μ/r) + (t − μ)/(r + μ)
///
/// Quantiles y of levels q: the pinball loss (Koenker and Bassett 1978)
///
///     forward     L = Σ over levels of max(q·(t − y), (q − 1)·(t − y))
///     backward    dy = −q where t > y;  1 − q where t < y;  0 at t = y
extension VectorKernels {
  @inline(never)
  package static func gaussianLoss(_ operands: LossOperands) {
    let width = operands.width
    let isDifferentiated = operands.gradientScale != 0
    @inline(always)
    func evaluate(
      _ values: UnsafeMutablePointer<Float>, _ target: Vector, _ scale: Vector, _ count: Int
    ) -> Vector {
      let mean = Vector.load(values, count: count)
      let raw = Vector.load(values + width, count: count)
      let inverse = Vector(repeating: 1) / standardDeviation(raw)
      let z = (target - mean) * inverse
      if isDifferentiated {
        let meanGradient = (z * inverse).negated
        let deviationGradient = multiplyAdd(z.negated, z, Vector(repeating: 1)) * inverse
        (meanGradient * scale).whereKnown(target).store(values, count: count)
        (deviationGradient * logistic(raw) * scale).whereKnown(target).store(values + width, count: count)
      }
      let half = Vector(repeating: 0.5)
      // ½ ln 2π.
      return multiplyAdd(half * z, z, Vector(repeating: 0.918_938_533)) - naturalLogarithm(inverse)
    }
    sumLosses(operands, blocks: 2, evaluate)
  }

  @inline(never)
  package static func studentLoss(_ operands: LossOperands) {
    let width = operands.width
    let isDifferentiated = operands.gradientScale != 0
    @inline(always)
    func evaluate(
      _ values: UnsafeMutablePointer<Float>, _ target: Vector, _ scale: Vector, _ count: Int
    ) -> Vector {
      let (one, half) = (Vector(repeating: 1), Vector(repeating: 0.5))
      let location = Vector.load(values, count: count)
      let raw = Vector.load(values + width, count: count)
      let rawFreedom = Vector.load(values + 2 * width, count: count)
      let inverse = one / standardDeviation(raw)
      let freedom = degreesOfFreedom(rawFreedom)
      let z = (target - location) * inverse
      let square = z * z
      let logarithm = naturalLogarithmOfOnePlus(square / freedom)
      let gamma = gammaRatio(half * freedom, freedom: freedom)
      if isDifferentiated {
        let weight = (freedom + one) / (freedom + square)
        let locationGradient = (weight * z * inverse).negated
        let deviationGradient = multiplyAdd(weight.negated, square, one) * inverse
        let freedomGradient =
          half * (logarithm - gamma.derivative) + half * (one - weight * square) / freedom
        (locationGradient * scale).whereKnown(target).store(values, count: count)
        (deviationGradient * logistic(raw) * scale).whereKnown(target).store(values + width, count: count)
        (freedomGradient * logistic(rawFreedom) * scale).whereKnown(target)
          .store(values + 2 * width, count: count)
      }
      let exponent = half * (freedom + one)
      return multiplyAdd(exponent, logarithm, gamma.logarithm.negated) - naturalLogarithm(inverse)
    }
    sumLosses(operands, blocks: 3, evaluate)
  }

  @inline(never)
  package static func negativeBinomialLoss(_ operands: LossOperands) {
    let width = operands.width
    let isDifferentiated = operands.gradientScale != 0
    @inline(always)
    func evaluate(
      _ values: UnsafeMutablePointer<Float>, _ target: Vector, _ scale: Vector, _ count: Int
    ) -> Vector {
      let one = Vector(repeating: 1)
      let rawMean = Vector.load(values, count: count)
      let rawDispersion = Vector.load(values + width, count: count)
      let known = target.atLeast(Vector(repeating: 0))
      let mean = softplus(rawMean) + Vector(repeating: Float(DistributionParameters.minimumMean))
      let dispersion =
        softplus(rawDispersion) + Vector(repeating: Float(DistributionParameters.minimumDispersion))
      let r = one / dispersion
      let logarithm = naturalLogarithmOfOnePlus(mean / r)
      let change = gammaChange(r, by: known)
      if isDifferentiated {
        let meanGradient = r * (mean - known) / (mean * (r + mean))
        let difference = logarithm - change.derivative + (known - mean) / (r + mean)
        (meanGradient * logistic(rawMean) * scale).whereKnown(target).store(values, count: count)
        ((r * r * difference).negated * logistic(rawDispersion) * scale).whereKnown(target)
          .store(values + width, count: count)
      }
      let factorial = gammaChange(one, by: known)
      // ln X of both changes, with X = 5 for the factorial.
      let base = mean * (change.base / r) / factorial.base
      return factorial.logarithm - change.logarithm + (r + known) * logarithm - known * naturalLogarithm(base)
    }
    sumLosses(operands, blocks: 2, evaluate)
  }

  @inline(never)
  package static func quantileLoss(_ operands: LossOperands, levels: [Float]) {
    let width = operands.width
    let isDifferentiated = operands.gradientScale != 0
    @inline(always)
    func evaluate(
      _ values: UnsafeMutablePointer<Float>, _ target: Vector, _ scale: Vector, _ count: Int
    ) -> Vector {
      var sum = Vector(repeating: 0)
      for (block, level) in levels.enumerated() {
        let difference = target - Vector.load(values + block * width, count: count)
        let slope = selectBySign(difference, positive: level, negative: level - 1)
        sum += slope * difference
        if isDifferentiated {
          (slope.negated * scale).whereKnown(target).store(values + block * width, count: count)
        }
      }
      return sum
    }
    sumLosses(operands, blocks: levels.count, evaluate)
  }
}

/// ln Γ(x + t) − ln Γ(x) − t·ln X, the base X = x + 4, and ψ(x + t) − ψ(x), for x > 0 and t ≥ 0.
///
/// Both have series in 1/X (Abramowitz and Stegun 6.1.40, 6.3.18), whose omitted terms are below 10⁻⁷; Γ(x + 1) = x·Γ(x)
/// leads back to x. As differences they keep their digits where x is much larger than t.
@inline(always)
private func gammaChange(_ x: Vector, by t: Vector) -> (logarithm: Vector, base: Vector, derivative: Vector) {
  let (half, one) = (Vector(repeating: 0.5), Vector(repeating: 1))
  var logarithm = Vector(repeating: 0)
  var derivative = Vector(repeating: 0)
  for shift: Float in [0, 1, 2, 3] {
    let low = x + Vector(repeating: shift)
    logarithm -= naturalLogarithmOfOnePlus(t / low)
    derivative += t / (low * (low + t))
  }
  let low = x + Vector(repeating: 4)
  let high = low + t
  let growth = naturalLogarithmOfOnePlus(t / low)
  /// 1/12X − 1/360X³ + 1/1260X⁵.
  @inline(always)
  func series(_ inverse: Vector) -> Vector {
    let square = inverse * inverse
    var sum = Vector(repeating: 1 / 1260)
    sum = multiplyAdd(sum, square, Vector(repeating: -1 / 360))
    return multiplyAdd(sum, square, Vector(repeating: 1 / 12)) * inverse
  }
  /// 1/2X + 1/12X² − 1/120X⁴ + 1/252X⁶.
  @inline(always)
  func slope(_ inverse: Vector) -> Vector {
    let square = inverse * inverse
    var sum = Vector(repeating: 1 / 252)
    sum = multiplyAdd(sum, square, Vector(repeating: -1 / 120))
    sum = multiplyAdd(sum, square, Vector(repeating: 1 / 12))
    return multiplyAdd(sum, square, half * inverse)
  }
  let (lowInverse, highInverse) = (one / low, one / high)
  logarithm += multiplyAdd(high - half, growth, t.negated) + series(highInverse) - series(lowInverse)
  derivative += growth + slope(lowInverse) - slope(highInverse)
  return (logarithm, low, derivative)
}

/// ln Γ(x + ½) − ln Γ(x) − ½ ln(νπ) for x = ν/2 ≥ 1, and twice the derivative by ν of its first two terms,
/// ψ(x + ½) − ψ(x).
///
/// Both differences have series in 1/X (Abramowitz and Stegun 6.1.47, 6.3.18), taken at X = x + 4, where the omitted
/// terms are below 10⁻⁸; Γ(x + 1) = x·Γ(x) leads back to x.
@inline(always)
private func gammaRatio(_ x: Vector, freedom: Vector) -> (logarithm: Vector, derivative: Vector) {
  let half = Vector(repeating: 0.5)
  var product = Vector(repeating: 1)
  var derivative = Vector(repeating: 0)
  for shift: Float in [0, 1, 2, 3] {
    let low = x + Vector(repeating: shift)
    let high = low + half
    product *= low / high
    derivative += half / (low * high)
  }
  let shifted = x + Vector(repeating: 4)
  let inverse = Vector(repeating: 1) / shifted
  let square = inverse * inverse
  // −1/8X + 1/192X³ − 1/640X⁵ + 17/14336X⁷.
  var series = Vector(repeating: 17 / 14336)
  series = multiplyAdd(series, square, Vector(repeating: -1 / 640))
  series = multiplyAdd(series, square, Vector(repeating: 1 / 192))
  series = multiplyAdd(series, square, Vector(repeating: -1 / 8))
  // Its derivative, with that of ½ ln X: 1/2X + 1/8X² − 3/192X⁴ + 5/640X⁶ − 119/14336X⁸.
  var slope = Vector(repeating: -119 / 14336)
  slope = multiplyAdd(slope, square, Vector(repeating: 5 / 640))
  slope = multiplyAdd(slope, square, Vector(repeating: -3 / 192))
  slope = multiplyAdd(slope, square, Vector(repeating: 1 / 8))
  derivative += multiplyAdd(slope, square, half * inverse)
  let ratio = product * product * shifted / (freedom * Vector(repeating: .pi))
  return (multiplyAdd(half, naturalLogarithm(ratio), series * inverse), derivative)
}
