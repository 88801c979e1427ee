import KernelInterface

/// The gradient of tanh's input from that of its output y: dy∘(1 − y²).
@inline(always)
func tanhGradient(_ gradient: Vector, output y: Vector) -> Vector {
  gradient * multiplyAdd(y.negated, y, Vector(repeating: 1))
}

/// The gradient of σ's input from that of its output y: dy∘y∘(1 − y).
@inline(always)
func logisticGradient(_ gradient: Vector, output y: Vector) -> Vector { gradient * (y * (1 - y)) }

/// The rectifier max(x, 0); NaN stays NaN.
@inline(always)
func rectified(_ x: Vector) -> Vector { x.replacing(with: 0, where: x .<= Vector(repeating: 0)) }

/// The gradient of the rectifier's input from that of its output y: dy where y > 0, else 0.
@inline(always)
func rectifierGradient(_ gradient: Vector, output y: Vector) -> Vector {
  gradient.replacing(with: 0, where: y .<= Vector(repeating: 0))
}

/// ln(1 + eˣ), as max(x, 0) + ln(1 + e^−|x|), which does not overflow; NaN stays NaN.
@inline(always)
func softplus(_ x: Vector) -> Vector {
  x.atLeast(Vector(repeating: 0)) + naturalLogarithmOfOnePlus(exponential(x.magnitude.negated))
}

/// σ = σ₀ + softplus(raw), see `DistributionParameters`.
@inline(always)
func standardDeviation(_ raw: Vector) -> Vector {
  softplus(raw) + Vector(repeating: Float(DistributionParameters.minimumStandardDeviation))
}

/// ν = ν₀ + softplus(raw), see `DistributionParameters`.
@inline(always)
func degreesOfFreedom(_ raw: Vector) -> Vector {
  softplus(raw) + Vector(repeating: Float(DistributionParameters.minimumDegreesOfFreedom))
}

/// `positive` where x > 0, `negative` where x < 0, and x itself where it is 0 or NaN.
@inline(always)
func selectBySign(_ x: Vector, positive: Float, negative: Float) -> Vector {
  let zero = Vector(repeating: 0)
  return x.replacing(with: Vector(repeating: positive), where: x .> zero)
    .replacing(with: Vector(repeating: negative), where: x .< zero)
}
