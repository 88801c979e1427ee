import KernelInterface

/// The matrix product, which by packing Bᵀ also gives the gradient of A:
///
///     forward     C = initial + A B
///     backward    dA = dC Bᵀ;  dB = Aᵀ dC, see `WeightGradients.swift`
extension Float32DotKernels {
  /// A is `[rows, depth]` row-major; B is packed; C is row-major with whole panels in every row. Each element is one
  /// chain of fused multiply-adds over the depth in ascending order; resuming at a depth-block boundary stores a
  /// float32 and loads it again, which does not round.
  ///
  /// Loops from the outside in: depth blocks (a group of panels stays in the L2 cache), row blocks (so does a block of
  /// A), groups of panels, tiles.
  @inline(never)
  package static func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, blocks: BlockSizes,
    scratch: AlignedBytes
  ) {
    assert(right.algorithm == algorithm && left.columns == right.depth && left.rows == result.rows)
    assert(result.stride >= right.panels * PackedOperand.panelColumns)
    if left.rows == 0 { return }
    if right.depth == 0 { return initial.store(into: result, panels: right.panels) }
    let tileRows = min(blocks.tileRows, TileShape.rows)
    // A single tile uses every panel once: there is no reuse that depth blocks could keep in the cache.
    let blockDepth = left.rows <= tileRows ? right.depth : blocks.depth
    var depthStart = 0
    while depthStart < right.depth {
      let depth = min(blockDepth, right.depth - depthStart)
      let start = depthStart == 0 ? TileStart(initial) : TileStart(.result)
      var rowStart = 0
      while rowStart < left.rows {
        // Row blocks, and the tiles in them, have nearly equal sizes, so that no tile is much below full height.
        let remainingBlocks = (left.rows - rowStart + blocks.rows - 1) / blocks.rows
        let rows = (left.rows - rowStart + remainingBlocks - 1) / remainingBlocks
        multiplyBlock(
          left: left.row(rowStart) + depthStart, leftStride: left.stride,
          right: UnsafePointer(right.panel(0)) + depthStart * PackedOperand.panelColumns,
          panelStride: right.panelStride, panels: right.panels, depth: depth,
          start: start, result: result.row(rowStart), resultStride: result.stride,
          rows: rows, tileRows: tileRows, descends: blocks.descends)
        rowStart += rows
      }
      depthStart += depth
    }
  }

  /// Tiles read the left-hand side where it is.
  package static func multiplyScratchByteCount(rows: Int, depth: Int) -> Int { 0 }

  @inline(always)
  private static func multiplyBlock(
    left: UnsafePointer<Float>, leftStride: Int, right: UnsafePointer<Float>, panelStride: Int, panels: Int,
    depth: Int, start: TileStart, result: UnsafeMutablePointer<Float>, resultStride: Int, rows: Int,
    tileRows: Int, descends: Bool
  ) {
    let tiles = (rows + tileRows - 1) / tileRows
    let width = rows <= tileRows ? TileShape.panels(rows: rows) : TileShape.panels
    let groups = (panels + width - 1) / width
    for index in 0..<groups {
      let place = descends ? groups - 1 - index : index
      let panel = panels * place / groups
      let group = panels * (place + 1) / groups - panel
      let column = panel * PackedOperand.panelColumns
      let groupStart = right + panel * panelStride
      var row = 0
      for tile in 0..<tiles {
        let height = (rows - row) / (tiles - tile)
        // The first tiles of a group prefetch the next group, one panel each: all workers stream through the weights at
        // once, and the last-level cache is slower than the rate at which one tile consumes a group.
        let next = descends ? panel - 1 - tile : panel + group + tile
        let fetches = tile < width && next >= 0 && next < panels
        let operands = TileOperands(
          left: left + row * leftStride, leftRowStride: leftStride, leftDepthStride: 1,
          right: PackedRight(pointer: groupStart, panelStride: panelStride), depth: depth,
          start: start.advanced(column: column),
          result: result + row * resultStride + column, resultStride: resultStride,
          prefetch: PackedRight(
            pointer: fetches ? right + next * panelStride : groupStart, panelStride: panelStride))
        if group > TileShape.panels {
          multiplyWideTile(rows: height, panels: group, operands)
        } else {
          multiplyTile(rows: height, panels: group, operands)
        }
        row += height
      }
    }
  }
}
