import KernelInterface
import WeftBase

/// Weight gradients of operands rounded to bfloat16. An element's sum over a lane is a product as
/// `DotAlgorithm.bf16_bf16_f32` defines it, whose depth is the lane's positions; lanes are added by the fixed tree in
/// float32.
extension BFloat16DotKernels: BFloat16WeightGradientFormat {
  package static var outerProductsTile: Int { tileRows }

  package static func outerProducts(
    lefts: [OuterOperand], right: Matrix, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: AlignedBytes
  ) {
    WorkerPool.flushingDenormals {
      WeightGradients<BFloat16DotKernels>.outerProducts(
        lefts: lefts, right: right, width: width, positions: positions, nodes: nodes, outputs: outputs,
        accumulates: accumulates, scratch: scratch)
    }
  }

  package static func outerProductsScratchByteCount(positions: LaneIndex, leftColumns: Int) -> Int {
    WeightGradients<BFloat16DotKernels>.scratchByteCount(positions: positions, leftColumns: leftColumns)
  }

  static var tileRows: Int { BFloat16TileShape.rows }
  static var tilePanels: Int { BFloat16TileShape.panels }
  static var positionMultiple: Int { stepMultiple }

  @inline(always)
  static func finishLeft(_ elements: UnsafeMutablePointer<Float>, count: Int) {
    var index = 0
    while index + Vector.scalarCount <= count {
      Vector.load(elements + index).roundedToBFloat16.store(elements + index)
      index += Vector.scalarCount
    }
    let rest = count - index
    Vector.load(elements + index, count: rest).roundedToBFloat16.store(elements + index, count: rest)
  }

  @inline(always)
  static func sumTile(
    rows: Int, panels: Int, left: UnsafePointer<Float>, right: UnsafePointer<Float>, depth: Int,
    start: TileStart, adds: Bool, into target: UnsafeMutablePointer<Float>, prefetch: PrefetchedLines
  ) {
    let columns = tilePanels * PackedOperand.panelColumns
    let right = UnsafeRawPointer(right).assumingMemoryBound(to: UInt32.self)
    var panel = 0
    while panel < panels {
      let group = BFloat16TileShape.next(of: panels - panel, rows: tileRows)
      let column = panel * PackedOperand.panelColumns
      // All rows, whose packed columns are there: the sums of those beyond `rows` are never read.
      multiplyBFloat16Tile(
        rows: tileRows, panels: group,
        BFloat16TileOperands(
          left: left, right: right + column, pairStride: columns, panelStride: PackedOperand.panelColumns,
          depth: depth, start: start.advanced(column: column), result: target + column, resultStride: columns)
      )
      panel += group
    }
  }
}
