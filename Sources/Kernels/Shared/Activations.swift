// Polynomials are fitted to minimise the maximum relative error (Lawson's iteration in extended precision, with exact
// leading coefficients) and rounded to float32. Errors are measured over every float32 of the valid range.

/// eˣ.
///
/// - Valid range: every float32. Maximum error 0.92 ulp where the result is at least 2^−125.5.
/// - Overflow gives ∞; results below 2^−125.5 (x < −86.99), subnormal ones included, are 0. −∞ gives 0, ∞ gives ∞, NaN
///   gives NaN.
@inline(always)
func exponential(_ x: Vector) -> Vector { exponential(x, sign: 1) }

/// e^(sign·x) for a sign of 1 or −1, which negates the argument at no cost.
///
/// sign·x = n ln 2 + r with integer n and |r| ≤ ln(2)/2; the result is 2eʳ · 2ⁿ⁻¹. The power of two is made of n's
/// bits, with n + 126 in 0...254: at the lower end it is zero, at the upper one the product overflows to ∞.
@inline(always)
private func exponential(_ argument: Vector, sign: Float) -> Vector {
  let x =
    sign > 0
    ? argument.atLeast(Vector(repeating: -87.3)).atMost(Vector(repeating: 89))
    : argument.atLeast(Vector(repeating: -89)).atMost(Vector(repeating: 87.3))
  // Adding 1.5·2²³ rounds to the nearest integer, whose sum with 126 remains in the low bits.
  let rounding = Vector(repeating: 12_582_912 + 126)
  let shifted = multiplyAdd(x, Vector(repeating: sign * 1.442_695_04), rounding)
  let n = shifted - rounding
  let power = Vector(bits: shifted.bits &<< Vector.Bits(repeating: 23))
  // ln 2 as the sum of two parts, the first short enough that its product with n is exact.
  var r = multiplyAdd(n, Vector(repeating: -sign * 0.693_359_375), x)
  r = multiplyAdd(n, Vector(repeating: sign * 2.121_944_4e-4), r)
  var p = Vector(repeating: 2 * 0.001_381_454)
  p = multiplyAdd(p, r, Vector(repeating: sign * 2 * 0.008_368_745))
  p = multiplyAdd(p, r, Vector(repeating: 2 * 0.041_668_39))
  p = multiplyAdd(p, r, Vector(repeating: sign * 2 * 0.166_665_2))
  p = multiplyAdd(p, r, Vector(repeating: 2 * 0.499_999_93))
  p = multiplyAdd(p, r, Vector(repeating: sign * 2))
  p = multiplyAdd(p, r, Vector(repeating: 2))
  return p * power
}

/// σ(x) = 1 / (1 + e⁻ˣ).
///
/// - Valid range: every float32. Maximum error 2.5 ulp, normal results for negative x included.
/// - −∞ and x < −88.73 give 0, ∞ gives 1, NaN gives NaN. Subnormal results are flushed if the CPU is set to.
@inline(always)
func logistic(_ x: Vector) -> Vector {
  Vector(repeating: 1) / (Vector(repeating: 1) + exponential(x, sign: -1))
}

/// tanh(x) = sign(x)·F / (F + 1) with F = (e^(2|x|) − 1) / 2.
///
/// |x| = n ln(2)/2 + r with integer n and |r| ≤ ln(2)/4, so F = 2ⁿ·m + (2ⁿ − 1)/2 with m = (e²ʳ − 1)/2: nothing
/// cancels, F's own error is damped by 1/(F + 1), and the quotient cannot exceed 1. From |x| = 10 on, F + 1 rounds
/// to F.
///
/// - Valid range: every float32. Maximum error 2.6 ulp; |tanh(x)| ≤ 1 always. Tiny arguments, subnormal ones and ±0
///   included, are returned unchanged unless the CPU flushes them.
/// - ±∞ gives ±1, NaN gives NaN.
@inline(always)
func hyperbolicTangent(_ x: Vector) -> Vector {
  let y = x.magnitude.atMost(Vector(repeating: 10))
  let rounding = Vector(repeating: 12_582_912 + 127)
  let shifted = multiplyAdd(y, Vector(repeating: 2 * 1.442_695_04), rounding)
  let n = shifted - rounding
  let power = Vector(bits: shifted.bits &<< Vector.Bits(repeating: 23))
  let r = multiplyAdd(n, Vector(repeating: -0.346_573_59), y)
  var m = Vector(repeating: 0.044_424_03)
  m = multiplyAdd(m, r, Vector(repeating: 0.133_865_286))
  m = multiplyAdd(m, r, Vector(repeating: 0.333_337_614))
  m = multiplyAdd(m, r, Vector(repeating: 0.666_661_727))
  m = multiplyAdd(m, r, Vector(repeating: 0.999_999_963))
  m = multiplyAdd(m, r * r, r)
  let half = Vector(repeating: 0.5)
  let f = multiplyAdd(power, m, multiplyAdd(power, half, -half))
  let quotient = f / (f + Vector(repeating: 1))
  return Vector(bits: quotient.bits | (x.bits & Vector.Bits(repeating: 0x8000_0000)))
}

/// ln(x).
///
/// - Valid range: 0 and every positive normal float32. Maximum error 0.92 ulp.
/// - 0 and subnormal numbers of either sign give −∞, ∞ gives ∞; negative numbers and NaN give NaN.
@inline(always)
func naturalLogarithm(_ x: Vector) -> Vector {
  // x = 2ⁿ·m with m in [√½, √2).
  let base = Vector.Bits(repeating: 0x3f35_04f3)
  let offset = x.bits &- base
  let exponent = (offset &+ Vector.Bits(repeating: 0x4000_0000)) &>> Vector.Bits(repeating: 23)
  let f =
    Vector(bits: (offset & Vector.Bits(repeating: 0x007f_ffff)) &+ base) - Vector(repeating: 1)
  // The integer n + 128 in the low bits of 2²³ becomes the number n.
  let n =
    Vector(bits: exponent | Vector.Bits(repeating: 0x4b00_0000)) - Vector(repeating: 8_388_608 + 128)
  let z = f * f
  var p = Vector(repeating: -0.076_344_88)
  p = multiplyAdd(p, f, Vector(repeating: 0.127_615_737))
  p = multiplyAdd(p, f, Vector(repeating: -0.131_601_84))
  p = multiplyAdd(p, f, Vector(repeating: 0.142_017_586))
  p = multiplyAdd(p, f, Vector(repeating: -0.166_233_572))
  p = multiplyAdd(p, f, Vector(repeating: 0.200_012_269))
  p = multiplyAdd(p, f, Vector(repeating: -0.250_008_21))
  p = multiplyAdd(p, f, Vector(repeating: 0.333_333_317))
  var y = multiplyAdd(n, Vector(repeating: -2.121_944_4e-4), f * z * p)
  y = multiplyAdd(z, Vector(repeating: -0.5), y)
  y = multiplyAdd(n, Vector(repeating: 0.693_359_375), f + y)
  let smallest = Vector(repeating: Float.leastNormalMagnitude)
  y = y.replacing(with: Vector(repeating: .infinity), where: x .== Vector(repeating: .infinity))
  y = y.replacing(with: Vector(repeating: -.infinity), where: x .< smallest)
  return y.replacing(with: Vector(repeating: .nan), where: (x .<= -smallest) .| (x .!= x))
}

/// ln(1 + x).
///
/// - Valid range: 0 ≤ x < ∞. Maximum error 1.3 ulp. NaN gives NaN.
@inline(always)
func naturalLogarithmOfOnePlus(_ x: Vector) -> Vector {
  let one = Vector(repeating: 1)
  let sum = one + x
  // First-order correction of the sum's rounding error.
  let lost = (x - (sum - one)).replacing(
    with: Vector(repeating: 0), where: x .> Vector(repeating: 16_777_216))
  return naturalLogarithm(sum) + lost / sum
}
