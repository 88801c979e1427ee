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

  /// A part of the depth and of A's rows.
  private struct Block {
    let depthStart: Int
    let depth: Int
    let rows: Range<Int>
    let tiles: Int
    let isFirst: Bool
  }

  /// Loops over the depth's blocks (a group of panels stays in the L2 cache) and inside over blocks of rows (so does a
  /// block of A). Operands are not empty.
  @inline(always)
  private static func forEachBlock(rows: Int, depth: Int, _ sizes: BlockSizes, _ body: (Block) -> Void) {
    let tileRows = min(sizes.tileRows, Tile.rows)
    let wholeDepth = wholeSteps(depth)
    let multiple = DotAlgorithm.bfloat16BlockDepth
    let blockDepth = min((sizes.depth + multiple - 1) / multiple * multiple, maximumDepth)
    let blockRows = min(sizes.rows, maximumRows)
    var depthStart = 0
    while depthStart < wholeDepth {
      let depth = min(blockDepth, wholeDepth - depthStart)
      var rowStart = 0
      while rowStart < rows {
        let remainingBlocks = (rows - rowStart + blockRows - 1) / blockRows
        let count = (rows - rowStart + remainingBlocks - 1) / remainingBlocks
        body(
          Block(
            depthStart: depthStart, depth: depth, rows: rowStart..<rowStart + count,
            tiles: (count + tileRows - 1) / tileRows, isFirst: depthStart == 0))
        rowStart += count
      }
      depthStart += depth
    }
  }

  /// The product with a right-hand side that is not empty. Each block of A is rounded once.
  @inline(never)
  static func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, blocks: BlockSizes,
    scratch: AlignedBytes
  ) {
    assert(left.columns == right.depth && left.rows == result.rows)
    let packed = scratch.bound(to: Tile.Left.self)
    forEachBlock(rows: left.rows, depth: right.depth, blocks) { block in
      packLeft(left, block, tiles: 0..<block.tiles, into: packed)
      multiplyBlock(packed, right, block, initial: initial, into: result, descends: blocks.descends)
    }
  }

  /// Bytes of all blocks of A.
  static func roundedLeftByteCount(rows: Int, depth: Int) -> Int {
    AlignedBytes.rounded(leftElements(rows: rows, depth: wholeSteps(depth)) * MemoryLayout<Tile.Left>.stride)
  }

  /// Rounds a share of the tiles of every block of A.
  @inline(never)
  static func roundLeft(
    _ left: Matrix, depth: Int, part: Int, of parts: Int, blocks: BlockSizes, into rounded: AlignedBytes
  ) {
    let packed = rounded.bound(to: Tile.Left.self)
    forEachBlock(rows: left.rows, depth: depth, blocks) { block in
      packLeft(
        left, block, tiles: share(of: block.tiles, worker: part, workers: parts),
        into: packed + place(of: block, rows: left.rows))
    }
  }

  /// The product with a left-hand side that `roundLeft` has rounded.
  @inline(never)
  static func multiply(
    rounded: AlignedBytes, _ right: PackedOperand, initial: InitialValue, into result: Matrix,
    blocks: BlockSizes
  ) {
    let packed = rounded.bound(to: Tile.Left.self)
    forEachBlock(rows: result.rows, depth: right.depth, blocks) { block in
      multiplyBlock(
        packed + place(of: block, rows: result.rows), right, block, initial: initial, into: result,
        descends: blocks.descends)
    }
  }

  /// Where a block of A is among all of them, which `rows` rows have.
  private static func place(of block: Block, rows: Int) -> Int {
    leftElements(rows: rows, depth: block.depthStart)
      + leftElements(rows: block.rows.lowerBound, depth: block.depth)
  }

  /// Rounds some tiles of a block of A and pads them with zeros to its depth. Each tile's rows are interleaved.
  private static func packLeft(
    _ matrix: Matrix, _ block: Block, tiles: Range<Int>, into packed: UnsafeMutablePointer<Tile.Left>
  ) {
    let (left, first, depth) = (matrix.rows(block.rows), block.depthStart, block.depth)
    let columns = min(depth, left.columns - first)
    var row = 0
    for tile in 0..<tiles.upperBound {
      let height = (left.rows - row) / (block.tiles - tile)
      defer { row += height }
      if tile < tiles.lowerBound { continue }
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
    }
  }

  /// Loops over groups of panels, and inside over tiles.
  @inline(always)
  private static func multiplyBlock(
    _ left: UnsafePointer<Tile.Left>, _ right: PackedOperand, _ block: Block, initial: InitialValue,
    into whole: Matrix, descends: Bool
  ) {
    assert(right.algorithm == .bf16_bf16_f32 && right.depth > 0)
    assert(whole.stride >= right.panels * PackedOperand.panelColumns)
    let (result, tiles) = (whole.rows(block.rows), block.tiles)
    let (depthStart, depth) = (block.depthStart, block.depth)
    let start = block.isFirst ? TileStart(initial) : TileStart(.result)
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
