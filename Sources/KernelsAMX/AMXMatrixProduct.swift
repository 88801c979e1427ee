import CTile
import KernelInterface
import KernelsAVX512

/// The matrix product:
///
///     forward     C = initial + A B
///     backward    dA = dC Bᵀ;  dB = Aᵀ dC, see `AMXWeightGradients.swift`
extension AMXDotKernels {
  /// Rows of A that are rounded together, and the steps of the depth: at most 0.8 MiB.
  private static var maximumRows: Int { 192 }
  private static var maximumDepth: Int { 2048 }

  package static func multiplyScratchByteCount(rows: Int, depth: Int) -> Int {
    AlignedBytes.rounded(min(rows, maximumRows) * leftStride(blockDepth(depth)))
  }

  /// Steps of a block of the depth.
  private static func blockDepth(_ depth: Int) -> Int {
    min(DotAlgorithm.bfloat16PaddedDepth(depth), maximumDepth)
  }

  /// Distance in bytes between rounded rows of A: one cache line more than they have, as those at multiples of a page
  /// would share their place in the cache.
  private static func leftStride(_ depth: Int) -> Int { depth * MemoryLayout<UInt16>.stride + rowBytes }

  /// Loops from the outside in: depth blocks, row blocks (a block of A, rounded once, stays in the L2 cache), numbers of
  /// rows of a tile, panels in twos (which stay in the L1 cache), tiles.
  @inline(never)
  package static func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, blocks: BlockSizes,
    scratch: AlignedBytes
  ) {
    assert(right.algorithm == algorithm && left.columns == right.depth && left.rows == result.rows)
    assert(result.stride >= right.panels * PackedOperand.panelColumns)
    if left.rows == 0 { return }
    if right.depth == 0 {
      // The start alone.
      return BFloat16DotKernels.multiply(
        left, right, initial: initial, into: result, blocks: blocks, scratch: scratch)
    }
    let rounded = UnsafeMutableRawPointer(scratch.start)
    let wholeDepth = DotAlgorithm.bfloat16PaddedDepth(right.depth)
    let blockDepth = min(DotAlgorithm.bfloat16PaddedDepth(blocks.depth), maximumDepth)
    let blockRows = min(blocks.rows, maximumRows)
    var depthStart = 0
    while depthStart < wholeDepth {
      let depth = min(blockDepth, wholeDepth - depthStart)
      let start = depthStart == 0 ? TileStart(initial) : TileStart(.result)
      var rowStart = 0
      while rowStart < left.rows {
        let remaining = (left.rows - rowStart + blockRows - 1) / blockRows
        let rows = (left.rows - rowStart + remaining - 1) / remaining
        let stride = leftStride(depth)
        round(
          left.rows(rowStart..<rowStart + rows), from: depthStart, depth: depth, stride: stride, into: rounded
        )
        multiplyBlock(
          rounded, stride: stride, right, from: depthStart, depth: depth, start: start,
          result: result.rows(rowStart..<rowStart + rows), descends: blocks.descends)
        rowStart += rows
      }
      depthStart += depth
    }
    weft_tile_release()
  }

  /// Rounds some columns of A and pads them with zeros to `depth`.
  private static func round(
    _ left: Matrix, from first: Int, depth: Int, stride: Int, into rounded: UnsafeMutableRawPointer
  ) {
    let columns = min(depth, left.columns - first)
    for row in 0..<left.rows {
      let source = left.row(row) + first
      let target = rounded + row * stride
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
    _ left: UnsafeRawPointer, stride: Int, _ right: PackedOperand, from depthStart: Int, depth: Int,
    start: TileStart, result: Matrix, descends: Bool
  ) {
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
              + depthStart / PackedOperand.rowsPerVector * PackedOperand.panelColumns,
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
