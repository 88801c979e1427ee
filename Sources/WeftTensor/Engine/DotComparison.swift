import KernelInterface
import WeftBase

/// Compares kernels of one dot algorithm bit by bit, on some thousands of products.
///
/// Matrix units are trusted on a processor only after it has shown that its bits are those of the definition.
enum DotComparison {
  /// Whether both give the same bits: of products with a depth of one, several and partial blocks, with all kinds of
  /// starts, over the whole range of exponents, denormals included.
  static func agree(_ first: any DotKernels.Type, _ second: any DotKernels.Type) -> Bool {
    for (rows, depth, columns) in [(1, 4, 16), (16, 32, 32), (33, 100, 48), (40, 64, 80)] {
      let random = RandomSequence(key: RandomKey(seed: UInt64(depth), purpose: 0, step: 0))
      // Exponents from 2⁻⁷⁵ to 2⁴⁷ for one operand and their opposites for the other: products of every size.
      let left = Tensor(rows: rows, columns: depth)
      left.values = numbers(random, from: 0, count: rows * depth, exponents: -75..<48)
      let right = Tensor(rows: depth, columns: columns)
      right.values = numbers(random, from: rows * depth, count: depth * columns, exponents: -75..<48)
      let start = Tensor(rows: 1, columns: columns)
      start.values = numbers(
        random, from: rows * depth + depth * columns, count: columns, exponents: -120..<96)
      for initial in [InitialValue.zero, .row(start.matrix)] {
        if product(first, left, right, initial) != product(second, left, right, initial) { return false }
      }
    }
    return true
  }

  /// The bits of a product.
  private static func product(
    _ kernels: any DotKernels.Type, _ left: Tensor, _ right: Tensor, _ initial: InitialValue
  ) -> [UInt32] {
    let (depth, columns) = (right.matrix.rows, right.matrix.columns)
    let packed = AlignedMemory(
      byteCount: PackedOperand.byteCount(kernels.algorithm, depth: depth, columns: columns))
    let operand = PackedOperand(kernels.algorithm, depth: depth, columns: columns, memory: packed.bytes)
    kernels.pack(right.matrix, width: columns, into: operand, panels: 0..<operand.panels)
    let scratch = AlignedMemory(
      byteCount: kernels.multiplyScratchByteCount(rows: left.matrix.rows, depth: depth))
    let result = Tensor(rows: left.matrix.rows, columns: columns)
    kernels.multiply(
      left.matrix, operand, initial: initial, into: result.matrix, blocks: BlockSizes(),
      scratch: scratch.bytes)
    return result.values.map(\.bitPattern)
  }

  /// Numbers of random significands and signs, with exponents of a range.
  private static func numbers(
    _ random: RandomSequence, from first: Int, count: Int, exponents: Range<Int>
  ) -> [Float] {
    (0..<count).map { index in
      let place = 2 * (first + index)
      let exponent = exponents.lowerBound + Int(random.uniform(place) * Float(exponents.count))
      let significand = 2 * random.uniform(place + 1) - 1
      return Float(sign: .plus, exponent: exponent, significand: significand)
    }
  }
}
