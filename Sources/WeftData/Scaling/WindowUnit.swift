/// What differences from the level of a window are divided by.
package enum WindowUnit: Sendable, Equatable {
  /// Nothing.
  case one
  /// The level, for ratios.
  case level
  /// The standard deviation of the context.
  case deviation

  /// The least deviation, as a share of the root mean square of the context: what changes less is constant but for
  /// rounding, and would make anything that follows look large.
  package static let leastShare = 0.001

  /// The standard deviation of the values of a context, √(Σ(x − mean)² / n), but at least a share of their root mean
  /// square; 1 if all values are 0 or missing.
  static func deviation(of values: [Float]) -> Float {
    if values.isEmpty { return 1 }
    let count = Double(values.count)
    let mean = values.reduce(0.0) { $0 + Double($1) } / count
    let variance =
      values.reduce(0.0) { sum, value in
        let difference = Double(value) - mean
        return sum + difference * difference
      } / count
    let least = leastShare * (mean * mean + variance).squareRoot()
    let deviation = Float(max(variance.squareRoot(), least))
    return deviation > 0 ? deviation : 1
  }
}

extension DataConfiguration {
  /// What differences from the level of a window are divided by.
  package var windowUnit: WindowUnit {
    switch normalization {
    case .window: .deviation
    case .none: ratios ? .level : .one
    }
  }
}
