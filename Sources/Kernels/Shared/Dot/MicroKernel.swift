import CProcessor
import KernelInterface

/// B packed: consecutive panels, each `[depth, panelColumns]`.
struct PackedRight: RightOperand {
  let pointer: UnsafePointer<Float>
  let panelStride: Int

  @inline(always)
  func row(_ k: Int) -> UnsafePointer<Float> { pointer + k * PackedOperand.panelColumns }
}

/// B packed with the panels of a step side by side, as many as a tile has.
struct InterleavedRight: RightOperand {
  let pointer: UnsafePointer<Float>

  @inline(always)
  var panelStride: Int { PackedOperand.panelColumns }

  @inline(always)
  func row(_ k: Int) -> UnsafePointer<Float> { pointer + k * (TileShape.panels * PackedOperand.panelColumns) }
}

/// A tile's operands: A's element (row, k) at `left[row·leftRowStride + k·leftDepthStride]`, B, and C's rows
/// `resultStride` apart.
struct TileOperands<Right: RightOperand, Next: RightOperand> {
  let left: UnsafePointer<Float>
  let leftRowStride: Int
  let leftDepthStride: Int
  let right: Right
  let depth: Int
  let start: TileStart
  let result: UnsafeMutablePointer<Float>
  let resultStride: Int
  /// Whether the finished sums are added to C.
  var addsToResult = false
  /// Data to prefetch meanwhile, the first panel's cache line of each row; data in use to prefetch nothing.
  let prefetch: Next
}

/// C tile = start + A·B, or C tile += start + A·B, for 1 to 6 rows and 1 to 4 panels.
@inline(always)
func multiplyTile<Right: RightOperand, Next: RightOperand>(
  rows: Int, panels: Int, _ operands: TileOperands<Right, Next>
) {
  if TileShape.panels == 1 || panels == 1 { return multiplyTile(rows: rows, fixedPanels: 1, operands) }
  switch panels {
  case 2: multiplyTile(rows: rows, fixedPanels: 2, operands)
  case 3: multiplyTile(rows: rows, fixedPanels: 3, operands)
  default: multiplyTile(rows: rows, fixedPanels: 4, operands)
  }
}

@inline(always)
private func multiplyTile<Right: RightOperand, Next: RightOperand>(
  rows: Int, fixedPanels panels: Int, _ operands: TileOperands<Right, Next>
) {
  switch rows {
  case 1: multiplyFixedTile(rows: 1, panels: panels, operands)
  case 2: multiplyFixedTile(rows: 2, panels: panels, operands)
  case 3: multiplyFixedTile(rows: 3, panels: panels, operands)
  case 4: multiplyFixedTile(rows: 4, panels: panels, operands)
  case 5: multiplyFixedTile(rows: 5, panels: panels, operands)
  default: multiplyFixedTile(rows: 6, panels: panels, operands)
  }
}

/// The same for 1 to 3 rows and 2 to 8 panels. With few rows, one panel has too few accumulators to hide the latency of
/// multiply-adds; eight and more do.
@inline(always)
func multiplyWideTile<Right: RightOperand, Next: RightOperand>(
  rows: Int, panels: Int, _ operands: TileOperands<Right, Next>
) {
  switch rows {
  case 1: multiplyWideTile(fixedRows: 1, panels: panels, operands)
  case 2: multiplyWideTile(fixedRows: 2, panels: panels, operands)
  default: multiplyWideTile(fixedRows: 3, panels: panels, operands)
  }
}

@inline(always)
private func multiplyWideTile<Right: RightOperand, Next: RightOperand>(
  fixedRows rows: Int, panels: Int, _ operands: TileOperands<Right, Next>
) {
  switch panels {
  case 2: multiplyFixedTile(rows: rows, panels: 2, operands)
  case 3: multiplyFixedTile(rows: rows, panels: 3, operands)
  case 4: multiplyFixedTile(rows: rows, panels: 4, operands)
  case 5: multiplyFixedTile(rows: rows, panels: 5, operands)
  case 6: multiplyFixedTile(rows: rows, panels: 6, operands)
  case 7: multiplyFixedTile(rows: rows, panels: 7, operands)
  default: multiplyFixedTile(rows: rows, panels: 8, operands)
  }
}

/// The inner loop; rows and panels are constants once inlined, so that accumulators stay in registers.
@inline(always)
private func multiplyFixedTile<Right: RightOperand, Next: RightOperand>(
  rows: Int, panels: Int, _ operands: TileOperands<Right, Next>
) {
  var sums = zeroSums()
  switch operands.start {
  case .zero: break
  case .row(let values):
    for panel in 0..<panels {
      let value = Vector.load(aligned: values + panel * PackedOperand.panelColumns)
      for row in 0..<rows { sums[row * panels + panel] = value }
    }
  case .result:
    for row in 0..<rows {
      for panel in 0..<panels {
        sums[row * panels + panel] = Vector.load(
          aligned: operands.result + row * operands.resultStride + panel * PackedOperand.panelColumns)
      }
    }
  }
  var left = operands.left
  let panelStride = operands.right.panelStride
  for k in 0..<operands.depth {
    let right = operands.right.row(k)
    for panel in 0..<panels {
      let column = Vector.load(aligned: right + panel * panelStride)
      for row in 0..<rows {
        let value = Vector(repeating: left[row * operands.leftRowStride])
        sums[row * panels + panel] = multiplyAdd(value, column, sums[row * panels + panel])
      }
    }
    weft_prefetch(operands.prefetch.row(k))
    left += operands.leftDepthStride
  }
  // A simple loop for each case: loops that are not unrolled keep the sums in memory.
  if operands.addsToResult {
    for row in 0..<rows {
      for panel in 0..<panels {
        let result = operands.result + row * operands.resultStride + panel * PackedOperand.panelColumns
        (Vector.load(aligned: result) + sums[row * panels + panel]).store(aligned: result)
      }
    }
  } else {
    for row in 0..<rows {
      for panel in 0..<panels {
        sums[row * panels + panel].store(
          aligned: operands.result + row * operands.resultStride + panel * PackedOperand.panelColumns)
      }
    }
  }
}
