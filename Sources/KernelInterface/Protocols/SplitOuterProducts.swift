/// Kernels of `DotAlgorithm.bf16_bf16_f32` that also sum weight gradients of operands split in two bfloat16 numbers, by
/// `bf16_bf16_f32_x3`: as they pack positions, they know where the two are.
package protocol SplitOuterProducts: DotKernels {
  /// `outerProducts` by `bf16_bf16_f32_x3`.
  static func splitOuterProducts(
    lefts: [OuterOperand], right: StoredRows, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: AlignedBytes)

  /// Bytes of scratch memory that `splitOuterProducts` needs, see `outerProductsScratchByteCount`.
  static func splitOuterProductsScratchByteCount(positions: LaneIndex, leftColumns: Int) -> Int
}
