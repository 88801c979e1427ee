import KernelInterface

/// bfloat16: the upper half of a float32, with its sign, its exponent and 7 bits of fraction.
extension Vector {
  /// These elements rounded to bfloat16, nearest and ties to even. Denormals become zeros of their sign, and NaNs quiet.
  @inline(always)
  var roundedToBFloat16: Vector {
    let half = Bits(repeating: 0x7fff) &+ ((bits &>> 16) & Bits(repeating: 1))
    let upper = Bits(repeating: 0xffff_0000)
    var rounded = (bits &+ half) & upper
    let magnitude = unsafeBitCast(bits & Bits(repeating: 0x7fff_ffff), to: SIMD16<Int32>.self)
    rounded.replace(
      with: bits & Bits(repeating: 0x8000_0000), where: magnitude .< SIMD16<Int32>(repeating: 0x0080_0000))
    rounded.replace(
      with: (bits & upper) | Bits(repeating: 0x0040_0000),
      where: magnitude .> SIMD16<Int32>(repeating: 0x7f80_0000))
    return Vector(bits: rounded)
  }
}

/// Sixteen pairs of bfloat16 numbers, of two consecutive steps of the depth: the even step's in the lower halves, as
/// the matrix units of x86-64 expect them.
struct BFloat16Pairs {
  static let steps = 2

  let bits: Vector.Bits

  /// Two rows, rounded.
  @inline(always)
  init(even: Vector, odd: Vector) {
    bits = (even.roundedToBFloat16.bits &>> 16) | odd.roundedToBFloat16.bits
  }

  /// Pairs at a 64-byte aligned address.
  @inline(always)
  init(aligned pointer: UnsafePointer<UInt32>) {
    bits = UnsafeRawPointer(pointer).assumingMemoryBound(to: Vector.Bits.self).pointee
  }

  @inline(always)
  func store(aligned pointer: UnsafeMutablePointer<UInt32>) {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Vector.Bits.self).pointee = bits
  }

  /// The even step's numbers as float32.
  @inline(always)
  var even: Vector { Vector(bits: bits &<< 16) }

  /// The odd step's numbers as float32.
  @inline(always)
  var odd: Vector { Vector(bits: bits & Vector.Bits(repeating: 0xffff_0000)) }
}

extension BFloat16Pairs {
  /// Packs some panels of rows side by side, each two rows to a row of pairs of `columns` words.
  ///
  /// - Parameters:
  ///   - rows: The first row's first column.
  ///   - stride: Distance in elements between rows.
  ///   - order: The rows to pack; −1 stands for zeros.
  ///   - count: Number of rows to pack, even.
  @inline(always)
  static func pack(
    _ rows: UnsafePointer<Float>, stride: Int, order: UnsafePointer<Int32>, count: Int, panels: Int,
    columns: Int, into packed: UnsafeMutablePointer<Float>
  ) {
    @inline(always)
    func row(_ index: Int, _ column: Int) -> Vector {
      let position = Int(order[index])
      return position < 0 ? Vector(repeating: 0) : Vector.load(rows + position * stride + column)
    }
    let words = UnsafeMutableRawPointer(packed).assumingMemoryBound(to: UInt32.self)
    for index in Swift.stride(from: 0, to: count, by: steps) {
      let target = words + index / steps * columns
      for panel in 0..<panels {
        let column = panel * PackedOperand.panelColumns
        BFloat16Pairs(even: row(index, column), odd: row(index + 1, column)).store(aligned: target + column)
      }
    }
  }
}

extension PackedOperand {
  /// The first pair of a panel.
  @inline(always)
  func pairs(panel: Int) -> UnsafeMutablePointer<UInt32> {
    memory.start.assumingMemoryBound(to: UInt32.self) + panel * pairsStride
  }

  /// Distance in pairs between the starts of consecutive panels.
  @inline(always)
  var pairsStride: Int { pairRows * PackedOperand.panelColumns }

  /// Pairs of rows in a panel.
  @inline(always)
  var pairRows: Int { DotAlgorithm.bfloat16PaddedDepth(depth) / BFloat16Pairs.steps }
}
