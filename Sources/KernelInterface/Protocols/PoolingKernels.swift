/// Weighted means of each sequence's features over its time steps, and their gradients.
///
/// Step t of sequence r is row `starts[t] + r` of the matrices of positions. A sequence's numbers depend on its own
/// rows alone; sums over its steps go in the order of time.
package protocol PoolingKernels {
  /// Each sequence's weights = softmax of its scores over its time steps.
  ///
  /// - Parameters:
  ///   - scores: `[positions, at least 1]`; the first column is overwritten by the weights.
  ///   - starts: The first position of each time step.
  ///   - lengths: Time steps of each sequence, at least 1.
  static func softmaxOverTime(_ scores: Matrix, starts: [Int], lengths: [Int])

  /// result[r] = Σ over its time steps of weight · values.
  ///
  /// - Parameters:
  ///   - values: `[positions, width]`.
  ///   - weights: `[positions, at least 1]`, of which the first column is read; nil for 1 / length.
  ///   - result: `[sequences, width]`.
  static func pool(_ values: Matrix, weights: Matrix?, starts: [Int], lengths: [Int], into result: Matrix)

  /// The gradients of `pool`, with those of the weights led back through `softmaxOverTime`.
  ///
  /// - Parameters:
  ///   - gradient: With respect to the result, `[sequences, width]`.
  ///   - values, weights: As `pool` read them.
  ///   - valueGradient: `[positions, width]`, overwritten.
  ///   - scoreGradient: `[positions, at least 1]`; the first column is overwritten by the gradient with respect to the
  ///     scores, the others by zeros. Needs weights.
  static func poolBackward(
    _ gradient: Matrix, values: Matrix, weights: Matrix?, starts: [Int], lengths: [Int],
    valueGradient: Matrix, scoreGradient: Matrix?)

  /// gradient = gradient ∘ (1 − outputs²): from that of tanh's outputs to that of its inputs.
  static func hyperbolicTangentBackward(_ gradient: Matrix, outputs: Matrix)
}
