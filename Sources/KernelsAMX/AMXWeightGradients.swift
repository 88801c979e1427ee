import CTile
import KernelInterface
import WeftBase

/// Weight gradients: an element's sum over a lane is a product whose depth is the lane's positions, padded with zeros to
/// whole blocks; lanes are added by the fixed tree in float32.
extension AMXDotKernels {
  package static var outerProductsTile: Int { AMXWeightGradientFormat.tileRows }

  package static func outerProducts(
    lefts: [OuterOperand], right: StoredRows, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: AlignedBytes
  ) {
    weft_tile_configure(tileRows, tileRows)
    WorkerPool.flushingDenormals {
      WeightGradients<AMXWeightGradientFormat>.outerProducts(
        lefts: lefts, right: right, width: width, positions: positions, nodes: nodes, outputs: outputs,
        accumulates: accumulates, scratch: scratch)
    }
    weft_tile_release()
  }

  package static func outerProductsScratchByteCount(positions: LaneIndex, leftColumns: Int) -> Int {
    WeightGradients<AMXWeightGradientFormat>.scratchByteCount(positions: positions, leftColumns: leftColumns)
  }
}

extension AMXDotKernels: SplitOuterProducts {
  package static func splitOuterProducts(
    lefts: [OuterOperand], right: StoredRows, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: AlignedBytes
  ) {
    weft_tile_configure(tileRows, tileRows)
    WorkerPool.flushingDenormals {
      WeightGradients<SplitGradients<AMXWeightGradientFormat>>.outerProducts(
        lefts: lefts, right: right, width: width, positions: positions, nodes: nodes, outputs: outputs,
        accumulates: accumulates, scratch: scratch)
    }
    weft_tile_release()
  }

  package static func splitOuterProductsScratchByteCount(positions: LaneIndex, leftColumns: Int) -> Int {
    WeightGradients<SplitGradients<AMXWeightGradientFormat>>.scratchByteCount(
      positions: positions, leftColumns: leftColumns)
  }
}

/// Left-hand columns are rows of A, so that each block of 32 positions is transposed: `[32 columns, 32 positions]`, 64
/// bytes a row, at the place of its first position.
enum AMXWeightGradientFormat: BFloat16WeightGradientFormat {
  typealias Rows = BFloat16Pairs

  static var tileRows: Int { 2 * AMXDotKernels.tileRows }
  /// So many that a left-hand side, which comes from the last-level cache, is used often enough.
  static var tilePanels: Int { 8 }
  static var positionMultiple: Int { DotAlgorithm.bfloat16BlockDepth }
  static var leftElementByteCount: Int { MemoryLayout<UInt16>.stride }
  static var packedPositions: Int { positionMultiple }
  static var addsTiles: Bool { false }

  @inline(always)
  static func packTile(
    _ rows: LeftRows, column: Int, columns: Int, offset: Int, into tile: UnsafeMutablePointer<Float>
  ) {
    let width = Vector.scalarCount
    let block = UnsafeMutableRawPointer(tile) + offset * AMXDotKernels.rowBytes
    withUnsafeTemporaryAllocation(
      byteCount: width * AMXDotKernels.rowBytes, alignment: AMXDotKernels.rowBytes
    ) { pairs in
      guard let words = pairs.baseAddress?.assumingMemoryBound(to: UInt32.self) else { return }
      for first in stride(from: 0, to: columns, by: width) {
        let count = min(width, columns - first)
        // Columns behind those that are asked for are not copied.
        let isWide = column + first + width <= rows.columns
        for pair in 0..<width {
          BFloat16Pairs.pack(into: words + pair * width, stride: width) { step in
            let position = BFloat16Pairs.count * pair + step
            if rows.isPadding(position) { return Vector(repeating: 0) }
            let source = rows.rows[position] + column + first
            return isWide ? Vector.load(source) : Vector.load(source, count: count)
          }
        }
        weft_transpose_words(words, words)
        (block + first * AMXDotKernels.rowBytes).copyMemory(
          from: words, byteCount: count * AMXDotKernels.rowBytes)
      }
    }
  }

  @inline(always)
  static func sumTile(
    rows: Int, panels: Int, left: UnsafePointer<Float>, right: UnsafePointer<Float>, depth: Int,
    start: TileStart, adding: UnsafeMutablePointer<Float>?, into target: UnsafeMutablePointer<Float>,
    prefetch: PrefetchedLines
  ) {
    let columns = tilePanels * PackedOperand.panelColumns
    var line = 0
    for panel in stride(from: 0, to: panels, by: 2) {
      let column = panel * PackedOperand.panelColumns
      // All rows, whose packed columns are there: the sums of those beyond `rows` are never read.
      TileOperands(
        left: left, leftStride: AMXDotKernels.rowBytes,
        leftBlockStride: tileRows * AMXDotKernels.rowBytes, right: right + column,
        pairStride: columns * MemoryLayout<UInt32>.stride, panelStride: AMXDotKernels.rowBytes,
        blocks: depth / DotAlgorithm.bfloat16BlockDepth, start: start.advanced(column: column),
        result: target + column, resultStride: columns * MemoryLayout<Float>.stride
      ).multiply(upperRows: AMXDotKernels.tileRows, hasLower: true, hasRight: panel + 1 < panels)
      prefetch.fetch(from: &line, done: min(panel + 2, panels), of: panels, most: tilePanels)
    }
  }
}
