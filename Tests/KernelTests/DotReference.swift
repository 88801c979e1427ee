import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// The kernels of a dot algorithm for one instruction set.
struct DotVariant: Sendable, CustomTestStringConvertible {
  let instructionSet: InstructionSet
  let algorithm: DotAlgorithm

  static let all = InstructionSet.available.flatMap { set in
    DotAlgorithm.allCases.map { DotVariant(instructionSet: set, algorithm: $0) }
  }

  var kernels: any DotKernels.Type { instructionSet.dotKernels(algorithm) }
  func rounded(_ rows: [[Float]]) -> [[Float]] { rows.map { $0.map(algorithm.rounded) } }
  var testDescription: String { "\(algorithm), \(instructionSet)" }
}

/// The dot algorithms in plain loops.
extension DotAlgorithm {
  /// An operand's element as products see it.
  func rounded(_ value: Float) -> Float {
    switch self {
    case .f32_f32_f32: return value
    case .bf16_bf16_f32:
      if value.isNaN || value.isInfinite { return value }
      if value.isZero || value.isSubnormal { return value.sign == .minus ? -0.0 : 0 }
      // The nearer of the neighbours in 8 bits of significand; of two as near, the one with an even bit pattern.
      let below = Float(bitPattern: value.bitPattern & 0xffff_0000)
      let above = Float(bitPattern: below.bitPattern &+ 0x1_0000)
      if above.isInfinite {
        return value.magnitude >= Float.greatestFiniteMagnitude - 0x1p119 ? above : below
      }
      let (toBelow, toAbove) = ((value - below).magnitude, (above - value).magnitude)
      if toBelow != toAbove { return toBelow < toAbove ? below : above }
      return below.bitPattern & 0x1_0000 == 0 ? below : above
    case .bf16_bf16_f32_x3:
      let (high, low) = DotAlgorithm.split(value)
      return high + low
    }
  }

  /// The two bfloat16 numbers that `bf16_bf16_f32_x3` splits an element into.
  private static func split(_ value: Float) -> (high: Float, low: Float) {
    let high = DotAlgorithm.bf16_bf16_f32.rounded(value)
    return (high, DotAlgorithm.bf16_bf16_f32.rounded(value - high))
  }

  /// start + Σ a∘b.
  func dot(_ left: [Float], _ right: [Float], from start: Float) -> Float {
    switch self {
    case .f32_f32_f32: return zip(left, right).reduce(start) { $0.addingProduct($1.0, $1.1) }
    case .bf16_bf16_f32:
      let padding = [Float](repeating: 0, count: (32 - left.count % 32) % 32)
      let (a, b) = ((left + padding).map(rounded), (right + padding).map(rounded))
      var sum = start
      for block in stride(from: 0, to: a.count, by: 32) {
        var (even, odd) = (Float(0), Float(0))
        for step in stride(from: block, to: min(block + 32, a.count), by: 2) {
          even.addProduct(a[step], b[step])
          odd.addProduct(a[step + 1], b[step + 1])
        }
        sum += even + odd
      }
      return sum
    case .bf16_bf16_f32_x3:
      let padding = [Float](repeating: 0, count: (32 - left.count % 32) % 32)
      let (a, b) = ((left + padding).map(DotAlgorithm.split), (right + padding).map(DotAlgorithm.split))
      var sum = start
      for first in stride(from: 0, to: a.count, by: 32) {
        let (a, b) = (a[first..<first + 32], b[first..<first + 32])
        sum = DotAlgorithm.bf16_bf16_f32.dot(a.map(\.high), b.map(\.high), from: sum)
        sum = DotAlgorithm.bf16_bf16_f32.dot(a.map(\.high), b.map(\.low), from: sum)
        sum = DotAlgorithm.bf16_bf16_f32.dot(a.map(\.low), b.map(\.high), from: sum)
      }
      return sum
    }
  }
}
