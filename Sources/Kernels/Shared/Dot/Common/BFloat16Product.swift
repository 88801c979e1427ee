import KernelInterface
import WeftBase

/// The matrix product of operands rounded to bfloat16, in an instruction set's tiles:
///
///     forward     C = initial + A B
///     backward    dA = dC Bᵀ;  dB = Aᵀ dC, see `BFloat16TileGradients`
enum BFloat16Product<Tile: BFloat16Tile> {
  static func scratchByteCount(rows: Int, depth: Int) -> Int {
    let elements = leftElements(
      rows: min(rows, BFloat16Block.maximumRows), depth: min(wholeSteps(depth), BFloat16Block.maximumDepth))
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

  /// Tiles of a block's rows.
  @inline(always)
  private static func tileCount(_ block: BFloat16Block, _ sizes: BlockSizes) -> Int {
    let tileRows = min(sizes.tileRows, Tile.rows)
    return (block.rows.count + tileRows - 1) / tileRows
  }

  /// The product with a right-hand side that is not empty. Each block of A is rounded once.
  @inline(never)
  static func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, blocks: BlockSizes,
    scratch: AlignedBytes
  ) {
    assert(left.columns == right.depth && left.rows == result.rows)
    let packed = scratch.bound(to: Tile.Left.self)
    BFloat16Block.forEach(rows: left.rows, depth: wholeSteps(right.depth), blocks) { block in
      let tiles = tileCount(block, blocks)
      packLeft(left, block, tiles: 0..<tiles, of: tiles, into: packed)
      multiplyBlock(packed, right, block, initial: initial, into: result, blocks)
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
    BFloat16Block.forEach(rows: left.rows, depth: wholeSteps(depth), blocks) { block in
      let tiles = tileCount(block, blocks)
      packLeft(
        left, block, tiles: share(of: tiles, worker: part, workers: parts), of: tiles,
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
    BFloat16Block.forEach(rows: result.rows, depth: wholeSteps(right.depth), blocks) { block in
      multiplyBlock(
        packed + place(of: block, rows: result.rows), right, block, initial: initial, into: result, blocks)
    }
  }

  /// Where a block of A is among all of them, which `rows` rows have.
  private static func place(of block: BFloat16Block, rows: Int) -> Int {
    leftElements(rows: rows, depth: block.depthStart)
      + leftElements(rows: block.rows.lowerBound, depth: block.depth)
  }

  /// Rounds some tiles of a block of A and pads them with zeros to its depth. Each tile's rows are interleaved.
  private static func packLeft(
    _ matrix: Matrix, _ block: BFloat16Block, tiles: Range<Int>, of count: Int,
    into packed: UnsafeMutablePointer<Tile.Left>
  ) {
    let (left, first, depth) = (matrix.rows(block.rows), block.depthStart, block.depth)
    let columns = min(depth, left.columns - first)
    var row = 0
    for tile in 0..<tiles.upperBound {
      let height = (left.rows - row) / (count - tile)
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
    _ left: UnsafePointer<Tile.Left>, _ right: PackedOperand, _ block: BFloat16Block, initial: InitialValue,
    into whole: Matrix, _ sizes: BlockSizes
  ) {
    assert(right.algorithm == .bf16_bf16_f32 && right.depth > 0)
    assert(whole.stride >= right.panels * PackedOperand.panelColumns)
    let (result, tiles) = (whole.rows(block.rows), tileCount(block, sizes))
    let (depthStart, depth, start) = (block.depthStart, block.depth, block.start(initial))
    let columns = PackedOperand.panelColumns
    let highest = (result.rows + tiles - 1) / tiles
    let blocks = (depth + DotAlgorithm.bfloat16BlockDepth - 1) / DotAlgorithm.bfloat16BlockDepth
    func words(_ panel: Int) -> UnsafePointer<UInt32> {
      UnsafePointer(right.words(panel: panel)) + depthStart / PackedOperand.rowsPerVector * columns
    }
    var done = 0
    while done < right.panels {
      let group = Tile.nextPanels(of: right.panels - done, rows: highest)
      let panel = sizes.descends ? right.panels - done - group : done
      let next = sizes.descends ? max(0, panel - group) : panel + group
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
