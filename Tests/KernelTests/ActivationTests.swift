import Foundation
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// A function of `ActivationKernels` and its exact counterpart.
struct ActivationCase: CustomTestStringConvertible, Sendable {
  let name: String
  let apply: @Sendable (any KernelSet.Type, Matrix) -> Void
  let reference: @Sendable (Double) -> Double
  let domain: ClosedRange<Float>
  /// Maximum error in units in the last place.
  let bound: Double

  var testDescription: String { name }

  static let all = [
    ActivationCase(
      name: "exponential", apply: { $0.applyExponential($1) }, reference: { exp($0) },
      domain: -86.98...Float.infinity, bound: 0.92),
    ActivationCase(
      name: "hyperbolic tangent", apply: { $0.applyHyperbolicTangent($1) }, reference: { tanh($0) },
      domain: -.infinity ... .infinity, bound: 2.6),
    ActivationCase(
      name: "logistic", apply: { $0.applyLogistic($1) }, reference: { 1 / (1 + exp(-$0)) },
      domain: -87.3...Float.infinity, bound: 2.5),
    ActivationCase(
      name: "natural logarithm", apply: { $0.applyNaturalLogarithm($1) }, reference: { log($0) },
      domain: Float.leastNormalMagnitude...Float.infinity, bound: 0.92),
    ActivationCase(
      name: "natural logarithm of one plus", apply: { $0.applyNaturalLogarithmOfOnePlus($1) },
      reference: { log1p($0) }, domain: 0...Float.greatestFiniteMagnitude, bound: 1.3),
  ]
}

@Suite struct ActivationTests {
  /// Every 251st float32: all exponents and signs, about 17 million points.
  @Test(arguments: ActivationCase.all)
  func errorsAreWithinBoundsAndBitsAgree(_ function: ActivationCase) {
    let block = 4096
    var maximumError = 0.0
    var worst: Float = 0
    var bitsAgree = true
    let buffers = InstructionSet.available.map { _ in TestMatrix(rows: 1, columns: block) { _, _ in 0 } }
    for start in stride(from: UInt64(0), to: 1 << 32, by: 251 * block) {
      for column in 0..<block {
        let pattern = UInt32(truncatingIfNeeded: start + UInt64(column) * 251)
        for buffer in buffers { buffer.matrix[0, column] = Float(bitPattern: pattern) }
      }
      for (set, buffer) in zip(InstructionSet.available, buffers) {
        function.apply(set.kernels, buffer.matrix)
      }
      for column in 0..<block {
        let x = Float(bitPattern: UInt32(truncatingIfNeeded: start + UInt64(column) * 251))
        let y = buffers[0].matrix[0, column]
        for buffer in buffers.dropFirst() {
          let other = buffer.matrix[0, column]
          if other.bitPattern != y.bitPattern, !(other.isNaN && y.isNaN) { bitsAgree = false }
        }
        if x.isNaN {
          if !y.isNaN { maximumError = .infinity }
        } else if function.domain.contains(x) {
          let error = Self.error(of: y, against: function.reference(Double(x)))
          if error > maximumError { (maximumError, worst) = (error, x) }
        }
      }
    }
    #expect(bitsAgree)
    #expect(maximumError <= function.bound, "\(maximumError) ulp at \(worst)")
  }

  /// In units in the last place of the reference's float32.
  private static func error(of value: Float, against reference: Double) -> Double {
    let rounded = Float(reference)
    if rounded.isInfinite {
      return value == rounded || value.magnitude == .greatestFiniteMagnitude ? 0 : .infinity
    }
    guard value.isFinite else { return .infinity }
    return abs(Double(value) - reference) / Double(max(rounded.ulp, Float.leastNormalMagnitude.ulp))
  }

  private func apply(
    _ set: InstructionSet, _ function: (any KernelSet.Type, Matrix) -> Void, _ values: [Float]
  ) -> [Float] {
    let matrix = TestMatrix([values])
    function(set.kernels, matrix.matrix)
    return matrix.values
  }

  @Test(arguments: InstructionSet.available)
  func exponentialAtTheEnds(_ set: InstructionSet) {
    let result = apply(
      set, { $0.applyExponential($1) }, [.infinity, -.infinity, .nan, 0, 88.73, -87.4, -1e30, 1e30])
    #expect(result[0] == .infinity && result[1] == 0 && result[2].isNaN && result[3] == 1)
    #expect(Array(result[4...]) == [.infinity, 0, 0, .infinity])
  }

  @Test(arguments: InstructionSet.available)
  func hyperbolicTangentAtTheEnds(_ set: InstructionSet) {
    let tiny = Float(sign: .minus, exponent: -140, significand: 1)
    let result = apply(
      set, { $0.applyHyperbolicTangent($1) }, [.infinity, -.infinity, .nan, -0.0, 0, tiny, 1e-8, 1e30])
    #expect(result[0] == 1 && result[1] == -1 && result[2].isNaN)
    #expect(result[3] == 0 && result[3].sign == .minus && result[4].sign == .plus)
    #expect(Array(result[5...]) == [tiny, 1e-8, 1])
    let grid = stride(from: Float(-12), through: 12, by: 0.001).map { $0 }
    #expect(apply(set, { $0.applyHyperbolicTangent($1) }, grid).allSatisfy { abs($0) <= 1 })
  }

  @Test(arguments: InstructionSet.available)
  func logisticAtTheEnds(_ set: InstructionSet) {
    let result = apply(set, { $0.applyLogistic($1) }, [.infinity, -.infinity, .nan, 0, 200, -200])
    #expect(result[0] == 1 && result[1] == 0 && result[2].isNaN)
    #expect(Array(result[3...]) == [0.5, 1, 0])
  }

  @Test(arguments: InstructionSet.available)
  func naturalLogarithmAtTheEnds(_ set: InstructionSet) {
    let result = apply(set, { $0.applyNaturalLogarithm($1) }, [.infinity, 0, -0.0, -1, -.infinity, .nan, 1])
    #expect(result[0] == .infinity && result[1] == -.infinity && result[2] == -.infinity)
    #expect(result[3].isNaN && result[4].isNaN && result[5].isNaN && result[6] == 0)
  }

  @Test(arguments: InstructionSet.available)
  func tailsAndMargins(_ set: InstructionSet) {
    for width in testWidths {
      let matrix = TestMatrix(rows: 3, columns: width, stride: width + 5, offset: 3) { _, _ in 0 }
      set.kernels.applyExponential(matrix.matrix)
      #expect(matrix.values.allSatisfy { $0 == 1 } && matrix.marginsAreIntact)
    }
  }
}
