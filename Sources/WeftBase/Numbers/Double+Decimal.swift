import Foundation

extension Double {
  /// The number with the fewest decimal digits that is at most a tolerance away.
  package func shortestDecimal(within tolerance: Double) -> Double {
    guard isFinite, tolerance > 0 else { return self }
    if abs(self) <= tolerance { return 0 }
    let exponent = Int(log10(abs(self)).rounded(.down))
    for digits in 1...15 {
      let power = pow(10, Double(digits - 1 - exponent))
      // Powers of ten are exact only above one.
      let rounded =
        power >= 1
        ? (self * power).rounded() / power : (self * power).rounded() * pow(10, Double(exponent + 1 - digits))
      if abs(rounded - self) <= tolerance { return rounded }
    }
    return self
  }
}
