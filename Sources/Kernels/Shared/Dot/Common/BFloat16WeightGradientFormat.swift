import KernelInterface

/// What the formats of bfloat16 operands have in common: right-hand sides are packed as pairs of positions.
protocol BFloat16WeightGradientFormat: WeightGradientFormat {}

extension BFloat16WeightGradientFormat {
  static var blockMultiple: Int { DotAlgorithm.bfloat16BlockDepth }
  static var addsTiles: Bool { false }

  @inline(always)
  static func packRight(
    _ right: UnsafePointer<Float>, stride: Int, order: UnsafePointer<Int32>, count: Int, panels: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    BFloat16Pairs.pack(
      right, stride: stride, order: order, count: count, panels: panels,
      columns: tilePanels * PackedOperand.panelColumns, into: packed)
  }

  /// Two positions take the bytes that one takes in float32.
  @inline(always)
  static func advanced(
    _ packed: UnsafeMutablePointer<Float>, positions: Int
  ) -> UnsafeMutablePointer<Float> {
    packed + positions / BFloat16Pairs.steps * tilePanels * PackedOperand.panelColumns
  }
}
