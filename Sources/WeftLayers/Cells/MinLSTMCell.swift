import KernelInterface
import WeftTensor

extension CellType {
  /// Minimal LSTM.
  public static let minLSTM = CellType(
    name: "min-lstm", gates: "fih", recurrentWeights: .none,
    initialBias: { options in
      options.memorySpan.map { .timescales(signs: [1, -1, 0], longest: $0) }
        ?? .gates([options.forgetBias, 0, 0])
    },
    make: { _ in MinLSTMCell() })
}

/// Minimal LSTM (Feng et al. 2024): f, i = σ(W x + b); h̃ = g(W x + b); h = (f∘h₋₁ + i∘h̃) / (f + i), where g(a) = a + ½
/// for a ≥ 0, else σ(a). Gates depend on the input alone, so that h is linear in h₋₁. There is no cell state.
package struct MinLSTMCell: ElementwiseCell {
  package var gates: Int { 3 }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    shard.kernels.minimalLSTMForward(
      gates: pass.gates.rows(segment.positions), previousHidden: pass.hidden.rows(segment.previous),
      hidden: pass.newHidden(segment))
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    shard.kernels.minimalLSTMBackward(
      gates: pass.gates.rows(segment.positions), previousHidden: pass.hidden.rows(segment.previous),
      hiddenGradient: hiddenGradient)
  }
}
