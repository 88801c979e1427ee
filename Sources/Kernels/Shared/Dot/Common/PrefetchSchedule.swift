import CProcessor
import KernelInterface

/// The cache lines of the right-hand side that each tile of a weight gradient prefetches while it computes.
///
/// The operands of a block of positions are packed, so its tiles prefetch what is packed next: the same panels of the
/// next block or, in the last block, the next group's panels of the first one. 2^`shift` tiles share the positions of a
/// panel in equal parts, one cache line every 2^`shift` steps of the depth, which spreads the requests over time. The
/// remaining tiles prefetch nothing.
struct PrefetchSchedule {
  /// The group's first column of the right-hand side.
  private let right: RightRows
  /// Positions in lane order.
  private let order: UnsafePointer<Int32>
  private let positions: Int
  private let panels: Int
  private let nextPanels: Int
  private let shift: Int

  /// - Parameters:
  ///   - nextPanels: Panels of the next group; 0 if this is the last.
  ///   - tileRows: Left-hand columns of a tile.
  ///   - tilePanels: Panels of a tile.
  init(
    right: RightRows, order: UnsafePointer<Int32>, positions: Int, leftColumns: Int, panels: Int,
    nextPanels: Int, tileRows: Int, tilePanels: Int
  ) {
    self.right = right
    self.order = order
    self.positions = positions
    self.panels = panels
    self.nextPanels = nextPanels
    // Memory delivers far fewer bytes a cycle than a tile could request: with enough tiles, eight share a panel.
    shift = leftColumns >= 16 * tileRows * tilePanels ? 3 : 1
  }

  /// The lines for a tile that computes `depth` positions from `first` on: those of the positions `distance` later.
  ///
  /// - Parameters:
  ///   - share: Number of the tile divided by the panels of a tile.
  ///   - offset: The remainder.
  @inline(always)
  func lines(first: Int, depth: Int, share: Int, offset: Int, distance: Int) -> PrefetchedLines {
    let panel = right.panels(from: offset)
    let start = share * depth &>> shift
    if share < 1 &<< shift {
      if offset < panels, first + distance + depth <= positions {
        return PrefetchedLines(
          panel.start, stride: right.stride, rows: order + first + distance + start, positions: depth,
          shift: shift)
      }
      if offset < nextPanels, first + distance >= positions {
        return PrefetchedLines(
          panel.panels(from: panels).start, stride: right.stride,
          rows: order + first + distance - positions + start, positions: depth, shift: shift)
      }
    }
    // With a stride of zero, the same line at every step, which is in the cache after the first one.
    return PrefetchedLines(right.start, stride: 0, rows: order, positions: depth, shift: shift)
  }
}

/// One cache line of each of some rows of a row-major matrix, each for 2^`shift` steps of the micro-kernel.
struct PrefetchedLines: RightOperand {
  private let start: UnsafeRawPointer
  /// Distance in bytes between rows.
  private let stride: Int
  private let rows: UnsafePointer<Int32>
  /// Positions of the tile that fetches them.
  private let positions: Int
  let shift: Int

  @inline(always)
  init(_ start: UnsafeRawPointer, stride: Int, rows: UnsafePointer<Int32>, positions: Int, shift: Int) {
    self.start = start
    self.stride = stride
    self.rows = rows
    self.positions = positions
    self.shift = shift
  }

  /// Fetches lines into the L2 cache while a tile of a group of panels is computed, in parts.
  ///
  /// - Parameters:
  ///   - line: The next line to fetch.
  ///   - done: Panels that are computed, of `panels`.
  ///   - most: Panels of the largest group.
  @inline(always)
  func fetch(from line: inout Int, done: Int, of panels: Int, most: Int) {
    // With a stride of zero there is nothing to fetch.
    if stride == 0 { return }
    let lines = positions &>> shift
    let end = done < panels ? lines * done / most : lines
    while line < end {
      weft_prefetch_l2(row(line &<< shift))
      line += 1
    }
  }

  @inline(always)
  var panelStride: Int { PackedOperand.panelColumns }

  @inline(always)
  func row(_ k: Int) -> UnsafePointer<Float> {
    (start + Int(rows[k &>> shift]) * stride).assumingMemoryBound(to: Float.self)
  }
}
