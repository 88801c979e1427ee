import KernelInterface

/// A tile's operands: A's element (row, k) at `left[k·rows + row]`, rounded to bfloat16 and stored as float32; B's
/// pairs, `pairStride` apart; C's rows, `resultStride` apart.
struct BFloat16TileOperands {
  let left: UnsafePointer<Float>
  let right: UnsafePointer<UInt32>
  /// Distance between consecutive pairs of steps.
  let pairStride: Int
  /// Distance between consecutive panels of a pair of steps.
  let panelStride: Int
  /// A multiple of `BFloat16DotKernels.stepMultiple`.
  let depth: Int
  let start: TileStart
  let result: UnsafeMutablePointer<Float>
  let resultStride: Int
}

/// The widths of tiles, in panels: powers of two, so that few tiles are compiled. Any other number of panels is several
/// of them.
enum BFloat16TileShape {
  static let rows = TileShape.bfloat16Rows
  /// Panels of a tile with `rows` rows.
  static let panels = TileShape.panels

  /// Panels of the widest tile with that number of rows.
  static func panels(rows: Int) -> Int {
    switch TileShape.panels(rows: rows) {
    case 1: 1
    case 2, 3: 2
    default: 4
    }
  }

  /// Panels of the next tile when some remain.
  static func next(of remaining: Int, rows: Int) -> Int {
    let most = panels(rows: rows)
    if remaining >= most { return most }
    return remaining >= 2 ? 2 : 1
  }
}

/// C tile = start + A·B, for up to six rows and a number of panels that `BFloat16TileShape.next` gives:
///
///     for each block of 32 steps   e = Σ over even steps, o = Σ over odd steps   each a chain from zero
///                                  C ← C + (e + o)
@inline(never)
func multiplyBFloat16Tile(rows: Int, panels: Int, _ operands: BFloat16TileOperands) {
  switch rows {
  case 1: multiplyTile(fixedRows: 1, panels: panels, operands)
  case 2: multiplyTile(fixedRows: 2, panels: panels, operands)
  case 3: multiplyTile(fixedRows: 3, panels: panels, operands)
  case 4: multiplyTile(fixedRows: 4, panels: panels, operands)
  case 6 where BFloat16TileShape.rows >= 6: multiplyTile(fixedRows: 6, panels: panels, operands)
  default: multiplyTile(fixedRows: 5, panels: panels, operands)
  }
}

@inline(always)
private func multiplyTile(fixedRows rows: Int, panels: Int, _ operands: BFloat16TileOperands) {
  let most = BFloat16TileShape.panels(rows: rows)
  switch panels {
  case 2 where most >= 2: multiplyFixedTile(rows: rows, panels: 2, operands)
  case 4 where most >= 4: multiplyFixedTile(rows: rows, panels: 4, operands)
  default: multiplyFixedTile(rows: rows, panels: 1, operands)
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
    var even = chains(rows: rows, panels: panels, operands, left: left, right: right, pairs: pairs) {
      $0.even
    }
    var odd = chains(
      rows: rows, panels: panels, operands, left: left + rows, right: right, pairs: pairs
    ) { $0.odd }
    if pairs < block / BFloat16Pairs.steps {
      // Steps of padding, which only turn −0 into 0.
      for place in 0..<rows * panels {
        even[place] += Vector(repeating: 0)
        odd[place] += Vector(repeating: 0)
      }
    }
    for row in 0..<rows {
      for panel in 0..<panels {
        let place = row * panels + panel
        let result = operands.result + row * operands.resultStride + panel * columns
        (previous(operands.start, isFirst: done == 0, result: result, column: panel * columns)
          + (even[place] + odd[place])).store(aligned: result)
      }
    }
    left += pairs * BFloat16Pairs.steps * rows
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
        let value = Vector(repeating: left[row])
        sums[row * panels + panel] = multiplyAdd(value, column, sums[row * panels + panel])
      }
    }
    left += BFloat16Pairs.steps * rows
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
