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
