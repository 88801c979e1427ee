import CProcessor
import KernelInterface

extension VectorKernels {
  /// Positions whose packed panels fill a good part of the second-level cache.
  private static var blockPositions: Int { 384 * 1024 / (TileShape.panels * PackedMatrix.panelWidth * 4) }
  /// Enough levels for 2³⁰ lanes.
  private static var treeLevels: Int { 30 }
  private static var groupColumns: Int { TileShape.panels * PackedMatrix.panelWidth }

  package static var outerProductsTile: Int { TileShape.rows }

  package static func outerProductsScratch(positions: Int, leftColumns: Int) -> Int {
    let columns = blockColumns(positions: positions, leftColumns: leftColumns)
    return alignedCount(columns * positions) + blockPositions * groupColumns
      + treeLevels * (TileShape.rows + columns) * groupColumns + 64
  }

  /// Columns of the left-hand sides that are dealt with at a time, whole tiles: packed, they must stay in the shared
  /// cache, since every group of panels streams through them.
  private static func blockColumns(positions: Int, leftColumns: Int) -> Int {
    let most = max(8 * TileShape.rows, (8 << 20) / (4 * max(positions, 1)))
    let blocks = (leftColumns + most - 1) / most
    let columns = (leftColumns + blocks - 1) / max(blocks, 1)
    return (columns + TileShape.rows - 1) / TileShape.rows * TileShape.rows
  }

  /// The left-hand sides are packed in lane order, so that the micro-kernel streams through them, and so is a group
  /// of the right-hand side's panels, a block of positions at a time. Lanes are folded tile by tile while a tile is
  /// in the first-level cache.
  @inline(never)
  package static func outerProducts(
    lefts: [OuterOperand], right: Matrix, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: Matrix
  ) {
    let leftColumns = lefts.reduce(0) { $0 + $1.columns }
    let count = positions.rows.count
    assert(nodes.count == outputs.count)
    assert(scratch.columns >= outerProductsScratch(positions: count, leftColumns: leftColumns))
    if count == 0 { return clear(outputs, unless: accumulates) }
    let block = blockColumns(positions: count, leftColumns: leftColumns)
    var first = 0
    while first < leftColumns {
      let columns = first..<min(first + block, leftColumns)
      let slice = OuterOperand.slice(lefts, outputs, columns: columns)
      multiplyBlock(
        slice.operands, columns: columns.count, right: right, width: width, positions: positions,
        nodes: nodes,
        outputs: slice.outputs, accumulates: accumulates, scratch: scratch.pointer)
      first += block
    }
  }

  private static func multiplyBlock(
    _ lefts: [OuterOperand], columns: Int, right: Matrix, width: Int, positions: LaneIndex,
    nodes: [Range<Int>], outputs: [[Matrix]], accumulates: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    let count = positions.rows.count
    let tiles = (columns + TileShape.rows - 1) / TileShape.rows
    let rightScratch = scratch + alignedCount(tiles * TileShape.rows * count)
    let tileScratch = rightScratch + blockPositions * groupColumns
    let groupScratch = tileScratch + treeLevels * TileShape.rows * groupColumns
    let panelsPerGate = PackedMatrix.padded(width) / PackedMatrix.panelWidth
    let panels = PackedMatrix.padded(right.columns) / PackedMatrix.panelWidth
    var firstColumn = 0
    for left in lefts {
      packLeft(left, firstColumn: firstColumn, positions: positions, into: scratch)
      firstColumn += left.columns
    }

    let groups = (panels + TileShape.panels - 1) / TileShape.panels
    positions.rows.withUnsafeBufferPointer { order in
      guard let order = order.baseAddress else { return }
      var panel = 0
      for index in 0..<groups {
        let group = (panels - panel + groups - index - 1) / (groups - index)
        let product = LaneProduct(
          left: scratch, right: right.pointer + panel * PackedMatrix.panelWidth, rightStride: right.stride,
          order: order, positions: count, starts: positions.starts, leftColumns: columns, panels: group,
          nextPanels: min(TileShape.panels, panels - panel - group), rightScratch: rightScratch,
          tileScratch: tileScratch,
          groupScratch: groupScratch, blockPositions: blockPositions)
        for (node, matrices) in zip(nodes, outputs) {
          product.fold(node, into: groupScratch, level: 1)
          var rows = groupScratch
          for output in matrices {
            for offset in 0..<group {
              unpack(
                rows + offset * PackedMatrix.panelWidth, stride: groupColumns, panel: panel + offset,
                panelsPerGate: panelsPerGate, width: width, accumulates: accumulates, into: output)
            }
            rows += output.rows * groupColumns
          }
        }
        panel += group
      }
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

  private static func alignedCount(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  /// Tile t holds its six columns of every position: `packed[(t · positions + p) · 6 + column]`. The operand's
  /// columns are those from `firstColumn` on of all left-hand sides.
  private static func packLeft(
    _ operand: OuterOperand, firstColumn: Int, positions: LaneIndex,
    into packed: UnsafeMutablePointer<Float>
  ) {
    let count = positions.rows.count
    guard let left = operand.matrix else {
      let target =
        packed + firstColumn / TileShape.rows * count * TileShape.rows + firstColumn % TileShape.rows
      for index in 0..<count { target[index * TileShape.rows] = 1 }
      return
    }
    positions.rows.withUnsafeBufferPointer { order in
      guard let order = order.baseAddress else { return }
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

  /// - Parameter rows: The row of `left` opposite each position; nil means the position itself.
  @inline(always)
  private static func packLeft(
    _ left: Matrix, firstColumn: Int, count: Int, order: UnsafePointer<Int32>, rows: UnsafePointer<Int32>?,
    into packed: UnsafeMutablePointer<Float>
  ) {
    @inline(always)
    func row(_ index: Int) -> UnsafePointer<Float> {
      let position = Int(order[index])
      return UnsafePointer(left.row(rows.map { Int($0[position]) } ?? position))
    }
    // A block of rows stays in the first-level cache while its columns are dealt to the tiles and the next block's
    // rows are fetched.
    let block = 16
    var current = InlineArray<16, UnsafePointer<Float>>(repeating: UnsafePointer(left.pointer))
    var start = 0
    while start < count {
      let size = min(block, count - start)
      for index in 0..<size {
        current[index] = row(start + index)
        if start + block + index < count {
          let next = row(start + block + index)
          for column in stride(from: 0, to: left.columns, by: 16) { weft_prefetch(next + column) }
        }
      }
      var column = 0
      while column < left.columns {
        let place = firstColumn + column
        let offset = place % TileShape.rows
        let columns = min(TileShape.rows - offset, left.columns - column)
        let tile = packed + (place / TileShape.rows * count + start) * TileShape.rows + offset
        if columns == 6 {
          for index in 0..<size { copySix(from: current[index] + column, to: tile + index * TileShape.rows) }
        } else {
          for index in 0..<size {
            for offset in 0..<columns {
              tile[index * TileShape.rows + offset] = current[index][column + offset]
            }
          }
        }
        column += columns
      }
      start += size
    }
  }

  @inline(always)
  private static func copySix(from source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(target).storeBytes(
      of: UnsafeRawPointer(source).loadUnaligned(as: SIMD4<Float>.self), as: SIMD4<Float>.self)
    UnsafeMutableRawPointer(target + 4).storeBytes(
      of: UnsafeRawPointer(source + 4).loadUnaligned(as: SIMD2<Float>.self), as: SIMD2<Float>.self)
  }

  /// Copies one panel's columns of a gradient to their place among the true columns of its gate.
  private static func unpack(
    _ source: UnsafePointer<Float>, stride: Int, panel: Int, panelsPerGate: Int, width: Int,
    accumulates: Bool, into output: Matrix
  ) {
    let firstUnit = panel % panelsPerGate * PackedMatrix.panelWidth
    let count = min(PackedMatrix.panelWidth, width - firstUnit)
    let column = panel / panelsPerGate * width + firstUnit
    for row in 0..<output.rows {
      let target = output.row(row) + column
      let sum = Vector.load(source + row * stride)
      (accumulates ? Vector.load(target, count: count) + sum : sum).store(target, count: count)
    }
  }
}

/// The product of one group of panels with all rows of the left-hand side, lane by lane.
private struct LaneProduct {
  let left: UnsafeMutablePointer<Float>
  /// The group's first column of the right-hand side.
  let right: UnsafePointer<Float>
  let rightStride: Int
  /// Positions in lane order.
  let order: UnsafePointer<Int32>
  let positions: Int
  let starts: [Int]
  let leftColumns: Int
  let panels: Int
  /// Panels of the next group; 0 if this is the last.
  let nextPanels: Int
  /// `[blockPositions, groupColumns]`: the group's columns of a block of positions, side by side.
  let rightScratch: UnsafeMutablePointer<Float>
  let tileScratch: UnsafeMutablePointer<Float>
  let groupScratch: UnsafeMutablePointer<Float>
  let blockPositions: Int

  /// The first tiles, 2^`fetchShift` for each panel, fetch what is needed next.
  private var fetchShift: Int { leftColumns >= 16 * TileShape.rows * TileShape.panels ? 3 : 1 }

  private var groupColumns: Int { TileShape.panels * PackedMatrix.panelWidth }

  /// target = the tree's sum over `lanes`; small ranges are folded tile by tile, large ones as whole groups.
  func fold(_ lanes: Range<Int>, into target: UnsafeMutablePointer<Float>, level: Int) {
    let first = starts[lanes.lowerBound]
    let count = starts[lanes.upperBound] - first
    if lanes.count > 1, count > blockPositions {
      let (lower, upper) = halves(of: lanes)
      let rows = (leftColumns + TileShape.rows - 1) / TileShape.rows * TileShape.rows
      let other = groupScratch + level * rows * groupColumns
      fold(lower, into: target, level: level + 1)
      fold(upper, into: other, level: level + 1)
      add(other, to: target, rows: leftColumns)
      return
    }
    if lanes.count == 1 { return foldLane(first: first, count: count, into: target) }
    packRight(first: first, count: count)
    let block = Block(first: first, count: count)
    var column = 0
    while column < leftColumns {
      let rows = min(TileShape.rows, leftColumns - column)
      foldTile(lanes, block, column: column, rows: rows, into: target + column * groupColumns, level: 0)
      column += TileShape.rows
    }
  }

  /// Positions whose right-hand side is packed.
  private struct Block {
    let first: Int
    let count: Int
  }

  /// One lane, in blocks of positions that stay in the cache; a block goes on where the one before it left off.
  private func foldLane(first: Int, count: Int, into target: UnsafeMutablePointer<Float>) {
    var done = 0
    repeat {
      let block = Block(first: first + done, count: min(blockPositions, count - done))
      packRight(first: block.first, count: block.count)
      var column = 0
      while column < leftColumns {
        multiply(
          block, first: block.first, depth: block.count, column: column,
          rows: min(TileShape.rows, leftColumns - column), start: done == 0 ? .zero : .result, adds: false,
          into: target + column * groupColumns)
        column += TileShape.rows
      }
      done += block.count
    } while done < count
  }

  /// Whole rows of the group, as the processor's own prefetching gives up between rows that lie far apart.
  private func packRight(first: Int, count: Int) {
    for index in 0..<count {
      let source = right + Int(order[first + index]) * rightStride
      let packed = rightScratch + index * groupColumns
      for panel in 0..<panels {
        let column = panel * PackedMatrix.panelWidth
        Vector.load(source + column).store(packed + column)
      }
    }
  }

  private func foldTile(
    _ lanes: Range<Int>, _ block: Block, column: Int, rows: Int, into target: UnsafeMutablePointer<Float>,
    level: Int
  ) {
    if lanes.count == 1 {
      return multiply(lanes.lowerBound, block, column: column, rows: rows, adds: false, into: target)
    }
    let (lower, upper) = halves(of: lanes)
    foldTile(lower, block, column: column, rows: rows, into: target, level: level + 1)
    if upper.count == 1 {
      return multiply(upper.lowerBound, block, column: column, rows: rows, adds: true, into: target)
    }
    let other = tileScratch + level * TileShape.rows * groupColumns
    foldTile(upper, block, column: column, rows: rows, into: other, level: level + 1)
    add(other, to: target, rows: rows)
  }

  private func multiply(
    _ lane: Int, _ block: Block, column: Int, rows: Int, adds: Bool, into target: UnsafeMutablePointer<Float>
  ) {
    multiply(
      block, first: starts[lane], depth: starts[lane + 1] - starts[lane], column: column, rows: rows,
      start: .zero, adds: adds, into: target)
  }

  private func multiply(
    _ block: Block, first: Int, depth: Int, column: Int, rows: Int, start: TileStart, adds: Bool,
    into target: UnsafeMutablePointer<Float>
  ) {
    multiplyTile(
      rows: rows, panels: panels,
      TileOperands(
        left: left + column * positions + first * TileShape.rows, leftRowStride: 1,
        leftDepthStride: TileShape.rows,
        right: InterleavedRight(pointer: rightScratch + (first - block.first) * groupColumns), depth: depth,
        start: start, result: target, resultStride: groupColumns, addsToResult: adds,
        prefetch: prefetch(first: first, depth: depth, tile: column / TileShape.rows, distance: block.count)))
  }

  /// What a tile fetches while it works on `depth` positions from `first` on: lines of the positions that come
  /// `distance` later, of the next group where they begin anew. The first tiles share the panels and, as memory is
  /// slow, the positions.
  @inline(always)
  private func prefetch(first: Int, depth: Int, tile: Int, distance: Int) -> IndexedRight {
    let share = tile / TileShape.panels
    let offset = tile % TileShape.panels
    let panel = right + offset * PackedMatrix.panelWidth
    let start = share * depth &>> fetchShift
    if share < 1 &<< fetchShift {
      if offset < panels, first + distance + depth <= positions {
        return IndexedRight(
          pointer: panel, stride: rightStride, rows: order + first + distance + start, shift: fetchShift)
      }
      if offset < nextPanels, first + distance >= positions {
        return IndexedRight(
          pointer: panel + panels * PackedMatrix.panelWidth, stride: rightStride,
          rows: order + first + distance - positions + start, shift: fetchShift)
      }
    }
    // A single line, again and again.
    return IndexedRight(pointer: right, stride: 0, rows: order, shift: fetchShift)
  }

  private func add(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, rows: Int) {
    for row in 0..<rows {
      for panel in 0..<panels {
        let offset = row * groupColumns + panel * PackedMatrix.panelWidth
        (Vector.load(target + offset) + Vector.load(source + offset)).store(target + offset)
      }
    }
  }
}

/// The two subtrees of the fixed tree over a node's lanes: the lower one is the largest power of two that leaves
/// something for the upper one.
@inline(always)
func halves(of lanes: Range<Int>) -> (Range<Int>, Range<Int>) {
  var size = 1
  while size * 2 < lanes.count { size *= 2 }
  let middle = lanes.lowerBound + size
  return (lanes.lowerBound..<middle, middle..<lanes.upperBound)
}
