import TestSupport
import Testing

@testable import WeftModels
@testable import WeftTensor

/// Losses and gradients of products of rounded operands are near those of float32.
@Suite("bfloat16 gradients") struct BFloat16GradientTests {
  /// What a product leaves out of its operands, relative to them: half the distance of two neighbours at 1, in 8 bits of
  /// significand, or in 16.
  private static func rounding(_ precision: Precision) -> Double {
    precision == .bfloat16 ? 0x1p-8 : 0x1p-16
  }

  /// Cells with kinks are left out: rounding may move a unit across one.
  static let cases = ModelCase.all(
    [.plain, .layerNormalization, .bidirectional, .stacked, .attentionPooling], seeds: 1..<3
  ).filter { ![.relu, .indRNN, .minGRU, .minLSTM].contains($0.kind) }

  @Test(arguments: cases, [Precision.bfloat16, .bfloat16x3])
  func areNearThoseOfFloat32(_ test: ModelCase, precision: Precision) {
    let rounding = Self.rounding(precision)
    let exact = test.make(hidden: 33).backpropagate()
    let rounded = test.make(hidden: 33, precision: precision)
      .backpropagate(engine: Engine(.baseline, dotAlgorithm: precision.dotAlgorithm))
    #expect(abs(rounded.found.loss - exact.found.loss) < 4 * rounding * max(1, abs(exact.found.loss)))
    let difference = relativeDifference(rounded.gradient, exact.gradient.map(Double.init))
    // Operands of several products in a row are rounded; that nothing is rounded would be 0.
    #expect(difference > 0 && difference < 16 * rounding, "\(difference)")
  }
}
