import CTile
import KernelInterface
import WeftBase

/// The matrix product:
///
///     forward     C = initial + A B
///     backward    dA = dC Bᵀ;  dB = Aᵀ dC, see `AMXWeightGradients.swift`
extension AMXDotKernels {
  package static func multiplyScratchByteCount(rows: Int, depth: Int) -> Int {
    AlignedBytes.rounded(min(rows, BFloat16Block.maximumRows) * leftStride(BFloat16Block.depth(depth)))
  }

  /// Distance in bytes between rounded rows of A: one cache line more than they have, as those at multiples of a page
  /// would share their place in the cache.
  private static func leftStride(_ depth: Int) -> Int { depth * MemoryLayout<UInt16>.stride + rowBytes }

  private static func forEachBlock(
    rows: Int, depth: Int, _ sizes: BlockSizes, _ body: (BFloat16Block) -> Void
  ) {
    BFloat16Block.forEach(rows: rows, depth: DotAlgorithm.bfloat16PaddedDepth(depth), sizes, body)
  }

  /// Loops from the outside in: depth blocks, row blocks (a block of A, rounded once, stays in the L2 cache), numbers of
  /// rows of a tile, panels in twos (which stay in the L1 cache), tiles.
  @inline(never)
  package static func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, blocks: BlockSizes,
    scratch: AlignedBytes
  ) {
    assert(left.columns == right.depth && left.rows == result.rows)
    if left.rows == 0 { return }
    if right.depth == 0 { return initial.store(into: result, panels: right.panels) }
    let rounded = UnsafeMutableRawPointer(scratch.start)
    forEachBlock(rows: left.rows, depth: right.depth, blocks) { block in
      round(left, block, rows: block.rows, into: rounded)
      multiplyBlock(rounded, right, block, initial: initial, into: result, descends: blocks.descends)
    }
    weft_tile_release()
  }

  package static func roundedLeftByteCount(rows: Int, depth: Int, blocks: BlockSizes) -> Int {
    var byteCount = 0
    forEachBlock(rows: rows, depth: depth, blocks) { byteCount += $0.rows.count * leftStride($0.depth) }
    return AlignedBytes.rounded(byteCount)
  }

  @inline(never)
  package static func roundLeft(
    _ left: Matrix, depth: Int, part: Int, of parts: Int, blocks: BlockSizes, into rounded: AlignedBytes
  ) {
    var place = UnsafeMutableRawPointer(rounded.start)
    forEachBlock(rows: left.rows, depth: depth, blocks) { block in
      let rows = share(of: block.rows.count, worker: part, workers: parts)
      round(
        left, block, rows: block.rows.lowerBound + rows.lowerBound..<block.rows.lowerBound + rows.upperBound,
        into: place + rows.lowerBound * leftStride(block.depth))
      place += block.rows.count * leftStride(block.depth)
    }
  }

  @inline(never)
  package static func multiply(
    rounded: AlignedBytes, _ right: PackedOperand, initial: InitialValue, into result: Matrix,
    blocks: BlockSizes
  ) {
    var place = UnsafeRawPointer(rounded.start)
    forEachBlock(rows: result.rows, depth: right.depth, blocks) { block in
      multiplyBlock(place, right, block, initial: initial, into: result, descends: blocks.descends)
      place += block.rows.count * leftStride(block.depth)
    }
    weft_tile_release()
  }

  /// Rounds some rows of a block of A and pads them with zeros to its depth.
  private static func round(
    _ left: Matrix, _ block: BFloat16Block, rows: Range<Int>, into rounded: UnsafeMutableRawPointer
  ) {
    let (first, depth, stride) = (block.depthStart, block.depth, leftStride(block.depth))
    let columns = min(depth, left.columns - first)
    for (place, row) in rows.enumerated() {
      let source = left.row(row) + first
      let target = rounded + place * stride
      for column in Swift.stride(from: 0, to: depth, by: Vector.scalarCount) {
        let count = max(0, min(Vector.scalarCount, columns - column))
        var values =
          (count == Vector.scalarCount
          ? Vector.load(source + column) : Vector.load(source + column, count: count)).roundedToBFloat16
        weft_store_upper_halves(&values, target + column * MemoryLayout<UInt16>.stride)
      }
    }
  }

  /// The rows of a block are shared evenly among products of at most two tiles of rows, so that no more than two numbers
  /// of rows occur, each of which takes a configuration.
  private static func multiplyBlock(
    _ left: UnsafeRawPointer, _ right: PackedOperand, _ block: BFloat16Block, initial: InitialValue,
    into whole: Matrix, descends: Bool
  ) {
    assert(right.algorithm == algorithm && whole.stride >= right.panels * PackedOperand.panelColumns)
    let (depth, result, start) = (block.depth, whole.rows(block.rows), block.start(initial))
    let stride = leftStride(depth)
    let products = (result.rows + 2 * tileRows - 1) / (2 * tileRows)
    let (rows, larger) = result.rows.quotientAndRemainder(dividingBy: products)
    var firstRow = 0
    for (height, count) in [(rows + 1, larger), (rows, products - larger)] where count > 0 {
      let upper = height <= tileRows ? height : (height + 1) / 2
      weft_tile_configure(upper, height - upper)
      let groups = (right.panels + 1) / 2
      for index in 0..<groups {
        let panel = 2 * (descends ? groups - 1 - index : index)
        let column = panel * PackedOperand.panelColumns
        for product in 0..<count {
          let row = firstRow + product * height
          TileOperands(
            left: left + row * stride, leftStride: stride, leftBlockStride: rowBytes,
            right: right.words(panel: panel)
              + block.depthStart / PackedOperand.rowsPerVector * PackedOperand.panelColumns,
            pairStride: rowBytes, panelStride: right.panelWords * MemoryLayout<UInt32>.stride,
            blocks: depth / DotAlgorithm.bfloat16BlockDepth, start: start.advanced(column: column),
            result: result.row(row) + column, resultStride: result.stride * MemoryLayout<Float>.stride
          ).multiply(upperRows: upper, hasLower: height > upper, hasRight: panel + 1 < right.panels)
        }
      }
      firstRow += height * count
    }
  }
}
