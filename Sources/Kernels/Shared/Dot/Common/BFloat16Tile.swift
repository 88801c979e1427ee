import CProcessor
import KernelInterface
import WeftBase

/// The tiles of an instruction set's vector instructions for products of bfloat16 operands. They take four steps of the
/// depth at a time, whose right-hand sides are packed as `BFloat16Quads`.
protocol BFloat16Tile {
  /// What a left-hand side is packed as, of four bytes.
  associatedtype Left: BitwiseCopyable
  /// Elements that a row's four steps are packed into, side by side.
  static var quadElements: Int { get }

  /// Rows of the highest tile.
  static var rows: Int { get }
  /// Panels of the widest tile with that number of rows, a power of two: so that few tiles are compiled. Any other number
  /// of panels is several of them.
  static func panels(rows: Int) -> Int
  /// Packs one row's steps of a tile.
  ///
  /// - Parameters:
  ///   - steps: Not yet rounded.
  ///   - quads: How many times four of them there are.
  ///   - target: Where the row's first four go; the elements of each further four are `stride` further.
  static func packLeft(_ steps: Vector, quads: Int, into target: UnsafeMutablePointer<Left>, stride: Int)

  /// Packs some rows' four positions of a tile of weight gradients.
  ///
  /// - Parameters:
  ///   - even: The rows' numbers at the first position, and from element 8 on at the third.
  ///   - odd: Those at the second and at the fourth position.
  ///   - rows: Number of rows, at most 8.
  static func packPositions(even: Vector, odd: Vector, rows: Int, into target: UnsafeMutablePointer<Left>)

  /// C tile = start + A·B, for up to `rows` rows and a number of panels that `nextPanels(of:rows:)` gives:
  ///
  ///     for each block of 32 steps   e = Σ over even steps, o = Σ over odd steps   each a chain from zero
  ///                                  C ← C + (e + o)
  static func multiply(rows: Int, panels: Int, _ operands: BFloat16TileOperands<Left>)
}

extension BFloat16Tile {
  /// Steps of the depth come in multiples of this: fewer than a block has, as most steps of padding are not computed.
  static var stepMultiple: Int { BFloat16Quads.count }

  /// Panels of a tile of weight gradients: so many that a left-hand side, which comes from the last-level cache, is used
  /// often enough.
  static var gradientPanels: Int { 4 }

  /// Panels of the next tile when some remain.
  static func nextPanels(of remaining: Int, rows: Int) -> Int {
    var panels = panels(rows: rows)
    while panels > remaining { panels /= 2 }
    return panels
  }
}

extension BFloat16Tile {
  /// The loop over a tile's blocks. Rows and panels are constants once inlined, so that sums stay in registers.
  ///
  /// - Parameter sums: Returns e and o of each element of a block of so many fours of steps, `[rows, panels]`, and
  ///   moves both operands behind them.
  @inline(always)
  static func multiplyBlocks(
    rows: Int, panels: Int, _ operands: BFloat16TileOperands<Left>,
    sums: (_ left: inout UnsafePointer<Left>, _ right: inout UnsafePointer<UInt32>, _ quads: Int) -> (
      even: InlineArray<24, Vector>, odd: InlineArray<24, Vector>
    )
  ) {
    let block = DotAlgorithm.bfloat16BlockDepth
    var (left, right, done) = (operands.left, operands.right, 0)
    /// Adds a block to the result, or stores it as the first one.
    @inline(always)
    func addBlock(isFirst: Bool) {
      let addsToResult = operands.addsToResult && done + block >= operands.depth
      // Spelled out, as `min` is a call in large functions.
      let rest = operands.depth - done
      let quads = (rest < block ? rest : block) / stepMultiple
      var (even, odd) = sums(&left, &right, quads)
      if quads < block / stepMultiple {
        // Steps of padding only turn −0 into 0, and zeros of either sign add nothing to that.
        for place in 0..<rows * panels { even[place] += Vector(repeating: 0) }
      }
      for row in 0..<rows {
        for panel in 0..<panels {
          let place = row * panels + panel
          let offset = row * operands.resultStride + panel * PackedOperand.panelColumns
          let (sums, result) = (operands.sums + offset, operands.result + offset)
          let previous = isFirst ? Vector(repeating: 0) : Vector.load(aligned: UnsafePointer(sums))
          let sum = previous + (even[place] + odd[place])
          if addsToResult {
            (Vector.load(aligned: UnsafePointer(result)) + sum).store(aligned: result)
          } else {
            sum.store(aligned: sums)
          }
        }
      }
      operands.prefetchBlock(done / block)
      done += block
    }
    switch operands.start {
    // Even without any steps: the sum of a lane without positions is zero.
    case .zero: addBlock(isFirst: true)
    case .row(let row):
      for panel in 0..<panels {
        let column = panel * PackedOperand.panelColumns
        let values = Vector.load(aligned: row + column)
        for row in 0..<rows { values.store(aligned: operands.sums + row * operands.resultStride + column) }
      }
    case .result: break
    }
    while done < operands.depth { addBlock(isFirst: false) }
  }

  /// A vector of packed words, 64-byte aligned.
  @inline(always)
  static func words(_ pointer: UnsafePointer<UInt32>) -> Vector.Bits {
    UnsafeRawPointer(pointer).assumingMemoryBound(to: Vector.Bits.self).pointee
  }
}

/// A tile's operands.
struct BFloat16TileOperands<Left: BitwiseCopyable> {
  /// A's first four steps, row by row.
  let left: UnsafePointer<Left>
  /// Distance between the starts of consecutive fours of steps.
  let leftStride: Int
  /// B's quads.
  let right: UnsafePointer<UInt32>
  /// Distance between consecutive vectors of a panel.
  let rightStride: Int
  /// Distance between consecutive panels.
  let panelStride: Int
  /// A multiple of `stepMultiple`.
  let depth: Int
  let start: TileStart
  /// Where C is between blocks: the result, unless it is added to it in the end.
  let sums: UnsafeMutablePointer<Float>
  let result: UnsafeMutablePointer<Float>
  /// Distance between rows of either.
  let resultStride: Int
  /// Whether the last block adds C to the result.
  let addsToResult: Bool
  /// What is used soon, and is fetched into the L2 cache meanwhile.
  let prefetch: UnsafeRawPointer
  /// Cache lines to fetch with each block of 32 steps.
  let prefetchLines: Int

  /// Fetches a block's lines.
  @inline(always)
  func prefetchBlock(_ block: Int) {
    let first = block * prefetchLines
    for line in first..<first + prefetchLines { weft_prefetch_l2(prefetch + line * AlignedBytes.alignment) }
  }
}
