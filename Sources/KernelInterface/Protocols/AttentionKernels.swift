/// Attention: each row of one matrix looks at a span of rows of another.
///
/// Row i of the left-hand side stands opposite the span's rows `spans.starts[i] + s`, s = 0..<`spans.counts[i]`, and
/// column s of row i of a matrix of weights or scores. Columns are read and written in whole panels, whose padding
/// is zero and stays zero. Rows of different left-hand sides may share a span. Sums over columns use sixteen partial
/// sums and a fixed tree; sums over a span go upward, one term after the other.
package protocol AttentionKernels {
  /// products[i, s] = left[i] · rows[s].
  static func spanProducts(_ left: Matrix, _ rows: Matrix, spans: RowSpans, into products: Matrix)

  /// sums[i] = Σₛ weights[i, s] rows[s].
  static func spanSums(weights: Matrix, _ rows: Matrix, spans: RowSpans, into sums: Matrix)

  /// rows[s] = rows[s] + weights[i, s] left[i], one i after the other.
  static func addSpanProducts(weights: Matrix, _ left: Matrix, spans: RowSpans, to rows: Matrix)

  /// Each row = the softmax of its span's scores; zeros in the columns after it.
  static func softmax(_ scores: Matrix, spans: RowSpans)

  /// gradient[i, s] = w (gradient[i, s] − Σₜ w gradient[i, t]), w = weights[i, s]: from the gradient of the softmax
  /// to that of the scores. Zeros in the columns after the span.
  static func softmaxBackward(weights: Matrix, gradient: Matrix, spans: RowSpans)

  /// scores[i, s] = v · tanh(queries[i] + keys[s]) (Bahdanau, Cho and Bengio 2015, appendix A.1.2).
  ///
  /// - Parameter vector: v, `[1, padded(width)]`.
  static func additiveScores(
    queries: Matrix, keys: Matrix, vector: Matrix, spans: RowSpans, into scores: Matrix)

  /// The gradients of `additiveScores`, whose hyperbolic tangents are computed anew.
  ///
  /// - Parameters:
  ///   - queryGradient: Overwritten.
  ///   - keyGradient: Added to.
  ///   - vectorGradient: A row for each query, added to.
  static func additiveScoresBackward(
    scoreGradient: Matrix, queries: Matrix, keys: Matrix, vector: Matrix, spans: RowSpans,
    queryGradient: Matrix, keyGradient: Matrix, vectorGradient: Matrix)
}
