import WeftBase

/// How the values of a window are related to its context, and scaled for all windows alike:
///
///     x′ = (x − level) / (unit · σ)
package struct WindowScale: Sendable, Equatable {
  /// The level, from the values of the context.
  let level: WindowLevel
  /// What differences from the level are divided by.
  let unit: WindowUnit
  /// σ of the inputs, with means of 0; nil for 1.
  var inputs: FeatureScale?
  /// σ of the targets likewise.
  var targets: FeatureScale?

  /// The values of a feature in the context of a window, without those that are missing.
  ///
  /// - Parameter values: Those of the context, row-major, `[steps, width]`.
  func known(_ values: ArraySlice<Float>, width: Int, column: Int) -> [Float] {
    stride(from: values.startIndex + column, to: values.endIndex, by: width).map { values[$0] }
      .filter { !$0.isNaN }
  }

  /// The level of the values of a context; missing if all of them are.
  func level(of known: [Float]) -> Float {
    switch level {
    case .none: 0
    case .last: known.last ?? .nan
    case .mean: known.isEmpty ? .nan : Float(known.reduce(0.0) { $0 + Double($1) } / Double(known.count))
    }
  }

  /// What differences from the level of a context are divided by.
  ///
  /// - Parameters:
  ///   - known: The values of the context.
  ///   - level: Their level.
  ///   - place: The window, for an error.
  /// - Throws: If a ratio to the level makes no sense.
  func factor(of known: [Float], level: Float, place: () -> String) throws(WeftError) -> Float {
    switch unit {
    case .one: return 1
    case .level:
      guard level > 0 || level.isNaN else {
        throw .data(
          "\(place()): the level of its context is \(level); ratios need positive values, so remove data.ratios"
        )
      }
      return level
    case .deviation: return WindowUnit.deviation(of: known)
    }
  }

  /// Scales the inputs of a window.
  ///
  /// - Parameters:
  ///   - values: Row-major, `[steps, width]`, from `start` on.
  ///   - context: How many of the steps are the context.
  ///   - columns: The features to scale.
  ///   - place: The window, for an error.
  func scaleInputs(
    _ values: inout [Float], from start: Int, context: Int, steps: Int, width: Int, columns: [Int],
    place: () -> String
  ) throws(WeftError) {
    for column in columns {
      let known = known(values[start..<start + context * width], width: width, column: column)
      let level = level(of: known)
      let factor =
        try factor(of: known, level: level, place: place) * (inputs?.standardDeviations[column] ?? 1)
      for step in 0..<steps {
        let place = start + step * width + column
        values[place] = (values[place] - level) / factor
      }
    }
  }
}
