/// The precision of matrix products: how the left-hand side, the right-hand side and the accumulator are represented,
/// in this order, under the names of JAX's dot algorithms.
///
/// Operands and results in memory are float32 whatever the algorithm, and kernels convert them where they pack; only
/// right-hand sides of weight gradients may be stored as the algorithm reads them (`StoredRows`). An algorithm fixes
/// every bit of a product: the rounding of the operands and the order of accumulation are part of it, so that all
/// instruction sets give the same bits for the same algorithm. Algorithms differ from each other.
///
/// Public, as the compiler inlines only public declarations into other modules.
public enum DotAlgorithm: Sendable, Hashable, CaseIterable {
  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// Float32 throughout. Each element of a product is one chain of fused multiply-adds in ascending order of the depth
  /// that begins with the initial value. Each element of a weight gradient is one such chain over the positions of a
  /// lane, in order, that begins with zero; the lanes' sums are added by the fixed tree.
  case f32_f32_f32

  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// Operands rounded to bfloat16 (nearest, ties to even, denormals to zero), sums in float32, as the matrix units of
  /// x86-64 compute (`TDPBF16PS`). The depth is padded with zeros to whole blocks of 32 steps, and for each of them
  ///
  ///     e = the chain of fused multiply-adds over the block's even steps, in order, that begins with zero
  ///     o = the same over its odd steps
  ///     C ← C + (e + o)
  ///
  /// from the initial value on. Every operation rounds to nearest even; denormal results are zeros of their sign. The
  /// sum of a weight gradient over a lane is such a product, whose steps are the lane's positions, that begins with zero.
  case bf16_bf16_f32

  // swift-format-ignore: AlwaysUseLowerCamelCase
  /// Operands as sums of two bfloat16 numbers, and three of the four products of those, for about 16 bits of significand.
  /// For an operand x, h is x rounded as in `bf16_bf16_f32`, and l is x − h, in float32, rounded likewise. The depth is
  /// padded with zeros to whole blocks of 32 steps, and a product is that of `bf16_bf16_f32` with three blocks for each of
  /// them, in this order:
  ///
  ///     A's h with B's h,   A's h with B's l,   A's l with B's h
  ///
  /// Weight gradients likewise, with the positions of a lane as the depth.
  case bf16_bf16_f32_x3

  /// Bytes of one element of a packed operand.
  public var packedElementByteCount: Int {
    switch self {
    case .f32_f32_f32: MemoryLayout<Float>.stride
    case .bf16_bf16_f32: MemoryLayout<UInt16>.stride
    case .bf16_bf16_f32_x3: DotAlgorithm.splitProducts * MemoryLayout<UInt16>.stride
    }
  }

  /// Bytes of one panel of a packed operand `[depth, any]`, a multiple of `AlignedBytes.alignment`.
  public func panelByteCount(depth: Int) -> Int {
    switch self {
    case .f32_f32_f32: depth * PackedOperand.panelColumns * packedElementByteCount
    case .bf16_bf16_f32, .bf16_bf16_f32_x3:
      DotAlgorithm.bfloat16PaddedDepth(depth) * PackedOperand.panelColumns * packedElementByteCount
    }
  }

  /// Products of bfloat16 numbers for each product of `bf16_bf16_f32_x3`.
  @inlinable public static var splitProducts: Int { 3 }

  /// Steps of the depth that `bf16_bf16_f32` sums before it adds to the result.
  @inlinable public static var bfloat16BlockDepth: Int { 32 }

  /// A depth padded to whole blocks.
  @inlinable public static func bfloat16PaddedDepth(_ depth: Int) -> Int {
    (depth + bfloat16BlockDepth - 1) / bfloat16BlockDepth * bfloat16BlockDepth
  }
}
