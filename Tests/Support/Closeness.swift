/// The maximum difference between two lists of numbers, relative to the maximum magnitude of the second one.
///
/// Infinite if the lists differ in length or in positions of NaN.
package func relativeDifference(_ actual: [Double], _ expected: [Double]) -> Double {
  guard actual.count == expected.count else { return .infinity }
  var scale = 0.0
  var difference = 0.0
  for (actual, expected) in zip(actual, expected) {
    if actual.isNaN || expected.isNaN {
      if actual.isNaN != expected.isNaN { return .infinity }
      continue
    }
    scale = max(scale, abs(expected))
    difference = max(difference, abs(actual - expected))
  }
  return difference == 0 ? 0 : difference / scale
}

package func relativeDifference(_ actual: [Float], _ expected: [Float]) -> Double {
  relativeDifference(actual.map(Double.init), expected.map(Double.init))
}

package func relativeDifference(_ actual: [Float], _ expected: [Double]) -> Double {
  relativeDifference(actual.map(Double.init), expected)
}
