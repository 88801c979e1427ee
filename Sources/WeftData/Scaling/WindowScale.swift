import WeftBase

/// How the values of a window are related to a level of its context, and scaled for all windows alike:
///
///     x′ = (x − level) / σ, or (x / level − 1) / σ as ratios
package struct WindowScale: Sendable, Equatable {
  /// The level, from the values of the context.
  let level: WindowLevel
  /// Whether values are ratios to the level, rather than differences from it.
  let areRatios: Bool
  /// Steps of the context.
  let context: Int
  /// σ of the inputs, with means of 0; nil for 1.
  var inputs: FeatureScale?
  /// σ of the targets likewise.
  var targets: FeatureScale?

  /// The level of each feature of a window, which is missing where the feature is.
  ///
  /// - Parameters:
  ///   - values: Row-major, at least `[context, width]`.
  ///   - columns: The features.
  func levels(_ values: ArraySlice<Float>, width: Int, columns: [Int]) -> [Float] {
    columns.map { column in
      let own = (0..<context).map { values[values.startIndex + $0 * width + column] }.filter { !$0.isNaN }
      switch level {
      case .none: return 0
      case .last: return own.last ?? .nan
      case .mean: return own.isEmpty ? .nan : Float(own.reduce(0.0) { $0 + Double($1) } / Double(own.count))
      }
    }
  }

  /// What a difference from a level is divided by.
  ///
  /// - Parameter place: The window, for an error.
  /// - Throws: If a ratio to the level makes no sense.
  func factor(_ level: Float, place: () -> String) throws(WeftError) -> Float {
    guard areRatios else { return 1 }
    guard level > 0 || level.isNaN else {
      throw .data(
        "\(place()): the level of its context is \(level); ratios need positive values, so remove data.ratios"
      )
    }
    return level
  }

  /// Scales the inputs of a window.
  ///
  /// - Parameters:
  ///   - values: Row-major, `[steps, width]`, from `start` on.
  ///   - columns: The features to scale.
  ///   - place: The window, for an error.
  func scaleInputs(
    _ values: inout [Float], from start: Int, steps: Int, width: Int, columns: [Int], place: () -> String
  ) throws(WeftError) {
    let levels = levels(values[start..<start + context * width], width: width, columns: columns)
    for (column, level) in zip(columns, levels) {
      let factor = try factor(level, place: place) * (inputs?.standardDeviations[column] ?? 1)
      for step in 0..<steps {
        let place = start + step * width + column
        values[place] = (values[place] - level) / factor
      }
    }
  }
}
