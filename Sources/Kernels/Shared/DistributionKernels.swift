import KernelInterface

extension VectorKernels {
  @inline(never)
  package static func gaussianLoss(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix
  ) {
    @inline(always)
    func evaluate(
      _ values: UnsafeMutablePointer<Float>, _ target: Vector, _ scale: Vector, _ count: Int
    ) -> Vector {
      let mean = Vector.load(values, count: count)
      let raw = Vector.load(values + width, count: count)
      let inverse = Vector(repeating: 1) / deviation(raw)
      let z = (target - mean) * inverse
      if gradientScale != 0 {
        let ofMean = (z * inverse).negated
        let ofDeviation = multiplyAdd(z.negated, z, Vector(repeating: 1)) * inverse
        (ofMean * scale).whereKnown(target).store(values, count: count)
        (ofDeviation * logistic(raw) * scale).whereKnown(target).store(values + width, count: count)
      }
      let half = Vector(repeating: 0.5)
      // ½ ln 2π.
      return multiplyAdd(half * z, z, Vector(repeating: 0.918_938_533)) - naturalLogarithm(inverse)
    }
    blockLoss(predictions, targets, weights, width, 2, gradientScale, losses, evaluate)
  }

  @inline(never)
  package static func studentLoss(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix
  ) {
    @inline(always)
    func evaluate(
      _ values: UnsafeMutablePointer<Float>, _ target: Vector, _ scale: Vector, _ count: Int
    ) -> Vector {
      let (one, half) = (Vector(repeating: 1), Vector(repeating: 0.5))
      let location = Vector.load(values, count: count)
      let raw = Vector.load(values + width, count: count)
      let rawFreedom = Vector.load(values + 2 * width, count: count)
      let inverse = one / deviation(raw)
      let freedom = Vector(repeating: 2) + softplus(rawFreedom)
      let z = (target - location) * inverse
      let square = z * z
      let ratio = square / freedom
      let logarithm = naturalLogarithmOfOnePlus(ratio)
      let halves = half * (freedom + one)
      let gamma = gammaRatio(half * freedom, freedom: freedom)
      if gradientScale != 0 {
        // (ν + 1) / (ν + z²), the weight that an outlier loses.
        let weight = (freedom + one) / (freedom + square)
        let ofLocation = (weight * z * inverse).negated
        let ofDeviation = multiplyAdd(weight.negated, square, one) * inverse
        let ofFreedom =
          half * (logarithm - gamma.derivative) + half * (one - weight * square) / freedom
        (ofLocation * scale).whereKnown(target).store(values, count: count)
        (ofDeviation * logistic(raw) * scale).whereKnown(target).store(values + width, count: count)
        (ofFreedom * logistic(rawFreedom) * scale).whereKnown(target)
          .store(values + 2 * width, count: count)
      }
      return multiplyAdd(halves, logarithm, gamma.logarithm.negated) - naturalLogarithm(inverse)
    }
    blockLoss(predictions, targets, weights, width, 3, gradientScale, losses, evaluate)
  }

  @inline(never)
  package static func quantileLoss(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, levels: [Float], gradientScale: Float,
    losses: Matrix
  ) {
    @inline(always)
    func evaluate(
      _ values: UnsafeMutablePointer<Float>, _ target: Vector, _ scale: Vector, _ count: Int
    ) -> Vector {
      let zero = Vector(repeating: 0)
      var sum = zero
      for (block, level) in levels.enumerated() {
        let difference = target - Vector.load(values + block * width, count: count)
        // Zero and NaN stay as they are.
        let slope = difference.replacing(with: Vector(repeating: level), where: difference .> zero)
          .replacing(with: Vector(repeating: level - 1), where: difference .< zero)
        sum += slope * difference
        if gradientScale != 0 {
          (slope.negated * scale).whereKnown(target).store(values + block * width, count: count)
        }
      }
      return sum
    }
    blockLoss(predictions, targets, weights, width, levels.count, gradientScale, losses, evaluate)
  }

  /// Sums `function` over a position's targets; it writes the derivatives, times its third argument, itself.
  @inline(always)
  static func blockLoss(
    _ predictions: Matrix, _ targets: Matrix, _ weights: Matrix?, _ width: Int, _ blocks: Int,
    _ gradientScale: Float, _ losses: Matrix,
    _ function: (UnsafeMutablePointer<Float>, Vector, Vector, Int) -> Vector
  ) {
    assert(blocks * width <= predictions.columns && width <= targets.columns)
    assert(predictions.rows == targets.rows && losses.columns >= predictions.rows)
    for row in 0..<predictions.rows {
      let values = predictions.row(row)
      let wanted = targets.row(row)
      let weight = weights?[0, row] ?? 1
      guard weight != 0 else {
        losses[0, row] = 0
        if gradientScale != 0 { fillElements(values, with: 0, count: predictions.columns) }
        continue
      }
      let scale = Vector(repeating: gradientScale * weight)
      var sum = Vector(repeating: 0)
      @inline(always)
      func evaluate(_ column: Int, _ count: Int) {
        let target = Vector.load(wanted + column, count: count)
        sum += function(values + column, target, scale, count).whereKnown(target).keeping(first: count)
      }
      forEachVector(in: width, evaluate)
      losses[0, row] = weight * sum.total
      if gradientScale != 0 {
        for column in blocks * width..<predictions.columns { values[column] = 0 }
      }
    }
  }
}

/// ln(1 + eˣ); NaN stays NaN.
@inline(always)
private func softplus(_ x: Vector) -> Vector {
  x.atLeast(Vector(repeating: 0)) + naturalLogarithmOfOnePlus(exponential(x.magnitude.negated))
}

/// A deviation that cannot vanish.
@inline(always)
private func deviation(_ raw: Vector) -> Vector { softplus(raw) + Vector(repeating: 1e-4) }

/// ln Γ(x + ½) − ln Γ(x) − ½ ln(ν π) for x = ν/2 ≥ 1, and twice the derivative by ν of its first two terms,
/// ψ(x + ½) − ψ(x).
///
/// Both differences have series in 1/X (Abramowitz & Stegun 6.1.47, 6.3.18), taken at X = x + 4, where the terms left
/// out are below 10⁻⁸; Γ(x + 1) = x·Γ(x) leads back to x.
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
