import KernelInterface

/// What the formats of bfloat16 operands have in common: how right-hand sides are packed.
protocol BFloat16WeightGradientFormat: WeightGradientFormat {
  associatedtype Rows: BFloat16Rows
}

extension BFloat16WeightGradientFormat {
  static var blockMultiple: Int { DotAlgorithm.bfloat16BlockDepth }
  static var addsTiles: Bool { false }

  @inline(always)
  static func packRight(
    _ right: UnsafePointer<Float>, stride: Int, order: UnsafePointer<Int32>, count: Int, panels: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    BFloat16Packing<Rows>.pack(
      right, stride: stride, order: order, count: count, panels: panels,
      columns: tilePanels * PackedOperand.panelColumns, into: packed)
  }

  /// Two positions take the bytes that one takes in float32.
  @inline(always)
  static func advanced(
    _ packed: UnsafeMutablePointer<Float>, positions: Int
  ) -> UnsafeMutablePointer<Float> {
    packed + positions / PackedOperand.rowsPerVector * tilePanels * PackedOperand.panelColumns
  }
}
