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
  ///   - steps: Rounded to bfloat16.
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

  /// Steps of the block that follows the first `done` of a depth. Spelled out, as `min` is a call in large functions.
  @inline(always)
  static func remaining(after done: Int, of depth: Int) -> Int {
    let block = DotAlgorithm.bfloat16BlockDepth
    return depth - done < block ? depth - done : block
  }

  /// Panels of the next tile when some remain.
  static func nextPanels(of remaining: Int, rows: Int) -> Int {
    var panels = panels(rows: rows)
    while panels > remaining { panels /= 2 }
    return panels
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
  let result: UnsafeMutablePointer<Float>
  /// Distance between rows of C.
  let resultStride: Int
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
