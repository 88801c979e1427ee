import Foundation
import Testing

@testable import KernelInterface
@testable import WeftBase
@testable import WeftMetrics
@testable import WeftTensor

@Suite struct PhiloxTests {
  /// The known answers that Random123 publishes for philox4x32-10.
  @Test func knownAnswers() {
    let ones = UInt32.max
    let cases: [(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, answer: SIMD4<UInt32>)] = [
      (SIMD4(0, 0, 0, 0), SIMD2(0, 0), SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)),
      (
        SIMD4(ones, ones, ones, ones), SIMD2(ones, ones),
        SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
      ),
      (
        SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), SIMD2(0xa409_3822, 0x299f_31d0),
        SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
      ),
    ]
    for known in cases {
      #expect(Philox.block(counter: known.counter, key: known.key) == known.answer)
    }
  }

  @Test func keysDifferInEveryPart() {
    let base = RandomKey(seed: 1, purpose: 2, step: 3)
    let others = [
      RandomKey(seed: 2, purpose: 2, step: 3), RandomKey(seed: 1 | 1 << 40, purpose: 2, step: 3),
      RandomKey(seed: 1, purpose: 3, step: 3), RandomKey(seed: 1, purpose: 2, step: 4),
      RandomKey(seed: 1, purpose: 2, step: 3 | 1 << 40),
    ]
    for other in others { #expect(base.block(x: 0, y: 0) != other.block(x: 0, y: 0)) }
  }
}

@Suite struct DropoutMaskTests {
  private let key = RandomKey(seed: 0x0123_4567_89ab_cdef, purpose: 7, step: 11)

  @Test(arguments: InstructionSet.available, testWidths)
  func followsTheDefinition(_ set: InstructionSet, width: Int) {
    let rate: Float = 0.3
    let rows: [Int32] = [5, 0, 70_000]
    for columns in [width, VectorWidth.padded(width), VectorWidth.padded(width) + 48] {
      let mask = TestMatrix(rows: 3, columns: columns, stride: columns + 3, offset: 1) { _, _ in .nan }
      set.kernels.dropoutMask(key: key, rows: rows, rate: rate, width: width, into: mask.matrix)
      let expected = rows.map { row in
        (0..<columns).map { column in
          let words = key.block(x: UInt32(column / 4), y: UInt32(row))
          let uniform = Float(words[column % 4] >> 9) * 0x1p-23
          return column < width && uniform >= rate ? 1 / (1 - rate) : Float(0)
        }
      }
      #expect(mask.rows == expected && mask.marginsAreIntact)
    }
  }

  @Test(arguments: InstructionSet.available)
  func dropsAtTheRate(_ set: InstructionSet) {
    for rate: Float in [0, 0.1, 0.5, 0.9] {
      let mask = TestMatrix(rows: 64, columns: 4096) { _, _ in 0 }
      set.kernels.dropoutMask(
        key: key, rows: (0..<64).map { Int32($0) }, rate: rate, width: 4096, into: mask.matrix)
      let dropped = mask.values.count { $0 == 0 }
      let count = 64.0 * 4096
      // Four standard deviations.
      let tolerance = 4 * (count * Double(rate) * Double(1 - rate)).squareRoot()
      #expect(abs(Double(dropped) - count * Double(rate)) <= tolerance)
    }
  }
}

@Suite struct RandomSequenceTests {
  private let key = RandomKey(seed: 42, purpose: 1)

  @Test func uniformMoments() {
    let sequence = RandomSequence(key: key)
    let values = (0..<100_000).map { Double(sequence.uniform($0)) }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    let deviation = (1.0 / 12 / 100_000).squareRoot()
    #expect(abs(values.reduce(0, +) / 100_000 - 0.5) < 4 * deviation)
  }

  @Test func normalMoments() {
    let sequence = RandomSequence(key: key)
    let count = 200_000
    let values = (0..<count).map { Double(sequence.normal($0)) }
    let mean = values.reduce(0, +) / Double(count)
    let variance = values.reduce(0) { $0 + $1 * $1 } / Double(count)
    let fourth = values.reduce(0) { $0 + $1 * $1 * $1 * $1 } / Double(count)
    let within = Double(values.count { abs($0) < 1 }) / Double(count)
    // Four standard deviations of each estimate.
    let unit = 4 / Double(count).squareRoot()
    #expect(abs(mean) < unit)
    #expect(abs(variance - 1) < unit * 2.0.squareRoot())
    #expect(abs(fourth - 3) < unit * 96.0.squareRoot())
    #expect(abs(within - erf(0.5.squareRoot())) < unit / 2)
  }

  @Test(arguments: [0, 1, 2, 7, 1000])
  func permutationsArePermutations(count: Int) {
    let order = RandomSequence(key: key).permutation(of: count)
    let other = RandomSequence(key: RandomKey(seed: 43, purpose: 1)).permutation(of: count)
    #expect(order.sorted() == Array(0..<count))
    #expect(count < 7 || order != other)
  }

  @Test func permutationsAreUniform() {
    var counts: [[Int]: Int] = [:]
    for seed in 0..<24_000 {
      let order = RandomSequence(key: RandomKey(seed: UInt64(seed), purpose: 1)).permutation(of: 4)
      counts[order, default: 0] += 1
    }
    #expect(counts.count == 24)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 })
  }

  @Test func generatorsGoOnWhereTheyStopped() {
    var generator = RandomGenerator(key: key)
    let numbers = (0..<10).map { _ in generator.next() }
    var resumed = RandomGenerator(key: key, position: 5)
    let rest = (5..<10).map { _ in resumed.next() }
    #expect(rest == Array(numbers[5...]))
    #expect(Set(numbers).count == 10)
    #expect((0..<1000).allSatisfy { _ in generator.next(below: 3) < 3 })
  }
}
