import KernelInterface
import WeftBase

/// The matrix product of operands rounded to bfloat16, in an instruction set's tiles:
///
///     forward     C = initial + A B
///     backward    dA = dC Bᵀ;  dB = Aᵀ dC, see `BFloat16TileGradients`
enum BFloat16Product<Tile: BFloat16Tile> {
  /// Rows of A that are rounded together, and the steps of the depth: at most 1.5 MiB.
  private static var maximumRows: Int { 192 }
  private static var maximumDepth: Int { 2048 }

  static func scratchByteCount(rows: Int, depth: Int) -> Int {
    let elements = leftElements(rows: min(rows, maximumRows), depth: min(wholeSteps(depth), maximumDepth))
    return AlignedBytes.rounded(elements * MemoryLayout<Tile.Left>.stride)
  }

  private static func wholeSteps(_ depth: Int) -> Int {
    (depth + Tile.stepMultiple - 1) / Tile.stepMultiple * Tile.stepMultiple
  }

  /// Elements of packed rows of A.
  @inline(always)
  private static func leftElements(rows: Int, depth: Int) -> Int {
    rows * depth / Tile.stepMultiple * Tile.quadElements
  }

  /// The product with a right-hand side that is not empty.
  ///
  /// Loops from the outside in: depth blocks (a group of panels stays in the L2 cache), row blocks (so does a block of
  /// A, rounded once), groups of panels, tiles.
  @inline(never)
  static func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, blocks: BlockSizes,
    scratch: AlignedBytes
  ) {
    assert(right.algorithm == .bf16_bf16_f32 && left.columns == right.depth && left.rows == result.rows)
    assert(result.stride >= right.panels * PackedOperand.panelColumns && right.depth > 0)
    let packed = scratch.bound(to: Tile.Left.self)
    let tileRows = min(blocks.tileRows, Tile.rows)
    let wholeDepth = wholeSteps(right.depth)
    let block = DotAlgorithm.bfloat16BlockDepth
    let blockDepth = min((blocks.depth + block - 1) / block * block, maximumDepth)
    let blockRows = min(blocks.rows, maximumRows)
    var depthStart = 0
    while depthStart < wholeDepth {
      let depth = min(blockDepth, wholeDepth - depthStart)
      let start = depthStart == 0 ? TileStart(initial) : TileStart(.result)
      var rowStart = 0
      while rowStart < left.rows {
        let remainingBlocks = (left.rows - rowStart + blockRows - 1) / blockRows
        let rows = (left.rows - rowStart + remainingBlocks - 1) / remainingBlocks
        let tiles = (rows + tileRows - 1) / tileRows
        packLeft(
          left.rows(rowStart..<rowStart + rows), from: depthStart, depth: depth, tiles: tiles, into: packed)
        multiplyBlock(
          packed, right, from: depthStart, depth: depth, start: start,
          result: result.rows(rowStart..<rowStart + rows), tiles: tiles, descends: blocks.descends)
        rowStart += rows
      }
      depthStart += depth
    }
  }

  /// Rounds some columns of A and pads them with zeros to `depth`. Each tile's rows are interleaved.
  private static func packLeft(
    _ left: Matrix, from first: Int, depth: Int, tiles: Int, into packed: UnsafeMutablePointer<Tile.Left>
  ) {
    let columns = min(depth, left.columns - first)
    var row = 0
    for tile in 0..<tiles {
      let height = (left.rows - row) / (tiles - tile)
      let stride = height * Tile.quadElements
      for offset in 0..<height {
        let source = left.row(row + offset) + first
        var target = packed + leftElements(rows: row, depth: depth) + offset * Tile.quadElements
        let quads = Vector.scalarCount / Tile.stepMultiple
        var column = 0
        while column + Vector.scalarCount <= columns {
          Tile.packLeft(
            Vector.load(source + column), quads: quads, into: target, stride: stride)
          target += quads * stride
          column += Vector.scalarCount
        }
        while column < depth {
          let values = Vector.load(source + column, count: max(0, min(Vector.scalarCount, columns - column)))
          Tile.packLeft(
            values, quads: min(quads, (depth - column) / Tile.stepMultiple), into: target,
            stride: stride)
          target += quads * stride
          column += Vector.scalarCount
        }
      }
      row += height
    }
  }

  @inline(always)
  private static func multiplyBlock(
    _ left: UnsafePointer<Tile.Left>, _ right: PackedOperand, from depthStart: Int, depth: Int,
    start: TileStart, result: Matrix, tiles: Int, descends: Bool
  ) {
    let columns = PackedOperand.panelColumns
    let highest = (result.rows + tiles - 1) / tiles
    let blocks = (depth + DotAlgorithm.bfloat16BlockDepth - 1) / DotAlgorithm.bfloat16BlockDepth
    func words(_ panel: Int) -> UnsafePointer<UInt32> {
      UnsafePointer(right.words(panel: panel)) + depthStart / PackedOperand.rowsPerVector * columns
    }
    var done = 0
    while done < right.panels {
      let group = Tile.nextPanels(of: right.panels - done, rows: highest)
      let panel = descends ? right.panels - done - group : done
      let next = descends ? max(0, panel - group) : panel + group
      // The tiles of a group fetch the next one, an equal part each. A single tile is as fast as the memory.
      let lines = tiles > 1 && done + group < right.panels ? group * depth / 2 : 0
      let tileLines = (lines + tiles * blocks - 1) / (tiles * blocks)
      var row = 0
      for tile in 0..<tiles {
        let height = (result.rows - row) / (tiles - tile)
        Tile.multiply(
          rows: height, panels: group,
          BFloat16TileOperands(
            left: left + leftElements(rows: row, depth: depth), leftStride: height * Tile.quadElements,
            right: words(panel), rightStride: columns, panelStride: right.panelWords, depth: depth,
            start: start.advanced(column: panel * columns), sums: result.row(row) + panel * columns,
            result: result.row(row) + panel * columns, resultStride: result.stride, addsToResult: false,
            prefetch: words(lines > 0 ? next : panel) + tile * blocks * tileLines * columns,
            prefetchLines: tileLines))
        row += height
      }
      done += group
    }
  }
}
