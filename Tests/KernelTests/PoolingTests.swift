import Foundation
import TestSupport
import Testing

@testable import WeftTensor

@Suite struct PoolingTests {
  private static let lengths = [5, 5, 3, 1]
  private static let starts = [0, 4, 7, 10, 12]
  private static let positions = 14

  private static func position(_ step: Int, _ sequence: Int) -> Int { starts[step] + sequence }

  @Test(arguments: testWidths, [true, false])
  func matchesDouble(width: Int, isWeighted: Bool) {
    var random = SplitMix(seed: UInt64(width))
    let values = random.rows(Self.positions, width)
    let scores = random.rows(Self.positions, 1, in: -30...30)
    let incoming = random.rows(Self.lengths.count, width)
    for set in InstructionSet.available {
      let weights = TestMatrix(padded(scores))
      set.kernels.softmaxOverTime(weights.matrix, starts: Self.starts, lengths: Self.lengths)
      let pooled = TestMatrix(rows: Self.lengths.count, columns: width) { _, _ in .nan }
      let source = TestMatrix(values)
      let given = isWeighted ? weights.matrix : nil
      set.kernels.pool(
        source.matrix, weights: given, starts: Self.starts, lengths: Self.lengths, into: pooled.matrix)
      let valueGradient = TestMatrix(rows: Self.positions, columns: width) { _, _ in .nan }
      let scoreGradient = TestMatrix(rows: Self.positions, columns: 16) { _, _ in .nan }
      set.kernels.poolBackward(
        TestMatrix(incoming).matrix, values: source.matrix, weights: given, starts: Self.starts,
        lengths: Self.lengths, valueGradient: valueGradient.matrix,
        scoreGradient: isWeighted ? scoreGradient.matrix : nil)
      for result in [weights, pooled, valueGradient, scoreGradient] { #expect(result.marginsAreIntact) }
      for (sequence, length) in Self.lengths.enumerated() {
        let places = (0..<length).map { Self.position($0, sequence) }
        let maximum = places.map { Double(scores[$0][0]) }.max() ?? 0
        let sum = places.reduce(0) { $0 + exp(Double(scores[$1][0]) - maximum) }
        let shares = places.map {
          isWeighted ? exp(Double(scores[$0][0]) - maximum) / sum : 1 / Double(length)
        }
        let products = places.map { place in
          (0..<width).reduce(0) { $0 + Double(incoming[sequence][$1]) * Double(values[place][$1]) }
        }
        let expected = zip(shares, products).reduce(0) { $0 + $1.0 * $1.1 }
        let size = Double(width)
        for (place, (share, product)) in zip(places, zip(shares, products)) {
          for column in 0..<width {
            #expect(
              agree(
                valueGradient.rows[place][column], share * Double(incoming[sequence][column]), magnitude: 2))
          }
          guard isWeighted else { continue }
          #expect(agree(weights.rows[place][0], share, factor: 16, magnitude: 1))
          #expect(
            agree(scoreGradient.rows[place][0], share * (product - expected), factor: 16, magnitude: 4 * size)
          )
          #expect(scoreGradient.rows[place].dropFirst().allSatisfy { $0 == 0 })
        }
        for column in 0..<width {
          let mean = zip(places, shares).reduce(0) { $0 + Double(values[$1.0][column]) * $1.1 }
          #expect(agree(pooled.rows[sequence][column], mean, factor: 16, magnitude: 2))
        }
      }
    }
  }

  @Test func sameBits() {
    var random = SplitMix(seed: 2)
    let (values, scores) = (random.rows(Self.positions, 37), random.rows(Self.positions, 16, in: -9...9))
    let incoming = random.rows(Self.lengths.count, 37)
    expectSameBits { kernels in
      let weights = TestMatrix(scores)
      kernels.softmaxOverTime(weights.matrix, starts: Self.starts, lengths: Self.lengths)
      let pooled = TestMatrix(rows: Self.lengths.count, columns: 37) { _, _ in 0 }
      let source = TestMatrix(values)
      kernels.pool(
        source.matrix, weights: weights.matrix, starts: Self.starts, lengths: Self.lengths,
        into: pooled.matrix)
      let valueGradient = TestMatrix(rows: Self.positions, columns: 37) { _, _ in 0 }
      let scoreGradient = TestMatrix(rows: Self.positions, columns: 16) { _, _ in 0 }
      kernels.poolBackward(
        TestMatrix(incoming).matrix, values: source.matrix, weights: weights.matrix, starts: Self.starts,
        lengths: Self.lengths, valueGradient: valueGradient.matrix, scoreGradient: scoreGradient.matrix)
      kernels.activateBackward(.tanh, valueGradient.matrix, values: source.matrix)
      return weights.values + pooled.values + valueGradient.values + scoreGradient.values
    }
  }
}
