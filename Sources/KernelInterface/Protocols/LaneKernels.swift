/// Sums over the positions of each lane, folded over the lanes by the fixed tree.
///
/// All take the nodes that the worker covers, as ranges of its own lanes, and for each of them the matrix that
/// receives the sum. Outputs are overwritten or, if `accumulates`, the sum is added to them.
package protocol LaneKernels {
  /// Σ over positions p of left[leftRow(p)]ᵀ · right[p], for several left-hand sides: the gradients of all weights
  /// that the same gates' gradients flow through, and of the bias.
  ///
  /// - Parameters:
  ///   - lefts: The left-hand sides.
  ///   - right: `[positions, gates × padded(width)]`.
  ///   - width: Columns of one gate.
  ///   - outputs: For each node a matrix `[columns of the left-hand side, gates × width]` for each left-hand side.
  ///   - scratch: One row of at least `outerProductsScratch` elements that no other worker uses, 64-byte
  ///     aligned.
  static func outerProducts(
    lefts: [OuterOperand], right: Matrix, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: Matrix)

  /// Scratch elements that `outerProducts` needs for `positions` positions and so many columns of all left-hand
  /// sides.
  static func outerProductsScratch(positions: Int, leftColumns: Int) -> Int

  /// Columns of the left-hand sides that `outerProducts` deals with at once: whole multiples of them are no slower when
  /// they are dealt with by themselves.
  static var outerProductsTile: Int { get }

  /// Σ over rows r of values[r], or of values[r] ∘ factors[r].
  ///
  /// - Parameters:
  ///   - values: `[any, gates × padded(width)]`.
  ///   - factors: Same shape as `values`.
  ///   - width: Columns of one gate.
  ///   - outputs: A matrix `[1, gates × width]` for each node.
  static func columnSums(
    values: Matrix, factors: Matrix?, width: Int, rows: LaneIndex, nodes: [Range<Int>], outputs: [Matrix],
    accumulates: Bool)

  /// Σ over the positions p of each token of values[p]: the gradient of an embedding table.
  ///
  /// - Parameters:
  ///   - values: `[positions, padded(width)]`.
  ///   - tokens: The positions of each token, by lane.
  ///   - outputs: A matrix `[vocabulary, width]` for each node.
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
