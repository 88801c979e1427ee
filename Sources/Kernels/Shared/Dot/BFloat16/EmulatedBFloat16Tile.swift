import KernelInterface

/// Tiles of bfloat16 operands by float32 multiply-adds: A is rounded and stays float32, B's words are widened.
enum EmulatedBFloat16Tile: BFloat16Tile {
  static var quadElements: Int { BFloat16Quads.count }

  static var rows: Int { TileShape.bfloat16Rows }

  static func panels(rows: Int) -> Int {
    TileShape.bfloat16Panels(rows: rows)
  }

  @inline(always)
  static func packLeft(_ steps: Vector, quads: Int, into target: UnsafeMutablePointer<Float>, stride: Int) {
    let parts = unsafeBitCast(
      steps, to: (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>).self)
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
    let (even, odd) = (interleaved(even.roundedToBFloat16), interleaved(odd.roundedToBFloat16))
    let (evenHalves, oddHalves) = (halves(even), halves(odd))
    let first = interleaved(evenHalves.0, oddHalves.0)
    let second = interleaved(evenHalves.1, oddHalves.1)
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

  @inline(always)
  private static func halves(_ values: Vector) -> (SIMD8<Float>, SIMD8<Float>) {
    unsafeBitCast(values, to: (SIMD8<Float>, SIMD8<Float>).self)
  }

  /// The elements of the two halves in turn.
  @inline(always)
  private static func interleaved(_ values: Vector) -> Vector {
    let (first, second) = halves(values)
    return interleaved(first, second)
  }

  @inline(always)
  private static func interleaved(_ first: SIMD8<Float>, _ second: SIMD8<Float>) -> Vector {
    var result = Vector(repeating: 0)
    result.evenHalf = first
    result.oddHalf = second
    return result
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
    let columns = PackedOperand.panelColumns
    let block = DotAlgorithm.bfloat16BlockDepth
    var left = operands.left
    var right = operands.right
    var done = 0
    /// Adds a block to the result, or stores it as the first one.
    @inline(always)
    func addBlock(isFirst: Bool) {
      let quads = remaining(after: done, of: operands.depth) / stepMultiple
      var even = chains(rows: rows, panels: panels, operands, left: left, right: right, quads: quads)
      var odd = chains(
        rows: rows, panels: panels, operands, left: left + 1, right: right + operands.rightStride,
        quads: quads)
      if quads < block / stepMultiple {
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
          let previous = isFirst ? Vector(repeating: 0) : Vector.load(aligned: UnsafePointer(result))
          (previous + (even[place] + odd[place])).store(aligned: result)
        }
      }
      left += quads * operands.leftStride
      right += quads * 2 * operands.rightStride
      done += block
    }
    if case .zero = operands.start {
      // Even without any steps: the sum of a lane without positions is zero.
      addBlock(isFirst: true)
    } else {
      operands.start.store(rows: rows, panels: panels, into: operands.result, stride: operands.resultStride)
    }
    while done < operands.depth { addBlock(isFirst: false) }
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
        let words = UnsafeRawPointer(right + panel * operands.panelStride)
          .assumingMemoryBound(to: Vector.Bits.self).pointee
        let column = Vector(bits: widened(words))
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
