/// Attention: each row of one matrix attends to a span of rows of another.
///
/// Row i of the left-hand side is matched with the rows `spans.starts[i] + s` of the right-hand side, s =
/// 0..<`spans.counts[i]`, and with column s of row i of a matrix of weights or scores. Columns are read and written in
/// whole vectors, whose padding is zero and stays zero. Spans may overlap. Sums over columns use sixteen partial sums
/// and a fixed tree; sums over a span go in ascending order, one term at a time.
package protocol AttentionKernels {
  /// products[i, s] = left[i] · rows[s].
  static func spanProducts(_ left: Matrix, _ rows: Matrix, spans: RowSpans, into products: Matrix)

  /// sums[i] = Σₛ weights[i, s] rows[s].
  static func spanSums(weights: Matrix, _ rows: Matrix, spans: RowSpans, into sums: Matrix)

  /// rows[s] += weights[i, s] left[i], in ascending order of i.
  static func addSpanProducts(weights: Matrix, _ left: Matrix, spans: RowSpans, to rows: Matrix)

  /// Each row = the softmax of its span's scores; zeros in the columns after it.
  static func softmax(_ scores: Matrix, spans: RowSpans)

  /// Turns the gradient of the softmax's outputs, in place, into that of its scores. Zeros in the columns after the
  /// span.
  static func softmaxBackward(weights: Matrix, gradient: Matrix, spans: RowSpans)

  /// scores[i, s] = v · tanh(queries[i] + keys[s]).
  ///
  /// - Parameter vector: v, `[1, H′]`.
  static func additiveScores(
    queries: Matrix, keys: Matrix, vector: Matrix, spans: RowSpans, into scores: Matrix)

  /// The gradients of `additiveScores`, which recomputes the hyperbolic tangents.
  ///
  /// - Parameters:
  ///   - queryGradient: Overwritten.
  ///   - keyGradient: Added to.
  ///   - vectorGradient: One row per query, added to.
  static func additiveScoresBackward(
    scoreGradient: Matrix, queries: Matrix, keys: Matrix, vector: Matrix, spans: RowSpans,
    queryGradient: Matrix, keyGradient: Matrix, vectorGradient: Matrix)
}
