import KernelInterface
import WeftBase

/// The matrix product, as `Float32DotKernels` has it, of operands rounded to bfloat16:
///
///     forward     C = initial + A B
///     backward    dA = dC Bᵀ;  dB = Aᵀ dC, see `BFloat16WeightGradients.swift`
extension BFloat16DotKernels {
  /// Rows of A that are rounded together, and the steps of the depth: at most 1.5 MiB.
  private static var maximumRows: Int { 192 }
  private static var maximumDepth: Int { 2048 }

  package static func multiplyScratchByteCount(rows: Int, depth: Int) -> Int {
    let depth = min(wholeSteps(depth), maximumDepth)
    return AlignedBytes.rounded(min(rows, maximumRows) * depth * MemoryLayout<Float>.stride)
  }

  private static func wholeSteps(_ depth: Int) -> Int {
    (depth + stepMultiple - 1) / stepMultiple * stepMultiple
  }

  package static func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, blocks: BlockSizes,
    scratch: AlignedBytes
  ) {
    WorkerPool.flushingDenormals {
      multiplyFlushing(left, right, initial: initial, into: result, blocks: blocks, scratch: scratch)
    }
  }

  /// Loops from the outside in: depth blocks (a group of panels stays in the L2 cache), row blocks (so does a block of
  /// A, rounded once), groups of panels, tiles.
  @inline(never)
  private static func multiplyFlushing(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, blocks: BlockSizes,
    scratch: AlignedBytes
  ) {
    assert(right.algorithm == algorithm && left.columns == right.depth && left.rows == result.rows)
    assert(result.stride >= right.panels * PackedOperand.panelColumns)
    if left.rows == 0 { return }
    if right.depth == 0 {
      let columns = right.panels * PackedOperand.panelColumns
      return VectorKernels.initialize(
        Matrix(pointer: result.pointer, rows: result.rows, columns: columns, stride: result.stride),
        from: initial)
    }
    let rounded = scratch.bound(to: Float.self)
    let tileRows = min(blocks.tileRows, BFloat16TileShape.rows)
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
        round(
          left.rows(rowStart..<rowStart + rows), from: depthStart, depth: depth, tiles: tiles, into: rounded)
        multiplyBlock(
          rounded, right, from: depthStart, depth: depth, start: start,
          result: result.rows(rowStart..<rowStart + rows), tiles: tiles, descends: blocks.descends)
        rowStart += rows
      }
      depthStart += depth
    }
  }

  /// Rounds some columns of A and pads them with zeros to `depth`. Each tile's rows are interleaved, as
  /// `BFloat16TileOperands` wants them.
  private static func round(
    _ left: Matrix, from first: Int, depth: Int, tiles: Int, into rounded: UnsafeMutablePointer<Float>
  ) {
    let columns = min(depth, left.columns - first)
    var row = 0
    for tile in 0..<tiles {
      let height = (left.rows - row) / (tiles - tile)
      for offset in 0..<height {
        let source = left.row(row + offset) + first
        let target = rounded + row * depth + offset
        for column in stride(from: 0, to: depth, by: Vector.scalarCount) {
          let count = max(0, min(Vector.scalarCount, columns - column))
          let values =
            (count == Vector.scalarCount
            ? Vector.load(source + column) : Vector.load(source + column, count: count)).roundedToBFloat16
          for index in 0..<min(Vector.scalarCount, depth - column) {
            target[(column + index) * height] = values[index]
          }
        }
      }
      row += height
    }
  }

  @inline(always)
  private static func multiplyBlock(
    _ left: UnsafePointer<Float>, _ right: PackedOperand, from depthStart: Int, depth: Int, start: TileStart,
    result: Matrix, tiles: Int, descends: Bool
  ) {
    let columns = PackedOperand.panelColumns
    let highest = (result.rows + tiles - 1) / tiles
    var done = 0
    while done < right.panels {
      let group = BFloat16TileShape.next(of: right.panels - done, rows: highest)
      let panel = descends ? right.panels - done - group : done
      var row = 0
      for tile in 0..<tiles {
        let height = (result.rows - row) / (tiles - tile)
        multiplyBFloat16Tile(
          rows: height, panels: group,
          BFloat16TileOperands(
            left: left + row * depth,
            right: right.pairs(panel: panel) + depthStart / BFloat16Pairs.steps * columns,
            pairStride: columns, panelStride: right.pairsStride, depth: depth,
            start: start.advanced(column: panel * columns), result: result.row(row) + panel * columns,
            resultStride: result.stride))
        row += height
      }
      done += group
    }
  }
}
