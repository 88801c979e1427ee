import KernelInterface

/// The product of all packed left-hand columns with one group of right-hand panels: of each lane by itself, then
/// reduced over the lanes by the fixed tree, S(node) = S(lower half) + S(upper half).
///
/// Small subtrees are reduced tile by tile, so that sums stay in the L1 cache; large ones as whole groups of panels.
struct WeightGradientFold<Format: WeightGradientFormat> {
  let left: UnsafeMutablePointer<Float>
  /// Positions in lane order.
  let order: UnsafePointer<Int32>
  let positions: Int
  let starts: [Int]
  let leftColumns: Int
  let panels: Int
  /// The group's first column of the right-hand side.
  let right: RightRows
  /// `[blockPositions, groupColumns]`: the group's panels of a block of positions, side by side; fewer bytes in some
  /// formats.
  let rightScratch: UnsafeMutablePointer<Float>
  /// A tile for each level of the tree.
  let tileScratch: UnsafeMutablePointer<Float>
  /// A tile for each of the left-hand columns and each level of the tree.
  let groupScratch: UnsafeMutablePointer<Float>
  let blockPositions: Int
  let schedule: PrefetchSchedule

  /// - Parameter nextPanels: Panels of the next group; 0 if this is the last.
  init(
    left: UnsafeMutablePointer<Float>, right: RightRows, order: UnsafePointer<Int32>, positions: Int,
    starts: [Int], leftColumns: Int, panels: Int,
    nextPanels: Int, rightScratch: UnsafeMutablePointer<Float>, tileScratch: UnsafeMutablePointer<Float>,
    groupScratch: UnsafeMutablePointer<Float>, blockPositions: Int
  ) {
    self.left = left
    self.order = order
    self.positions = positions
    self.starts = starts
    self.leftColumns = leftColumns
    self.panels = panels
    self.right = right
    self.rightScratch = rightScratch
    self.tileScratch = tileScratch
    self.groupScratch = groupScratch
    self.blockPositions = blockPositions
    schedule = PrefetchSchedule(
      right: right, order: order, positions: positions, leftColumns: leftColumns, panels: panels,
      nextPanels: nextPanels, tileRows: Format.tileRows, tilePanels: Format.tilePanels)
  }

  private var groupColumns: Int { Format.tilePanels * PackedOperand.panelColumns }

  /// Positions whose right-hand side is packed.
  private struct Block {
    let first: Int
    let count: Int
  }

  /// target = the sum over `lanes`.
  func fold(_ lanes: Range<Int>, into target: UnsafeMutablePointer<Float>, level: Int) {
    let first = starts[lanes.lowerBound]
    let count = starts[lanes.upperBound] - first
    if lanes.count > 1, count > blockPositions {
      let (lower, upper) = halves(of: lanes)
      let rows = (leftColumns + Format.tileRows - 1) / Format.tileRows * Format.tileRows
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
      let rows = min(Format.tileRows, leftColumns - column)
      foldTile(lanes, block, column: column, rows: rows, into: target + column * groupColumns, level: 0)
      column += Format.tileRows
    }
  }

  /// The sum over one lane, in blocks of positions that stay in the L2 cache; each block resumes the sums of the
  /// previous one.
  private func foldLane(first: Int, count: Int, into target: UnsafeMutablePointer<Float>) {
    var done = 0
    repeat {
      let block = Block(first: first + done, count: min(blockPositions, count - done))
      packRight(first: block.first, count: block.count)
      var column = 0
      while column < leftColumns {
        multiply(
          block, first: block.first, depth: block.count, column: column,
          rows: min(Format.tileRows, leftColumns - column), start: done == 0 ? .zero : .result, adding: nil,
          into: target + column * groupColumns)
        column += Format.tileRows
      }
      done += block.count
    } while done < count
  }

  /// Copies the group's panels of some positions, since hardware prefetchers do not follow rows that are far apart.
  private func packRight(first: Int, count: Int) {
    Format.packRight(
      right, order: order + first, count: count, panels: panels, into: rightScratch)
  }

  /// One tile's sum over `lanes`.
  private func foldTile(
    _ lanes: Range<Int>, _ block: Block, column: Int, rows: Int, into target: UnsafeMutablePointer<Float>,
    level: Int
  ) {
    if lanes.count == 1 {
      return multiply(lanes.lowerBound, block, column: column, rows: rows, adding: nil, into: target)
    }
    let (lower, upper) = halves(of: lanes)
    foldTile(lower, block, column: column, rows: rows, into: target, level: level + 1)
    let other = tileScratch + level * Format.tileRows * groupColumns
    if upper.count == 1, Format.addsTiles {
      return multiply(upper.lowerBound, block, column: column, rows: rows, adding: other, into: target)
    }
    foldTile(upper, block, column: column, rows: rows, into: other, level: level + 1)
    add(other, to: target, rows: rows)
  }

  /// One tile's sum over one lane.
  private func multiply(
    _ lane: Int, _ block: Block, column: Int, rows: Int, adding: UnsafeMutablePointer<Float>?,
    into target: UnsafeMutablePointer<Float>
  ) {
    multiply(
      block, first: starts[lane], depth: starts[lane + 1] - starts[lane], column: column, rows: rows,
      start: .zero, adding: adding, into: target)
  }

  /// One tile's sum over `depth` positions of a block from `first` on.
  private func multiply(
    _ block: Block, first: Int, depth: Int, column: Int, rows: Int, start: TileStart,
    adding: UnsafeMutablePointer<Float>?, into target: UnsafeMutablePointer<Float>
  ) {
    // Both divisors are constants.
    let (share, offset) = (column / Format.tileRows).quotientAndRemainder(dividingBy: Format.tilePanels)
    Format.sumTile(
      rows: rows, panels: panels,
      left: left + Format.packedLeft(column * positions + first * Format.tileRows),
      right: Format.advanced(rightScratch, positions: first - block.first), depth: depth, start: start,
      adding: adding, into: target,
      prefetch: schedule.lines(
        first: first, depth: depth, share: share, offset: offset, distance: block.count))
  }

  private func add(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, rows: Int) {
    for row in 0..<rows {
      for panel in 0..<panels {
        let offset = row * groupColumns + panel * PackedOperand.panelColumns
        (Vector.load(target + offset) + Vector.load(source + offset)).store(target + offset)
      }
    }
  }
}
