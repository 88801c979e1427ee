import KernelInterface

/// A part of the depth and of the left-hand rows of a product whose left-hand side is rounded to bfloat16 block by block.
struct BFloat16Block {
  /// Rows of A that are rounded together, and the steps of the depth: at most 1.5 MiB in the largest format.
  static var maximumRows: Int { 192 }
  static var maximumDepth: Int { 2048 }

  let depthStart: Int
  let depth: Int
  let rows: Range<Int>

  /// Where sums that begin with this block begin.
  @inline(always)
  func start(_ initial: InitialValue) -> TileStart {
    depthStart == 0 ? TileStart(initial) : TileStart(.result)
  }

  /// Steps of the largest block of a depth, or of the depth that the sizes name.
  @inline(always)
  static func depth(_ depth: Int) -> Int { min(DotAlgorithm.bfloat16PaddedDepth(depth), maximumDepth) }

  /// Loops over the depth's blocks (a group of panels stays in the L2 cache), and inside over blocks of nearly equal
  /// numbers of rows (so does a block of A).
  ///
  /// - Parameters:
  ///   - rows: Rows of A, at least 1.
  ///   - depth: The depth with its padding, at least 1.
  @inline(always)
  static func forEach(rows: Int, depth wholeDepth: Int, _ sizes: BlockSizes, _ body: (BFloat16Block) -> Void)
  {
    let blockDepth = depth(sizes.depth)
    let blockRows = min(sizes.rows, maximumRows)
    var depthStart = 0
    while depthStart < wholeDepth {
      let depth = min(blockDepth, wholeDepth - depthStart)
      var rowStart = 0
      while rowStart < rows {
        let remaining = (rows - rowStart + blockRows - 1) / blockRows
        let count = (rows - rowStart + remaining - 1) / remaining
        body(BFloat16Block(depthStart: depthStart, depth: depth, rows: rowStart..<rowStart + count))
        rowStart += count
      }
      depthStart += depth
    }
  }
}
