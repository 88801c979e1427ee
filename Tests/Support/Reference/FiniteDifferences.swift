/// Directional derivatives by central differences.
package enum FiniteDifferences {
  /// The step: truncation is of the order of its square, rounding of 10⁻¹⁶ divided by it.
  package static let step = 1e-6

  /// d/dε f(x + ε·direction) at 0.
  package static func derivative(
    of function: ([Double]) -> Double, at point: [Double], along direction: [Double]
  ) -> Double {
    func value(_ distance: Double) -> Double {
      function(zip(point, direction).map { $0 + distance * $1 })
    }
    return (value(step) - value(-step)) / (2 * step)
  }

  /// The maximum deviation of a gradient from finite differences, over random directions of ±1 and single elements.
  ///
  /// - Returns: The departure relative to the gradient's norm, which bounds what rounding can do to either.
  package static func departure(
    of gradient: [Float], from function: ([Double]) -> Double, at point: [Double], directions: Int,
    elements: Int, using random: inout SplitMix
  ) -> (maximum: Double, norm: Double) {
    precondition(gradient.count == point.count)
    let norm = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    var maximum = 0.0
    for _ in 0..<directions {
      let direction = point.map { _ in Bool.random(using: &random) ? 1.0 : -1.0 }
      let expected = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * $1.1 }
      maximum = max(maximum, abs(derivative(of: function, at: point, along: direction) - expected))
    }
    for element in point.indices.shuffled(using: &random).prefix(elements) {
      var direction = [Double](repeating: 0, count: point.count)
      direction[element] = 1
      let found = derivative(of: function, at: point, along: direction)
      maximum = max(maximum, abs(found - Double(gradient[element])))
    }
    return (maximum, norm)
  }
}
