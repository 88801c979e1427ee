import CProcessor
import KernelInterface

/// Weight gradients. For gates a = x W + h₋₁ U + b, with the left-hand sides x, h₋₁ and 1 side by side:
///
///     [dW; dU; db] = Σ over lanes Σ over positions p of the lane of [x, h₋₁, 1][p]ᵀ · da[p]
///
/// Each element is one chain of fused multiply-adds over the positions of a lane, in order, and the fixed tree over
/// lanes.
///
/// Loops from the outside in: blocks of left-hand columns, which packed stay in the last-level cache; groups of
/// right-hand panels, one tile wide; blocks of positions, whose right-hand panels stay in the L2 cache; tiles. Lanes
/// are reduced tile by tile while the tile is in the L1 cache, see `WeightGradientFold.swift`.
///
/// Dot algorithms share the loops; what they differ in is the format.
enum WeightGradients<Format: WeightGradientFormat> {
  /// Positions whose group of right-hand panels takes a good part of the L2 cache.
  private static var blockPositions: Int {
    (416 << 10) / (groupColumns * Format.rightElementByteCount) / Format.blockMultiple * Format.blockMultiple
  }
  /// Elements of the memory for them.
  private static var packedRightElements: Int {
    blockPositions * groupColumns * Format.rightElementByteCount / MemoryLayout<Float>.stride
  }
  /// Bytes of packed left-hand columns that stay in the last-level cache.
  private static var blockBytes: Int { 8 << 20 }
  /// Enough levels for 2³⁰ lanes.
  private static var treeLevels: Int { 30 }
  private static var groupColumns: Int { Format.tilePanels * PackedOperand.panelColumns }

  /// Bytes that are enough for so many left-hand columns or fewer: a share of them may have larger blocks than all.
  static func scratchByteCount(positions: LaneIndex, leftColumns: Int) -> Int {
    let positions = PaddedLanes.count(positions, multiple: Format.positionMultiple)
    let columns = wholeTiles(min(leftColumns, mostBlockColumns(positions: positions)))
    let elements =
      packedLeftElements(columns: columns, positions: positions) + packedRightElements
      + treeLevels * (Format.tileRows + columns) * groupColumns
    return elements * MemoryLayout<Float>.stride
  }

  /// Elements of packed left-hand columns; whole vectors, so that what follows them is aligned.
  private static func packedLeftElements(columns: Int, positions: Int) -> Int {
    VectorWidth.padded(Format.packedLeft(wholeTiles(columns) * positions))
  }

  /// Left-hand columns of a block, whole tiles.
  private static func blockColumns(positions: Int, leftColumns: Int) -> Int {
    let maximum = mostBlockColumns(positions: positions)
    let blocks = (leftColumns + maximum - 1) / maximum
    let columns = (leftColumns + blocks - 1) / max(blocks, 1)
    return wholeTiles(columns)
  }

  /// Maximum of left-hand columns of a block, before it is rounded up to whole tiles.
  private static func mostBlockColumns(positions: Int) -> Int {
    max(8 * Format.tileRows, blockBytes / (MemoryLayout<Float>.stride * max(positions, 1)))
  }

  private static func wholeTiles(_ columns: Int) -> Int {
    (columns + Format.tileRows - 1) / Format.tileRows * Format.tileRows
  }

  @inline(never)
  static func outerProducts(
    lefts: [OuterOperand], right: StoredRows, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: AlignedBytes
  ) {
    let leftColumns = lefts.reduce(0) { $0 + $1.columns }
    assert(scratch.count >= scratchByteCount(positions: positions, leftColumns: leftColumns))
    let positions = PaddedLanes(positions, multiple: Format.positionMultiple)
    let count = positions.rows.count
    assert(nodes.count == outputs.count)
    if count == 0 { return clear(outputs, unless: accumulates) }
    let block = blockColumns(positions: count, leftColumns: leftColumns)
    let elements = scratch.bound(to: Float.self)
    var first = 0
    while first < leftColumns {
      let columns = first..<min(first + block, leftColumns)
      let slice = OuterOperand.slice(lefts, outputs, columns: columns)
      multiplyBlock(
        slice.operands, columns: columns.count, right: right, width: width, positions: positions,
        nodes: nodes, outputs: slice.outputs, accumulates: accumulates, scratch: elements)
      first += block
    }
  }

  /// Sums over no positions at all.
  private static func clear(_ outputs: [[Matrix]], unless accumulates: Bool) {
    if accumulates { return }
    for matrices in outputs {
      for output in matrices {
        for row in 0..<output.rows { output.row(row).update(repeating: 0, count: output.columns) }
      }
    }
  }

  private static func multiplyBlock(
    _ lefts: [OuterOperand], columns: Int, right: StoredRows, width: Int, positions: PaddedLanes,
    nodes: [Range<Int>], outputs: [[Matrix]], accumulates: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    let count = positions.rows.count
    let rightScratch = scratch + packedLeftElements(columns: columns, positions: count)
    let tileScratch = rightScratch + packedRightElements
    let groupScratch = tileScratch + treeLevels * Format.tileRows * groupColumns
    let panels = VectorWidth.padded(right.columns) / PackedOperand.panelColumns
    var firstColumn = 0
    for left in lefts {
      packLeft(left, firstColumn: firstColumn, positions: positions, into: scratch)
      firstColumn += left.columns
    }

    let groups = (panels + Format.tilePanels - 1) / Format.tilePanels
    positions.rows.withUnsafeBufferPointer { order in
      guard let order = order.baseAddress else { return }
      var panel = 0
      for index in 0..<groups {
        let group = (panels - panel + groups - index - 1) / (groups - index)
        let fold = WeightGradientFold<Format>(
          left: scratch, right: RightRows(right).panels(from: panel), order: order, positions: count,
          starts: positions.starts, leftColumns: columns, panels: group,
          nextPanels: min(Format.tilePanels, panels - panel - group), rightScratch: rightScratch,
          tileScratch: tileScratch, groupScratch: groupScratch, blockPositions: blockPositions)
        for (node, matrices) in zip(nodes, outputs) {
          fold.fold(node, into: groupScratch, level: 1)
          var rows = groupScratch
          for output in matrices {
            unpack(rows, panels: panel..<panel + group, width: width, accumulates: accumulates, into: output)
            rows += output.rows * groupColumns
          }
        }
        panel += group
      }
    }
  }

  /// Copies a group of panels of a gradient to their columns of the output, without padding between gates. Row by row, as
  /// neighbouring cache lines are fetched together.
  private static func unpack(
    _ source: UnsafePointer<Float>, panels: Range<Int>, width: Int, accumulates: Bool, into output: Matrix
  ) {
    withUnsafeTemporaryAllocation(of: (first: Int, count: Int).self, capacity: Format.tilePanels) { places in
      for (offset, panel) in panels.enumerated() { places[offset] = panelColumns(panel, width: width) }
      for row in 0..<output.rows {
        let (source, target) = (source + row * groupColumns, output.row(row))
        for offset in 0..<panels.count {
          let (first, count) = places[offset]
          let sum = Vector.load(source + offset * PackedOperand.panelColumns)
          let target = target + first
          (accumulates ? Vector.load(target, count: count) + sum : sum).store(target, count: count)
        }
      }
    }
  }

  /// Packs a left-hand side in lane order, so that the micro-kernel reads it contiguously. Tile t holds its r
  /// columns of every position: `packed[(t · positions + p) · r + column]`. The operand's columns are those from
  /// `firstColumn` on of all left-hand sides.
  private static func packLeft(
    _ operand: OuterOperand, firstColumn: Int, positions: PaddedLanes,
    into packed: UnsafeMutablePointer<Float>
  ) {
    positions.rows.withUnsafeBufferPointer { order in
      guard let order = order.baseAddress else { return }
      let count = positions.rows.count
      guard let left = operand.matrix else {
        var one: Float = 1
        return withUnsafeMutablePointer(to: &one) {
          let ones = Matrix(pointer: $0, rows: 1, columns: 1, stride: 1)
          packLeft(
            ones, repeats: true, firstColumn: firstColumn, count: count, order: order, rows: nil, into: packed
          )
        }
      }
      if let rows = operand.rows {
        rows.withUnsafeBufferPointer {
          packLeft(
            left, firstColumn: firstColumn, count: count, order: order, rows: $0.baseAddress, into: packed)
        }
      } else {
        packLeft(left, firstColumn: firstColumn, count: count, order: order, rows: nil, into: packed)
      }
    }
  }

  /// - Parameters:
  ///   - repeats: Whether the first row belongs to every position.
  ///   - rows: The row of `left` that belongs to each position; nil means the position itself.
  @inline(always)
  private static func packLeft(
    _ left: Matrix, repeats: Bool = false, firstColumn: Int, count: Int, order: UnsafePointer<Int32>,
    rows: UnsafePointer<Int32>?,
    into packed: UnsafeMutablePointer<Float>
  ) {
    @inline(always)
    func row(_ index: Int) -> UnsafePointer<Float> {
      if repeats { return UnsafePointer(left.pointer) }
      let position = max(Int(order[index]), 0)
      return UnsafePointer(left.row(rows.map { Int($0[position]) } ?? position))
    }
    // A block of rows stays in the L1 cache while its columns are copied to their tiles and the next block is
    // prefetched.
    let block = Format.packedPositions
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: block) { memory in
      guard let rowsOfBlock = memory.baseAddress else { return }
      var start = 0
      while start < count {
        let size = min(block, count - start)
        var padding: UInt32 = 0
        for index in 0..<size {
          rowsOfBlock[index] = row(start + index)
          if order[start + index] < 0 { padding |= 1 &<< UInt32(index) }
          if start + block + index < count {
            let next = row(start + block + index)
            // A vector is as long as a cache line.
            for column in stride(from: 0, to: left.columns, by: Vector.scalarCount) {
              weft_prefetch(next + column)
            }
          }
        }
        let current = LeftRows(rows: rowsOfBlock, count: size, columns: left.columns, padding: padding)
        var column = 0
        while column < left.columns {
          let place = firstColumn + column
          let offset = place % Format.tileRows
          let columns = min(Format.tileRows - offset, left.columns - column)
          let tile =
            packed + Format.packedLeft((place / Format.tileRows * count + start) * Format.tileRows)
          Format.packTile(current, column: column, columns: columns, offset: offset, into: tile)
          column += columns
        }
        start += size
      }
    }
  }
}
