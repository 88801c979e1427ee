/// Cosine and sine of an angle of at least 0, in plain IEEE 754 arithmetic, with the same bits on every platform.
///
/// The angle is reduced to [−π/4, π/4] by multiples of π/2, which are exact to some 10⁵ turns; there both are their Taylor
/// polynomials. Errors are of the order of 10⁻¹⁵, more for angles of many turns. Angles beyond 10⁸ and NaN give NaN.
struct UnitCircle {
  let cosine: Double
  let sine: Double

  init(angle: Double) {
    guard angle <= 1e8 else {
      (cosine, sine) = (.nan, .nan)
      return
    }
    let quarters = (angle * 0.636_619_772_367_581_3).rounded()
    // π/2 as a sum of two parts, the first short enough that its product with the number of quarters is exact.
    let r = (angle - quarters * 1.570_796_370_506_286_6) + quarters * 4.371_139_000_186_242_6e-8
    let square = r * r
    var s = 0.0
    var c = 0.0
    for power in stride(from: 17, through: 1, by: -2) {
      let n = Double(power)
      s = 1 - s * square / ((n + 1) * (n + 2))
      c = 1 - c * square / (n * (n + 1))
    }
    s *= r
    switch Int(quarters) % 4 {
    case 0: (cosine, sine) = (c, s)
    case 1: (cosine, sine) = (-s, c)
    case 2: (cosine, sine) = (-c, -s)
    default: (cosine, sine) = (s, -c)
    }
  }
}
