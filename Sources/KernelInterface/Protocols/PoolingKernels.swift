/// Weighted means of each sequence's features over its time steps, and their gradients.
///
/// Step t of sequence r is row `starts[t] + r` of the matrices of positions. Sequences do not affect each other; sums
/// over a sequence's steps go in the order of time.
package protocol PoolingKernels {
  /// Each sequence's weights = softmax of its scores over its time steps.
  ///
  /// - Parameters:
  ///   - scores: `[P, at least 1]`; the first column is overwritten by the weights.
  ///   - starts: The first position of each time step.
  ///   - lengths: Time steps of each sequence, at least 1.
  static func softmaxOverTime(_ scores: Matrix, starts: [Int], lengths: [Int])

  /// result[r] = Σ over time steps of weight · values.
  ///
  /// - Parameters:
  ///   - values: `[P, I]`.
  ///   - weights: `[P, at least 1]`, of which the first column is read; nil for 1 / length.
  ///   - result: `[B, I]`.
  static func pool(_ values: Matrix, weights: Matrix?, starts: [Int], lengths: [Int], into result: Matrix)

  /// The gradients of `pool`, those of the weights back through `softmaxOverTime`.
  ///
  /// - Parameters:
  ///   - gradient: Of the result, `[B, I]`.
  ///   - values, weights: As `pool` read them.
  ///   - valueGradient: `[P, I]`, overwritten.
  ///   - scoreGradient: `[P, at least 1]`; the first column is overwritten by the gradient of the scores, the others by
  ///     zeros. Requires weights.
  static func poolBackward(
    _ gradient: Matrix, values: Matrix, weights: Matrix?, starts: [Int], lengths: [Int],
    valueGradient: Matrix, scoreGradient: Matrix?)

  /// result[r] = the maximum of each feature over time steps, NaN if one of them is.
  ///
  /// - Parameters:
  ///   - values: `[P, I]`.
  ///   - result: `[B, I]`.
  static func poolMaximum(_ values: Matrix, starts: [Int], lengths: [Int], into result: Matrix)

  /// The gradient of `poolMaximum`: that of a maximum goes to the first time step that has it.
  ///
  /// - Parameters:
  ///   - gradient: Of the result, `[B, I]`.
  ///   - values: `[P, I]`.
  ///   - maxima: `[B, I]`, from `poolMaximum`.
  ///   - valueGradient: `[P, I]`, overwritten.
  static func poolMaximumBackward(
    _ gradient: Matrix, values: Matrix, maxima: Matrix, starts: [Int], lengths: [Int],
    into valueGradient: Matrix)
}
