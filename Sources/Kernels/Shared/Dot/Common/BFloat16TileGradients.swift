import CProcessor
import KernelInterface
import WeftBase

/// Weight gradients of operands rounded to bfloat16, in an instruction set's tiles. An element's sum over a lane is a
/// product as `DotAlgorithm.bf16_bf16_f32` defines it, whose depth is the lane's positions; lanes are added by the fixed
/// tree in float32.
enum BFloat16TileGradients<Tile: BFloat16Tile>: BFloat16WeightGradientFormat {
  typealias Rows = BFloat16Quads

  static var tileRows: Int { Tile.rows }
  static var tilePanels: Int { Tile.gradientPanels }
  static var positionMultiple: Int { Tile.stepMultiple }
  static var leftDensity: Int { Tile.stepMultiple / Tile.quadElements }

  static func finishLeft(_ elements: UnsafeMutablePointer<Float>, count: Int) {
    let step = Tile.stepMultiple * tileRows
    for start in stride(from: 0, to: count, by: step) {
      Tile.packPositions(elements + start, into: elements + start / leftDensity)
    }
  }

  @inline(always)
  static func sumTile(
    rows: Int, panels: Int, left: UnsafePointer<Float>, right: UnsafePointer<Float>, depth: Int,
    start: TileStart, adds: Bool, into target: UnsafeMutablePointer<Float>, prefetch: PrefetchedLines
  ) {
    let columns = tilePanels * PackedOperand.panelColumns
    let left = UnsafeRawPointer(left).assumingMemoryBound(to: Tile.Left.self)
    let right = UnsafeRawPointer(right).assumingMemoryBound(to: UInt32.self)
    let lines = depth &>> prefetch.shift
    var panel = 0
    while panel < panels {
      let group = Tile.nextPanels(of: panels - panel, rows: tileRows)
      let column = panel * PackedOperand.panelColumns
      // All rows, whose packed columns are there: the sums of those beyond `rows` are never read.
      Tile.multiply(
        rows: tileRows, panels: group,
        BFloat16TileOperands(
          left: left, leftStride: Tile.quadElements * tileRows, right: right + column, rightStride: columns,
          panelStride: PackedOperand.panelColumns, depth: depth, start: start.advanced(column: column),
          result: target + column, resultStride: columns, prefetch: target, prefetchLines: 0))
      for line in lines * panel / panels..<lines * (panel + group) / panels {
        weft_prefetch(prefetch.row(line &<< prefetch.shift))
      }
      panel += group
    }
  }
}
