import KernelInterface

typealias BFloat16KernelTile = EmulatedBFloat16Tile

/// Tiles of bfloat16 operands by float32 multiply-adds, which are exact for products of two bfloat16 numbers until they are
/// added: A is rounded and stays float32, B's words are widened.
enum EmulatedBFloat16Tile: BFloat16Tile {
  static var quadElements: Int { BFloat16Quads.count }

  static var rows: Int { TileShape.bfloat16Rows }

  static func panels(rows: Int) -> Int {
    TileShape.bfloat16Panels(rows: rows)
  }

  @inline(always)
  static func packLeft(_ steps: Vector, quads: Int, into target: UnsafeMutablePointer<Float>, stride: Int) {
    let parts = unsafeBitCast(
      steps.roundedToBFloat16, to: (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>).self)
    store(parts.0, target)
    if quads > 1 { store(parts.1, target + stride) }
    if quads > 2 { store(parts.2, target + 2 * stride) }
    if quads > 3 { store(parts.3, target + 3 * stride) }
  }

  @inline(always)
  private static func store(_ four: SIMD4<Float>, _ target: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(target).storeBytes(of: four, as: SIMD4<Float>.self)
  }

  /// The rows' four positions side by side.
  @inline(always)
  static func packPositions(
    even: Vector, odd: Vector, rows: Int, into target: UnsafeMutablePointer<Float>
  ) {
    let (evenFirst, evenSecond) = alternating(even.roundedToBFloat16).halves
    let (oddFirst, oddSecond) = alternating(odd.roundedToBFloat16).halves
    let first = Vector(alternating: evenFirst, oddFirst)
    let second = Vector(alternating: evenSecond, oddSecond)
    if rows == Self.rows {
      first.store(target)
      second.store(
        target + Vector.scalarCount, count: quadElements * Self.rows - Vector.scalarCount)
    } else {
      let count = quadElements * rows
      first.store(target, count: count < Vector.scalarCount ? count : Vector.scalarCount)
      if count > Vector.scalarCount {
        second.store(target + Vector.scalarCount, count: count - Vector.scalarCount)
      }
    }
  }

  /// The elements of the two halves in turn.
  @inline(always)
  private static func alternating(_ values: Vector) -> Vector {
    let (first, second) = values.halves
    return Vector(alternating: first, second)
  }

  @inline(never)
  static func multiply(rows: Int, panels: Int, _ operands: BFloat16TileOperands<Float>) {
    switch rows {
    case 1: multiply(fixedRows: 1, panels: panels, operands)
    case 2: multiply(fixedRows: 2, panels: panels, operands)
    case 3: multiply(fixedRows: 3, panels: panels, operands)
    case 4: multiply(fixedRows: 4, panels: panels, operands)
    case 6 where Self.rows >= 6: multiply(fixedRows: 6, panels: panels, operands)
    default: multiply(fixedRows: 5, panels: panels, operands)
    }
  }

  @inline(always)
  private static func multiply(fixedRows rows: Int, panels: Int, _ operands: BFloat16TileOperands<Float>) {
    let most = Self.panels(rows: rows)
    switch panels {
    case 2 where most >= 2: multiply(fixedRows: rows, fixedPanels: 2, operands)
    case 4 where most >= 4: multiply(fixedRows: rows, fixedPanels: 4, operands)
    default: multiply(fixedRows: rows, fixedPanels: 1, operands)
    }
  }

  /// Rows and panels are constants once inlined, so that a chain's sums stay in registers.
  @inline(always)
  private static func multiply(
    fixedRows rows: Int, fixedPanels panels: Int, _ operands: BFloat16TileOperands<Float>
  ) {
    multiplyBlocks(rows: rows, panels: panels, operands) { left, right, quads in
      let even = chains(rows: rows, panels: panels, operands, left: left, right: right, quads: quads)
      let odd = chains(
        rows: rows, panels: panels, operands, left: left + 1, right: right + operands.rightStride,
        quads: quads)
      left += quads * operands.leftStride
      right += quads * 2 * operands.rightStride
      return (even, odd)
    }
  }

  /// A block's chains over the steps of one parity. Those of both at once would not fit into the registers.
  @inline(always)
  private static func chains(
    rows: Int, panels: Int, _ operands: BFloat16TileOperands<Float>, left: UnsafePointer<Float>,
    right: UnsafePointer<UInt32>, quads: Int
  ) -> InlineArray<24, Vector> {
    var sums = zeroSums()
    var (left, right) = (left, right)
    @inline(always)
    func add(_ widened: (Vector.Bits) -> Vector.Bits, step: Int) {
      for panel in 0..<panels {
        let column = Vector(bits: widened(words(right + panel * operands.panelStride)))
        for row in 0..<rows {
          let value = Vector(repeating: left[row * quadElements + step])
          sums[row * panels + panel] = multiplyAdd(value, column, sums[row * panels + panel])
        }
      }
    }
    @inline(always)
    func addQuad() {
      add({ $0 & Vector.Bits(repeating: 0xffff_0000) }, step: 0)
      add({ $0 &<< 16 }, step: 2)
      left += operands.leftStride
      right += 2 * operands.rightStride
    }
    // Two quads at once: a whole block's loops are short, and their ends are mispredicted.
    for _ in 0..<quads / 2 {
      addQuad()
      addQuad()
    }
    if quads % 2 == 1 { addQuad() }
    return sums
  }
}
