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
  static var addsTiles: Bool { true }
  static var leftElementByteCount: Int {
    Tile.quadElements * MemoryLayout<Tile.Left>.stride / Tile.stepMultiple
  }

  @inline(always)
  static func packTile(
    _ rows: LeftRows, column: Int, columns: Int, offset: Int, into tile: UnsafeMutablePointer<Float>
  ) {
    let isWhole = columns == tileRows && rows.padding == 0
    // Elements behind the tile's, which are not stored, save putting a row together.
    let isWide = isWhole && column + SIMD8<Float>.scalarCount <= rows.columns
    var target =
      UnsafeMutableRawPointer(tile).assumingMemoryBound(to: Tile.Left.self) + offset * Tile.quadElements
    for first in stride(from: 0, to: rows.count, by: Tile.stepMultiple) {
      @inline(always)
      func steps(_ index: Int) -> SIMD8<Float> {
        let source = rows.rows[first + index] + column
        if isWide { return UnsafeRawPointer(source).loadUnaligned(as: SIMD8<Float>.self) }
        if isWhole { return wholeTile(source) }
        var values = SIMD8<Float>(repeating: 0)
        if !rows.isPadding(first + index) {
          for place in 0..<columns { values[place] = source[place] }
        }
        return values
      }
      Tile.packPositions(
        even: concatenated(steps(0), steps(2)), odd: concatenated(steps(1), steps(3)),
        rows: isWhole ? tileRows : columns, into: target)
      target += Tile.quadElements * tileRows
    }
  }

  @inline(always)
  private static func concatenated(_ lower: SIMD8<Float>, _ upper: SIMD8<Float>) -> Vector {
    unsafeBitCast((lower, upper), to: Vector.self)
  }

  /// A tile's columns of a row, of which there are at least four, and zeros after them.
  @inline(always)
  private static func wholeTile(_ source: UnsafePointer<Float>) -> SIMD8<Float> {
    var values = SIMD8<Float>(repeating: 0)
    values.lowHalf = UnsafeRawPointer(source).loadUnaligned(as: SIMD4<Float>.self)
    if tileRows == 6 {
      values.highHalf.lowHalf = UnsafeRawPointer(source + 4).loadUnaligned(as: SIMD2<Float>.self)
    } else {
      for index in 4..<tileRows { values[index] = source[index] }
    }
    return values
  }

  @inline(always)
  static func sumTile(
    rows: Int, panels: Int, left: UnsafePointer<Float>, right: UnsafePointer<Float>, depth: Int,
    start: TileStart, adding: UnsafeMutablePointer<Float>?, into target: UnsafeMutablePointer<Float>,
    prefetch: PrefetchedLines
  ) {
    let columns = tilePanels * PackedOperand.panelColumns
    let left = UnsafeRawPointer(left).assumingMemoryBound(to: Tile.Left.self)
    let right = UnsafeRawPointer(right).assumingMemoryBound(to: UInt32.self)
    var (panel, line) = (0, 0)
    while panel < panels {
      let group = Tile.nextPanels(of: panels - panel, rows: tileRows)
      let column = panel * PackedOperand.panelColumns
      // All rows, whose packed columns are there: the sums of those beyond `rows` are never read.
      Tile.multiply(
        rows: tileRows, panels: group,
        BFloat16TileOperands(
          left: left, leftStride: Tile.quadElements * tileRows, right: right + column, rightStride: columns,
          panelStride: PackedOperand.panelColumns, depth: depth, start: start.advanced(column: column),
          sums: (adding ?? target) + column, result: target + column, resultStride: columns,
          addsToResult: adding != nil, prefetch: target, prefetchLines: 0))
      panel += group
      prefetch.fetch(from: &line, done: panel, of: panels, most: tilePanels)
    }
  }
}
