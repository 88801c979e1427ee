import Foundation

/// Round numbers along an axis.
package enum NumberTicks {
  /// About five round numbers between two values.
  package static func between(_ low: Double, _ high: Double) -> [Double] {
    let rough = (high - low) / 5
    guard rough > 0, rough.isFinite else { return [] }
    let power = pow(10, floor(log10(rough)))
    let step = power * ([1, 2, 5, 10].first { $0 * power >= rough } ?? 10)
    // Adding 0 turns −0 into 0.
    let first = (low / step).rounded(.up) * step
    // A step below the precision of the values would never reach the end.
    return (0...10).map { first + Double($0) * step + 0 }.filter { $0 <= high && $0 >= low }
  }
}
