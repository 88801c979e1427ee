import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

@Suite struct NormalizationTests {
  private static let gates = 3
  private static let rows = 4

  /// Values of one gate's units in a row of gates, each padded.
  private static func units(_ row: [Float], gate: Int, width: Int) -> [Double] {
    let start = gate * VectorWidth.padded(width)
    return row[start..<start + width].map(Double.init)
  }

  private static func gated(_ random: inout SplitMix, rows: Int, width: Int) -> [[Float]] {
    (0..<rows).map { _ in (0..<gates).flatMap { _ in padded([random.array(width)])[0] } }
  }

  private static func normalize(_ values: [Double]) -> (normalized: [Double], inverse: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    let inverse = 1 / (variance + 1e-5).squareRoot()
    return (values.map { ($0 - mean) * inverse }, inverse)
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func forward(_ set: InstructionSet, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    var values = Self.gated(&random, rows: Self.rows, width: width)
    values[1] = values[1].map { $0 == 0 ? 0 : $0 + 100 }
    let columns = values[0].count
    let target = TestMatrix(values, stride: columns + 16)
    let inverses = TestMatrix(rows: Self.rows, columns: Self.gates) { _, _ in .nan }
    set.kernels.normalizeRows(
      target.matrix, width: width, epsilon: 1e-5, normalized: target.matrix,
      inverseStandardDeviations: inverses.matrix)
    #expect(target.marginsAreIntact && inverses.marginsAreIntact)
    for row in 0..<Self.rows {
      for gate in 0..<Self.gates {
        let reference = Self.normalize(Self.units(values[row], gate: gate, width: width))
        // The values' magnitude after division by the standard deviation.
        let magnitude = 1 + (values[row].map { Double(abs($0)) }.max() ?? 0) * reference.inverse
        let got = Self.units(target.rows[row], gate: gate, width: width)
        for (value, expected) in zip(got, reference.normalized) {
          #expect(agree(Float(value), expected, magnitude: magnitude))
        }
        #expect(
          agree(
            inverses.matrix[row, gate], reference.inverse, factor: 32,
            magnitude: reference.inverse * magnitude))
      }
      let padding = (0..<columns).filter { $0 % VectorWidth.padded(width) >= width }
      #expect(padding.allSatisfy { target.rows[row][$0] == 0 })
    }
  }

  @Test(arguments: InstructionSet.available, testWidths)
  func addScaled(_ set: InstructionSet, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let normalized = Self.gated(&random, rows: Self.rows, width: width)
    let gain = Self.gated(&random, rows: 1, width: width)
    let start = Self.gated(&random, rows: 1, width: width)
    let before = Self.gated(&random, rows: Self.rows, width: width)
    let row = TestMatrix(start)
    let cases: [(InitialValue, (Int, Int) -> Float)] = [
      (.zero, { _, _ in 0 }), (.row(row.matrix), { start[0][$1] }), (.result, { before[$0][$1] }),
    ]
    for (initial, value) in cases {
      let target = TestMatrix(before)
      set.kernels.addScaled(
        normalized: TestMatrix(normalized).matrix, gain: TestMatrix(gain).matrix, initial: initial,
        to: target.matrix)
      for i in 0..<Self.rows {
        for (j, got) in target.rows[i].enumerated() {
          #expect(got == value(i, j).addingProduct(gain[0][j], normalized[i][j]))
        }
      }
    }
  }

  /// Against central differences in Double of Σ w ∘ gain ∘ n(v).
  @Test(arguments: InstructionSet.available, testWidths)
  func backward(_ set: InstructionSet, width: Int) {
    var random = SplitMix(seed: UInt64(width) + 100)
    let values = Self.gated(&random, rows: Self.rows, width: width)
    let gain = Self.gated(&random, rows: 1, width: width)
    let weights = Self.gated(&random, rows: Self.rows, width: width)
    let normalized = TestMatrix(values)
    let inverses = TestMatrix(rows: Self.rows, columns: Self.gates) { _, _ in 0 }
    set.kernels.normalizeRows(
      normalized.matrix, width: width, epsilon: 1e-5, normalized: normalized.matrix,
      inverseStandardDeviations: inverses.matrix)
    func backward(into target: TestMatrix, gradient: TestMatrix, normalized: TestMatrix) -> [[Float]] {
      set.kernels.normalizeRowsBackward(
        gradient: gradient.matrix, normalized: normalized.matrix, gain: TestMatrix(gain).matrix,
        inverseStandardDeviations: inverses.matrix, width: width, into: target.matrix)
      #expect(target.marginsAreIntact)
      return target.rows
    }
    let separate = backward(
      into: TestMatrix(values), gradient: TestMatrix(weights), normalized: TestMatrix(normalized.rows))
    let overGradient = TestMatrix(weights)
    #expect(backward(into: overGradient, gradient: overGradient, normalized: normalized) == separate)
    let overNormalized = TestMatrix(normalized.rows)
    #expect(
      backward(into: overNormalized, gradient: TestMatrix(weights), normalized: overNormalized) == separate)

    for row in 0..<Self.rows {
      for gate in 0..<Self.gates {
        let v = Self.units(values[row], gate: gate, width: width)
        let g = Self.units(gain[0], gate: gate, width: width)
        let w = Self.units(weights[row], gate: gate, width: width)
        func loss(_ v: [Double]) -> Double {
          zip(Self.normalize(v).normalized, zip(g, w)).reduce(0) { $0 + $1.0 * $1.1.0 * $1.1.1 }
        }
        let got = Self.units(separate[row], gate: gate, width: width)
        let scale = Self.normalize(v).inverse * (1 + w.map(abs).max()! * g.map(abs).max()!)
        for unit in stride(from: 0, to: width, by: max(1, width / 8)) {
          var up = v
          var down = v
          let step = 1e-5 / max(1, Self.normalize(v).inverse)
          up[unit] += step
          down[unit] -= step
          let expected = (loss(up) - loss(down)) / (2 * step)
          #expect(abs(got[unit] - expected) <= 4e-6 * scale)
        }
      }
    }
  }

  @Test(arguments: testWidths)
  func sameBits(width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let values = Self.gated(&random, rows: Self.rows, width: width)
    let gain = Self.gated(&random, rows: 1, width: width)
    let gradient = Self.gated(&random, rows: Self.rows, width: width)
    expectSameBits { kernels in
      let normalized = TestMatrix(values)
      let inverses = TestMatrix(rows: Self.rows, columns: Self.gates) { _, _ in 0 }
      kernels.normalizeRows(
        normalized.matrix, width: width, epsilon: 1e-5, normalized: normalized.matrix,
        inverseStandardDeviations: inverses.matrix)
      let target = TestMatrix(gradient)
      kernels.normalizeRowsBackward(
        gradient: target.matrix, normalized: normalized.matrix, gain: TestMatrix(gain).matrix,
        inverseStandardDeviations: inverses.matrix, width: width, into: target.matrix)
      return normalized.values + inverses.values + target.values
    }
  }
}
