import TestSupport
import Testing

@testable import WeftLayers

/// Products with zero initial states, and gradients to them, are skipped.
@Suite("Zero initial states") struct ZeroStateTests {
  static let variants: [ModelCase.Variant] = [
    .plain, .stacked, .bidirectional, .layerNormalization, .recurrentDropout, .oneHot,
  ]

  @Test("Skipping them changes no value", arguments: ModelCase.all(variants, seeds: 0..<4))
  func areLeftOutExactly(test: ModelCase) {
    let run = test.make()
    let given = ModelRun(
      configuration: run.configuration, model: run.model, parameters: run.parameters, batch: run.batch,
      loss: run.loss, initial: RecurrentState(batch: run.batch.rows, layers: run.model.stack.layers),
      dropoutKey: run.dropoutKey)
    let (without, with) = (run.backpropagate(threads: 2), given.backpropagate(threads: 2))
    #expect(without.found.loss == with.found.loss)
    #expect(without.gradient == with.gradient)
    #expect(without.found.gradientNorms == with.found.gradientNorms)
    for (first, second) in zip(without.final.tensors, with.final.tensors) {
      #expect(first.tensor.values == second.tensor.values, "\(first.name)")
    }
  }
}
