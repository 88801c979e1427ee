import KernelInterface

/// Consecutive rows of a right-hand side, rounded to bfloat16 and packed together in vectors of 32-bit words, two numbers
/// to a word: the steps of the depth that an instruction multiplies.
protocol BFloat16Rows {
  /// Rows that are packed together, into half as many vectors.
  static var count: Int { get }

  /// Packs the rows that `row` gives; it is asked for each in order.
  ///
  /// - Parameters:
  ///   - target: The first vector, 64-byte aligned.
  ///   - stride: Distance in words between vectors.
  static func pack(into target: UnsafeMutablePointer<UInt32>, stride: Int, row: (Int) -> Vector)
}

/// Two rows in one vector, the first in the lower halves: as matrix units multiply them (`TDPBF16PS`).
enum BFloat16Pairs: BFloat16Rows {
  static var count: Int { 2 }

  @inline(always)
  static func pack(into target: UnsafeMutablePointer<UInt32>, stride: Int, row: (Int) -> Vector) {
    let first = row(0)
    storeWords(upper: row(1), lower: first, to: target)
  }
}

/// Four rows in two vectors, of the even rows and of the odd ones, the first of each in the upper halves: as vector
/// instructions multiply them (`VDPBF16PS`), which begin with the upper half.
enum BFloat16Quads: BFloat16Rows {
  static var count: Int { 4 }

  @inline(always)
  static func pack(into target: UnsafeMutablePointer<UInt32>, stride: Int, row: (Int) -> Vector) {
    let (first, second) = (row(0), row(1))
    storeWords(upper: first, lower: row(2), to: target)
    storeWords(upper: second, lower: row(3), to: target + stride)
  }
}

/// Stores two vectors of numbers, rounded, as the halves of words.
@inline(always)
private func storeWords(upper: Vector, lower: Vector, to target: UnsafeMutablePointer<UInt32>) {
  let words = upper.roundedToBFloat16.bits | (lower.roundedToBFloat16.bits &>> 16)
  UnsafeMutableRawPointer(target).assumingMemoryBound(to: Vector.Bits.self).pointee = words
}

extension PackedOperand {
  /// Rows to a vector of words.
  static var rowsPerVector: Int { 2 }

  /// The first word of a panel.
  @inline(always)
  func words(panel: Int) -> UnsafeMutablePointer<UInt32> {
    memory.start.assumingMemoryBound(to: UInt32.self) + panel * panelWords
  }

  /// Words of a panel.
  @inline(always)
  var panelWords: Int {
    DotAlgorithm.bfloat16PaddedDepth(depth) / PackedOperand.rowsPerVector * PackedOperand.panelColumns
  }
}
