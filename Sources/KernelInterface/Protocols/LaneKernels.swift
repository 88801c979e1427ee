/// Sums over the positions of each lane, reduced over the lanes by the fixed tree: the gradients of parameters.
///
/// All take the tree nodes that the worker covers, as ranges of its own lanes, and for each node the matrix that
/// receives its sum. Outputs are overwritten or, if `accumulates`, added to.
package protocol LaneKernels {
  /// Σ over positions p of left[leftRow(p)]ᵀ · right[p], for several left-hand sides: the gradients of all weights
  /// whose products the same gates sum, and of the bias.
  ///
  /// - Parameters:
  ///   - lefts: The left-hand sides.
  ///   - right: Gradients of gates `[P, G × H′]`.
  ///   - width: H.
  ///   - outputs: For each node a matrix `[columns of the left-hand side, G × H]` for each left-hand side.
  ///   - scratch: One row of at least `outerProductsScratch` elements that no other worker uses, 64-byte
  ///     aligned.
  static func outerProducts(
    lefts: [OuterOperand], right: Matrix, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: Matrix)

  /// Scratch elements that `outerProducts` needs for `positions` positions and `leftColumns` columns of all left-hand
  /// sides together.
  static func outerProductsScratch(positions: Int, leftColumns: Int) -> Int

  /// Columns of the left-hand sides in one tile of `outerProducts`: splitting them at multiples of it costs no speed.
  static var outerProductsTile: Int { get }

  /// Σ over rows r of values[r], or of values[r] ∘ factors[r].
  ///
  /// - Parameters:
  ///   - values: `[any, G × H′]`.
  ///   - factors: Same shape as `values`.
  ///   - width: H.
  ///   - outputs: A matrix `[1, G × H]` for each node.
  static func columnSums(
    values: Matrix, factors: Matrix?, width: Int, rows: LaneIndex, nodes: [Range<Int>], outputs: [Matrix],
    accumulates: Bool)

  /// Σ over the positions p of each token of values[p]: the gradient of an embedding table.
  ///
  /// - Parameters:
  ///   - values: `[P, H′]`.
  ///   - width: H.
  ///   - tokens: The positions of each token, by lane.
  ///   - outputs: A matrix `[vocabulary, H]` for each node.
  ///   - scratch: One row of at least `tokenSumsScratch` elements that no other worker uses.
  static func tokenSums(
    values: Matrix, width: Int, tokens: TokenIndex, nodes: [Range<Int>], outputs: [Matrix], accumulates: Bool,
    scratch: Matrix)

  /// Scratch elements that `tokenSums` needs.
  static func tokenSumsScratch(width: Int) -> Int
}

extension LaneKernels {
  /// `outerProducts` of one left-hand side that overwrites its outputs.
  package static func outerProducts(
    left: Matrix, leftRows: [Int32]?, right: Matrix, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [Matrix], scratch: Matrix
  ) {
    outerProducts(
      lefts: [OuterOperand(left, rows: leftRows)], right: right, width: width, positions: positions,
      nodes: nodes,
      outputs: outputs.map { [$0] }, accumulates: false, scratch: scratch)
  }

  /// `columnSums` that overwrites its outputs.
  package static func columnSums(
    values: Matrix, factors: Matrix?, width: Int, rows: LaneIndex, nodes: [Range<Int>], outputs: [Matrix]
  ) {
    columnSums(
      values: values, factors: factors, width: width, rows: rows, nodes: nodes, outputs: outputs,
      accumulates: false)
  }

  /// `tokenSums` that overwrites its outputs.
  package static func tokenSums(
    values: Matrix, width: Int, tokens: TokenIndex, nodes: [Range<Int>], outputs: [Matrix], scratch: Matrix
  ) {
    tokenSums(
      values: values, width: width, tokens: tokens, nodes: nodes, outputs: outputs, accumulates: false,
      scratch: scratch)
  }
}
