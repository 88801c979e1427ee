import KernelInterface

extension VectorKernels: LaneKernels {
  /// Positions whose packed panels fill a good part of the second-level cache.
  private static var blockPositions: Int { 384 * 1024 / (TileShape.panels * PackedMatrix.panelWidth * 4) }
  /// Enough levels for 2³⁰ lanes.
  private static var treeLevels: Int { 30 }
  private static var groupColumns: Int { TileShape.panels * PackedMatrix.panelWidth }

  package static func outerProductsScratch(positions: Int, leftColumns: Int) -> Int {
    let tiles = (leftColumns + TileShape.rows - 1) / TileShape.rows
    let group = tiles * TileShape.rows * groupColumns
    return tiles * TileShape.rows * positions + groupColumns * positions
      + treeLevels * (TileShape.rows * groupColumns) + treeLevels * group + 64
  }

  /// Both operands are packed in lane order, so that the micro-kernel streams through them; lanes are folded tile
  /// by tile while a tile is in the first-level cache.
  @inline(never)
  package static func outerProducts(
    left: Matrix, leftRows: [Int32]?, right: Matrix, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [Matrix], accumulates: Bool, scratch: Matrix
  ) {
    assert(nodes.count == outputs.count)
    assert(
      scratch.columns >= outerProductsScratch(positions: positions.rows.count, leftColumns: left.columns))
    let count = positions.rows.count
    let tiles = (left.columns + TileShape.rows - 1) / TileShape.rows
    let packedLeft = scratch.pointer
    let packedRight = packedLeft + alignedCount(tiles * TileShape.rows * count)
    let tileScratch = packedRight + groupColumns * count
    let groupScratch = tileScratch + treeLevels * TileShape.rows * groupColumns
    let panelsPerGate = PackedMatrix.padded(width) / PackedMatrix.panelWidth
    let panels = PackedMatrix.padded(right.columns) / PackedMatrix.panelWidth
    packLeft(left, rows: leftRows, positions: positions, into: packedLeft)

    var panel = 0
    while panel < panels {
      let group = min(TileShape.panels, panels - panel)
      packRight(right, panel: panel, count: group, positions: positions, into: packedRight)
      let product = LaneProduct(
        left: packedLeft, right: packedRight, positions: count, starts: positions.starts,
        leftColumns: left.columns, panels: group, tileScratch: tileScratch, groupScratch: groupScratch,
        blockPositions: blockPositions)
      for (node, output) in zip(nodes, outputs) {
        product.fold(node, into: groupScratch, level: 1)
        for index in 0..<group {
          unpack(
            groupScratch + index * PackedMatrix.panelWidth, stride: groupColumns, panel: panel + index,
            panelsPerGate: panelsPerGate, width: width, accumulates: accumulates, into: output)
        }
      }
      panel += group
    }
  }

  private static func alignedCount(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  /// Tile t holds its six columns of every position: `packed[(t · positions + p) · 6 + column]`.
  private static func packLeft(
    _ left: Matrix, rows: [Int32]?, positions: LaneIndex, into packed: UnsafeMutablePointer<Float>
  ) {
    let count = positions.rows.count
    let height = TileShape.rows
    let block = 16
    positions.rows.withUnsafeBufferPointer { order in
      var start = 0
      while start < count {
        let end = min(start + block, count)
        var column = 0
        var target = packed + start * height
        while column < left.columns {
          let columns = min(height, left.columns - column)
          for index in start..<end {
            let position = Int(order[index])
            let source = left.row(rows.map { Int($0[position]) } ?? position) + column
            let destination = target + (index - start) * height
            if columns == 6 {
              UnsafeMutableRawPointer(destination).storeBytes(
                of: UnsafeRawPointer(source).loadUnaligned(as: SIMD4<Float>.self), as: SIMD4<Float>.self)
              UnsafeMutableRawPointer(destination + 4).storeBytes(
                of: UnsafeRawPointer(source + 4).loadUnaligned(as: SIMD2<Float>.self), as: SIMD2<Float>.self)
            } else {
              for offset in 0..<columns { destination[offset] = source[offset] }
            }
          }
          column += height
          target += count * height
        }
        start = end
      }
    }
  }

  private static func packRight(
    _ right: Matrix, panel: Int, count: Int, positions: LaneIndex, into packed: UnsafeMutablePointer<Float>
  ) {
    let total = positions.rows.count
    positions.rows.withUnsafeBufferPointer { order in
      for index in 0..<total {
        let source = right.row(Int(order[index])) + panel * PackedMatrix.panelWidth
        for offset in 0..<count {
          Vector.load(source + offset * PackedMatrix.panelWidth).store(
            packed + (offset * total + index) * PackedMatrix.panelWidth)
        }
      }
    }
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
  let right: UnsafeMutablePointer<Float>
  let positions: Int
  let starts: [Int]
  let leftColumns: Int
  let panels: Int
  let tileScratch: UnsafeMutablePointer<Float>
  let groupScratch: UnsafeMutablePointer<Float>
  let blockPositions: Int

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
    var column = 0
    while column < leftColumns {
      let rows = min(TileShape.rows, leftColumns - column)
      if lanes.count > 1 {
        foldTile(lanes, column: column, rows: rows, into: target + column * groupColumns, level: 0)
      }
      column += TileShape.rows
    }
    if lanes.count == 1 { foldLane(first: first, count: count, into: target) }
  }

  /// One lane, in blocks of positions that stay in the cache; a block goes on where the one before it left off.
  private func foldLane(first: Int, count: Int, into target: UnsafeMutablePointer<Float>) {
    var done = 0
    repeat {
      let depth = min(blockPositions, count - done)
      var column = 0
      while column < leftColumns {
        multiply(
          first: first + done, depth: depth, column: column, rows: min(TileShape.rows, leftColumns - column),
          start: done == 0 ? .zero : .result, into: target + column * groupColumns)
        column += TileShape.rows
      }
      done += depth
    } while done < count
  }

  private func foldTile(
    _ lanes: Range<Int>, column: Int, rows: Int, into target: UnsafeMutablePointer<Float>, level: Int
  ) {
    if lanes.count == 1 {
      let first = starts[lanes.lowerBound]
      multiply(
        first: first, depth: starts[lanes.upperBound] - first, column: column, rows: rows, start: .zero,
        into: target)
      return
    }
    let (lower, upper) = halves(of: lanes)
    let other = tileScratch + level * TileShape.rows * groupColumns
    foldTile(lower, column: column, rows: rows, into: target, level: level + 1)
    foldTile(upper, column: column, rows: rows, into: other, level: level + 1)
    add(other, to: target, rows: rows)
  }

  private func multiply(
    first: Int, depth: Int, column: Int, rows: Int, start: TileStart, into target: UnsafeMutablePointer<Float>
  ) {
    multiplyTile(
      rows: rows, panels: panels,
      TileOperands(
        left: left + column * positions + first * TileShape.rows, leftRowStride: 1,
        leftDepthStride: TileShape.rows, right: right + first * PackedMatrix.panelWidth,
        panelStride: positions * PackedMatrix.panelWidth, depth: depth, start: start, result: target,
        resultStride: groupColumns, prefetch: left + column * positions + first * TileShape.rows))
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
