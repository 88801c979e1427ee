import KernelInterface

/// Weight gradients in float32: each element is one chain of fused multiply-adds over the positions of a lane, in order,
/// and the fixed tree over lanes.
extension Float32DotKernels: WeightGradientFormat {
  package static var outerProductsTile: Int { tileRows }

  package static func outerProducts(
    lefts: [OuterOperand], right: StoredRows, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: AlignedBytes
  ) {
    WeightGradients<Float32DotKernels>.outerProducts(
      lefts: lefts, right: right, width: width, positions: positions, nodes: nodes, outputs: outputs,
      accumulates: accumulates, scratch: scratch)
  }

  package static func outerProductsScratchByteCount(positions: LaneIndex, leftColumns: Int) -> Int {
    WeightGradients<Float32DotKernels>.scratchByteCount(positions: positions, leftColumns: leftColumns)
  }

  static var tileRows: Int { TileShape.rows }
  static var tilePanels: Int { TileShape.panels }
  static var positionMultiple: Int { 1 }
  static var blockMultiple: Int { 1 }
  static var leftElementByteCount: Int { MemoryLayout<Float>.stride }
  static var rightElementByteCount: Int { MemoryLayout<Float>.stride }
  static var addsTiles: Bool { true }

  @inline(always)
  static func packRight(
    _ right: RightRows, order: UnsafePointer<Int32>, count: Int, panels: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    for index in 0..<count {
      let source = right.row(Int(order[index]))
      let target = advanced(packed, positions: index)
      for panel in 0..<panels {
        let column = panel * PackedOperand.panelColumns
        Vector.load(source + column).store(target + column)
      }
    }
  }

  @inline(always)
  static func advanced(
    _ packed: UnsafeMutablePointer<Float>, positions: Int
  ) -> UnsafeMutablePointer<Float> { packed + positions * tilePanels * PackedOperand.panelColumns }

  @inline(always)
  static func sumTile(
    rows: Int, panels: Int, left: UnsafePointer<Float>, right: UnsafePointer<Float>, depth: Int,
    start: TileStart, adding: UnsafeMutablePointer<Float>?, into target: UnsafeMutablePointer<Float>,
    prefetch: PrefetchedLines
  ) {
    multiplyTile(
      rows: rows, panels: panels,
      TileOperands(
        left: left, leftRowStride: 1, leftDepthStride: tileRows, right: InterleavedRight(pointer: right),
        depth: depth, start: start, result: target, resultStride: tilePanels * PackedOperand.panelColumns,
        addsToResult: adding != nil, prefetch: prefetch))
  }
}
