import KernelInterface

/// A tile's operands: A's element (row, k) at `left[row·leftRowStride + k·leftDepthStride]`, rounded to bfloat16 and
/// stored as float32; B's pairs, `pairStride` apart; C's rows, `resultStride` apart.
struct BFloat16TileOperands {
  let left: UnsafePointer<Float>
  let leftRowStride: Int
  let leftDepthStride: Int
  let right: UnsafePointer<UInt32>
  /// Distance between consecutive pairs of steps.
  let pairStride: Int
  /// Distance between consecutive panels of a pair of steps.
  let panelStride: Int
  /// A multiple of `DotAlgorithm.bfloat16DepthMultiple`.
  let depth: Int
  let start: TileStart
  let result: UnsafeMutablePointer<Float>
  let resultStride: Int
}

/// C tile = start + A·B, for a number of rows and panels that `TileShape` allows:
///
///     for each block of 32 steps   e = Σ over even steps, o = Σ over odd steps   each a chain from zero
///                                  C ← C + (e + o)
@inline(always)
func multiplyBFloat16Tile(rows: Int, panels: Int, _ operands: BFloat16TileOperands) {
  switch rows {
  case 1: multiplyBFloat16Tile(fixedRows: 1, panels: panels, operands)
  case 2: multiplyBFloat16Tile(fixedRows: 2, panels: panels, operands)
  case 3: multiplyBFloat16Tile(fixedRows: 3, panels: panels, operands)
  case 4: multiplyBFloat16Tile(fixedRows: 4, panels: panels, operands)
  case 5: multiplyBFloat16Tile(fixedRows: 5, panels: panels, operands)
  default: multiplyBFloat16Tile(fixedRows: 6, panels: panels, operands)
  }
}

@inline(always)
private func multiplyBFloat16Tile(fixedRows rows: Int, panels: Int, _ operands: BFloat16TileOperands) {
  let most = max(TileShape.panels, TileShape.panels(rows: rows))
  switch panels {
  case 1: multiplyFixedTile(rows: rows, panels: 1, operands)
  case 2 where most >= 2: multiplyFixedTile(rows: rows, panels: 2, operands)
  case 3 where most >= 3: multiplyFixedTile(rows: rows, panels: 3, operands)
  case 4 where most >= 4: multiplyFixedTile(rows: rows, panels: 4, operands)
  case 5 where most >= 5: multiplyFixedTile(rows: rows, panels: 5, operands)
  case 6 where most >= 6: multiplyFixedTile(rows: rows, panels: 6, operands)
  case 7 where most >= 7: multiplyFixedTile(rows: rows, panels: 7, operands)
  case 8 where most >= 8: multiplyFixedTile(rows: rows, panels: 8, operands)
  default: break
  }
}

/// Rows and panels are constants once inlined, so that a chain's sums stay in registers.
@inline(always)
private func multiplyFixedTile(rows: Int, panels: Int, _ operands: BFloat16TileOperands) {
  let columns = PackedOperand.panelColumns
  let block = DotAlgorithm.bfloat16BlockDepth
  var left = operands.left
  var right = operands.right
  var done = 0
  // At least once: a lane may have no positions, and its sum is the start.
  repeat {
    let pairs = min(block, operands.depth - done) / BFloat16Pairs.steps
    let even = chains(rows: rows, panels: panels, operands, left: left, right: right, pairs: pairs) {
      $0.even
    }
    let odd = chains(
      rows: rows, panels: panels, operands, left: left + operands.leftDepthStride, right: right, pairs: pairs
    ) { $0.odd }
    for row in 0..<rows {
      for panel in 0..<panels {
        let place = row * panels + panel
        let result = operands.result + row * operands.resultStride + panel * columns
        (previous(operands.start, isFirst: done == 0, result: result, column: panel * columns)
          + (even[place] + odd[place])).store(aligned: result)
      }
    }
    left += pairs * BFloat16Pairs.steps * operands.leftDepthStride
    right += pairs * operands.pairStride
    done += block
  } while done < operands.depth
}

/// A block's chains over the steps of one parity. Those of both at once would not fit into the registers.
@inline(always)
private func chains(
  rows: Int, panels: Int, _ operands: BFloat16TileOperands, left: UnsafePointer<Float>,
  right: UnsafePointer<UInt32>, pairs: Int, _ steps: (BFloat16Pairs) -> Vector
) -> InlineArray<24, Vector> {
  var sums = zeroSums()
  var (left, right) = (left, right)
  @inline(always)
  func step() {
    for panel in 0..<panels {
      let column = steps(BFloat16Pairs(aligned: right + panel * operands.panelStride))
      for row in 0..<rows {
        let value = Vector(repeating: left[row * operands.leftRowStride])
        sums[row * panels + panel] = multiplyAdd(value, column, sums[row * panels + panel])
      }
    }
    left += BFloat16Pairs.steps * operands.leftDepthStride
    right += operands.pairStride
  }
  // Four steps at once: a whole block's loops are short, and their ends are mispredicted.
  for _ in 0..<pairs / 4 {
    step()
    step()
    step()
    step()
  }
  for _ in 0..<pairs % 4 { step() }
  return sums
}

/// What a block's sums are added to.
@inline(always)
private func previous(
  _ start: TileStart, isFirst: Bool, result: UnsafeMutablePointer<Float>, column: Int
) -> Vector {
  if isFirst {
    switch start {
    case .zero: return Vector(repeating: 0)
    case .row(let values): return Vector.load(aligned: values + column)
    case .result: break
    }
  }
  return Vector.load(aligned: UnsafePointer(result))
}
