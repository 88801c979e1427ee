import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

@Suite("bfloat16 products") struct BFloat16Tests {
  /// The operand's elements as products see them: the product with the identity.
  private static func rounded(_ values: [Float], _ set: InstructionSet) -> [Float] {
    TestPacked(set.dotKernels(.bf16_bf16_f32), values.map { [$0] }).rows.map { $0[0] }
  }

  @Test(
    "Operands are rounded to the nearest, ties to even, denormals to zero",
    arguments: InstructionSet.available)
  func rounding(_ set: InstructionSet) {
    let values: [Float] = [
      0, -0.0, 1, -1, 1.00390625, 1.01171875, 1.005859375, 3.14159265, -65535, 1e-20, 1e30,
      .leastNormalMagnitude, .leastNonzeroMagnitude, -.leastNormalMagnitude.nextDown,
      Float(bitPattern: 0x7f7f_7fff),
    ]
    let expected: [Float] = [
      0, 0, 1, -1, 1, 1.015625, 1.0078125, 3.140625, -65536, Float(bitPattern: 0x1e3d_0000),
      Float(bitPattern: 0x714a_0000), .leastNormalMagnitude, 0, 0, Float(bitPattern: 0x7f7f_0000),
    ]
    #expect(Self.rounded(values, set) == expected)
  }

  @Test("Rounding agrees with the definition over the whole range", arguments: InstructionSet.available)
  func roundingOfRandomBits(_ set: InstructionSet) {
    var random = SplitMix(seed: 8)
    let values = (0..<300).map { _ in Float(bitPattern: .random(in: 0...UInt32.max, using: &random)) }
      .filter { $0.isFinite && DotAlgorithm.bf16_bf16_f32.rounded($0).isFinite }
    #expect(Self.rounded(values, set) == values.map(DotAlgorithm.bf16_bf16_f32.rounded))
  }

  @Test(
    "Operands split in two keep 16 bits and more of their significand", arguments: InstructionSet.available)
  func splitOperands(_ set: InstructionSet) {
    let values: [Float] = [
      0, 1, -1, 3.14159265, 65537, -16777215, 0x1.fffep10, 1e-20, 1e30, .leastNormalMagnitude,
      .leastNormalMagnitude * 1.5, .leastNonzeroMagnitude,
    ]
    let rows = TestPacked(set.dotKernels(.bf16_bf16_f32_x3), values.map { [$0] }).rows.map { $0[0] }
    for (value, kept) in zip(values, rows) where value.isNormal {
      #expect(abs(kept - value) <= abs(value) * 0x1p-17, "\(value)")
    }
    #expect(rows == values.map(DotAlgorithm.bf16_bf16_f32_x3.rounded))
    #expect(rows[4] == 65537 && rows[6] == 0x1.fffep10 && rows[11] == 0)
  }

  @Test("Sums that are not normal become zero", arguments: InstructionSet.available)
  func denormalSums(_ set: InstructionSet) {
    let left = TestMatrix(rows: 1, columns: 2) { _, _ in 0x1p-70 }
    let packed = TestPacked(set.dotKernels(.bf16_bf16_f32), [[0x1p-70], [0x1p-50]])
    let result = TestMatrix(rows: 1, columns: 16) { _, _ in .nan }
    packed.kernels.multiply(left.matrix, packed.packed, initial: .zero, into: result.matrix)
    #expect(result.rows[0][0] == 0x1p-120, "the product 2⁻¹⁴⁰ of the even step is a denormal")
  }

  @Test("Padding turns sums of −0 into 0", arguments: InstructionSet.available)
  func negativeZeros(_ set: InstructionSet) {
    for (depth, sign) in [(2, FloatingPointSign.plus), (32, .minus), (34, .plus)] {
      let left = TestMatrix(rows: 1, columns: depth) { _, _ in -0x1p-70 }
      let packed = TestPacked(
        set.dotKernels(.bf16_bf16_f32), [[Float]](repeating: [0x1p-70], count: depth))
      let start = TestMatrix(rows: 1, columns: 16) { _, _ in -0.0 }
      let result = TestMatrix(rows: 1, columns: 16) { _, _ in .nan }
      packed.kernels.multiply(left.matrix, packed.packed, initial: .row(start.matrix), into: result.matrix)
      #expect(result.rows[0][0] == 0 && result.rows[0][0].sign == sign, "depth \(depth)")
    }
  }

  @Test("A product leaves the thread's treatment of denormals as it was", arguments: InstructionSet.available)
  func denormalsElsewhere(_ set: InstructionSet) {
    _ = Self.rounded([1, 2, 3], set)
    let small = Float.leastNormalMagnitude
    #expect(small / Float(set == .baseline ? 2 : 4) > 0)
  }
}
