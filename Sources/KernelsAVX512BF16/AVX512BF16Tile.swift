import CBFloat16
import KernelInterface

/// Tiles of bfloat16 operands by `VDPBF16PS`: the chains over even and over odd steps of up to 6 rows by two panels fill
/// 24 of 32 registers.
enum AVX512BF16Tile: BFloat16Tile {
  static var quadElements: Int { 2 }

  static var rows: Int { 6 }

  static func panels(rows: Int) -> Int {
    switch rows {
    case 1: 8
    case 2, 3: 4
    default: 2
    }
  }

  /// Two words: the even steps, the first in the upper half, and the odd ones.
  @inline(always)
  static func packLeft(_ steps: Vector, quads: Int, into target: UnsafeMutablePointer<UInt32>, stride: Int) {
    let pairs = weft_packed_steps(steps)
    store(pairs.x, target)
    if quads > 1 { store(pairs.y, target + stride) }
    if quads > 2 { store(pairs.z, target + 2 * stride) }
    if quads > 3 { store(pairs.w, target + 3 * stride) }
  }

  @inline(always)
  private static func store(_ pair: UInt64, _ target: UnsafeMutablePointer<UInt32>) {
    UnsafeMutableRawPointer(target).storeBytes(of: pair, as: UInt64.self)
  }

  /// The rows' words side by side.
  @inline(always)
  static func packPositions(
    even: Vector, odd: Vector, rows: Int, into target: UnsafeMutablePointer<UInt32>
  ) {
    let words = Vector(bits: weft_packed_rows(even, odd))
    let target = UnsafeMutableRawPointer(target).assumingMemoryBound(to: Float.self)
    if rows == Self.rows {
      words.store(target, count: quadElements * Self.rows)
    } else {
      words.store(target, count: quadElements * rows)
    }
  }

  @inline(never)
  static func multiply(rows: Int, panels: Int, _ operands: BFloat16TileOperands<UInt32>) {
    switch rows {
    case 1: multiply(fixedRows: 1, panels: panels, operands)
    case 2: multiply(fixedRows: 2, panels: panels, operands)
    case 3: multiply(fixedRows: 3, panels: panels, operands)
    case 4: multiply(fixedRows: 4, panels: panels, operands)
    case 5: multiply(fixedRows: 5, panels: panels, operands)
    default: multiply(fixedRows: 6, panels: panels, operands)
    }
  }

  @inline(always)
  private static func multiply(fixedRows rows: Int, panels: Int, _ operands: BFloat16TileOperands<UInt32>) {
    let most = Self.panels(rows: rows)
    switch panels {
    case 2: multiply(fixedRows: rows, fixedPanels: 2, operands)
    case 4 where most >= 4: multiply(fixedRows: rows, fixedPanels: 4, operands)
    case 8 where most >= 8: multiply(fixedRows: rows, fixedPanels: 8, operands)
    default: multiply(fixedRows: rows, fixedPanels: 1, operands)
    }
  }

  /// Rows and panels are constants once inlined, so that sums stay in registers.
  @inline(always)
  private static func multiply(
    fixedRows rows: Int, fixedPanels panels: Int, _ operands: BFloat16TileOperands<UInt32>
  ) {
    multiplyBlocks(rows: rows, panels: panels, operands) { left, right, quads in
      var (even, odd) = (zeroSums(), zeroSums())
      @inline(always)
      func addQuad() {
        for panel in 0..<panels {
          let words = words(right + panel * operands.panelStride)
          for row in 0..<rows {
            let place = row * panels + panel
            let value = Vector.Bits(repeating: left[row * quadElements])
            even[place] = weft_multiply_add_halves(even[place], value, words)
          }
        }
        for panel in 0..<panels {
          let words = words(right + operands.rightStride + panel * operands.panelStride)
          for row in 0..<rows {
            let place = row * panels + panel
            let value = Vector.Bits(repeating: left[row * quadElements + 1])
            odd[place] = weft_multiply_add_halves(odd[place], value, words)
          }
        }
        left += operands.leftStride
        right += 2 * operands.rightStride
      }
      // Two quads at once: a whole block's loop is short, and its end is mispredicted.
      for _ in 0..<quads / 2 {
        addQuad()
        addQuad()
      }
      if quads % 2 == 1 { addQuad() }
      return (even, odd)
    }
  }

  /// A tile's multiply-adds without operands from memory.
  ///
  /// - Returns: Number of multiply-adds of elements.
  static func multiplyAddChains(repetitions: Int) -> Int {
    let chains = 24
    var sums = zeroSums()
    // With different initial values the compiler cannot merge chains.
    for chain in 0..<chains { sums[chain] = Vector(repeating: Float(chain)) }
    let factors = Vector.Bits(repeating: 0x3f00_3f00)
    for _ in 0..<repetitions {
      for chain in 0..<chains {
        sums[chain] = weft_multiply_add_halves(sums[chain], factors, factors)
      }
    }
    return keep(sums) ? 2 * chains * Vector.scalarCount * repetitions : 0
  }

  /// Whether sums are numbers, which the compiler does not know.
  @inline(never)
  private static func keep(_ sums: InlineArray<24, Vector>) -> Bool {
    var total = sums[0]
    for chain in 1..<24 { total += sums[chain] }
    return total.total > 0
  }
}
