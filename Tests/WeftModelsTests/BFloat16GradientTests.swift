import TestSupport
import Testing

@testable import WeftModels
@testable import WeftTensor

/// Losses and gradients of products of rounded operands are near those of float32.
@Suite("bfloat16 gradients") struct BFloat16GradientTests {
  /// Half the distance of two neighbours at 1, in 8 bits of significand.
  private static let rounding = 0x1p-8

  /// Cells with kinks are left out: rounding may move a unit across one.
  static let cases = ModelCase.all(
    [.plain, .layerNormalization, .bidirectional, .stacked, .attentionPooling], seeds: 1..<3
  ).filter { ![.relu, .indRNN, .minGRU, .minLSTM].contains($0.kind) }

  @Test(arguments: cases) func areNearThoseOfFloat32(_ test: ModelCase) {
    let exact = test.make(hidden: 33).backpropagate()
    let rounded = test.make(hidden: 33, precision: .bfloat16)
      .backpropagate(engine: Engine(.baseline, dotAlgorithm: .bf16_bf16_f32))
    #expect(abs(rounded.found.loss - exact.found.loss) < 4 * Self.rounding * max(1, abs(exact.found.loss)))
    let difference = relativeDifference(rounded.gradient, exact.gradient.map(Double.init))
    // Operands of several products in a row are rounded; that nothing is rounded would be 0.
    #expect(difference > 0 && difference < 16 * Self.rounding, "\(difference)")
  }
}
