import KernelInterface
import WeftTensor

extension CellType {
  /// Minimal gated recurrent unit.
  public static let minGRU = CellType(
    name: "min-gru", gates: "zh", recurrentWeights: .none,
    initialBias: { options in
      options.memorySpan.map { .timescales(signs: [-1, 0], longest: $0) } ?? .zero
    },
    make: { _ in MinGRUCell() })
}

/// Minimal gated recurrent unit (Feng et al. 2024): z = σ(W x + b); h̃ = g(W x + b); h = (1 − z)∘h₋₁ + z∘h̃, where
/// g(a) = a + ½ for a ≥ 0, else σ(a). Gates depend on the input alone, so that h is linear in h₋₁.
package struct MinGRUCell: ElementwiseCell {
  package var gates: Int { 2 }

  package func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    shard.kernels.minimalGRUForward(
      gates: pass.gates.rows(segment.positions), previousHidden: pass.hidden.rows(segment.previous),
      hidden: pass.newHidden(segment))
  }

  package func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard
  ) {
    shard.kernels.minimalGRUBackward(
      gates: pass.gates.rows(segment.positions), previousHidden: pass.hidden.rows(segment.previous),
      hiddenGradient: hiddenGradient)
  }
}
