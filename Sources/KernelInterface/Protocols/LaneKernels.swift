/// Sums over the positions of each lane, reduced over the lanes by the fixed tree: the gradients of parameters other
/// than those of `DotKernels.outerProducts`.
///
/// All take the tree nodes that the worker covers, as ranges of its own lanes, and for each node the matrix that
/// receives its sum. Outputs are overwritten or, if `accumulates`, added to.
package protocol LaneKernels {
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
  ///   - scratch: At least `tokenSumsScratchByteCount` bytes that no other worker uses.
  static func tokenSums(
    values: StoredRows, width: Int, tokens: TokenIndex, nodes: [Range<Int>], outputs: [Matrix],
    accumulates: Bool, scratch: AlignedBytes)

  /// Bytes of scratch memory that `tokenSums` needs.
  static func tokenSumsScratchByteCount(width: Int) -> Int
}

extension LaneKernels {
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
    values: Matrix, width: Int, tokens: TokenIndex, nodes: [Range<Int>], outputs: [Matrix],
    scratch: AlignedBytes
  ) {
    tokenSums(
      values: .float32(values), width: width, tokens: tokens, nodes: nodes, outputs: outputs,
      accumulates: false,
      scratch: scratch)
  }
}
