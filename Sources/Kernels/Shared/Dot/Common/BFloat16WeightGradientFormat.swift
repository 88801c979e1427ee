import KernelInterface

/// What the formats of bfloat16 operands have in common: how right-hand sides are packed.
protocol BFloat16WeightGradientFormat: WeightGradientFormat {
  associatedtype Rows: BFloat16Rows
}

extension BFloat16WeightGradientFormat {
  static var blockMultiple: Int { DotAlgorithm.bfloat16BlockDepth }
  static var rightElementByteCount: Int { MemoryLayout<UInt16>.stride }

  @inline(always)
  static func packRight(
    _ right: RightRows, order: UnsafePointer<Int32>, count: Int, panels: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    let columns = tilePanels * PackedOperand.panelColumns
    // Apart, so that neither loop asks which rows there are.
    if right.isRounded {
      BFloat16Packing<Rows>.pack(order: order, count: count, panels: panels, columns: columns, into: packed) {
        right.loadRounded(position: $0, column: $1)
      } prefetch: {
        right.prefetch(position: $0, panels: panels)
      }
    } else {
      BFloat16Packing<Rows>.pack(order: order, count: count, panels: panels, columns: columns, into: packed) {
        right.load(position: $0, column: $1)
      } prefetch: {
        right.prefetch(position: $0, panels: panels)
      }
    }
  }

  /// Two positions take the bytes that one takes in float32.
  @inline(always)
  static func advanced(
    _ packed: UnsafeMutablePointer<Float>, positions: Int
  ) -> UnsafeMutablePointer<Float> {
    packed + positions / PackedOperand.rowsPerVector * tilePanels * PackedOperand.panelColumns
  }
}
