import KernelInterface
import Testing

@testable import Weft

/// Models of every kind against plain equations in Double: forward against forward, gradients against finite
/// differences.
@Suite("Gradient check") struct GradientCheckTests {
  static let epsilon = Double(Float.ulpOfOne)
  /// Outputs may be off by this many roundings of the greatest one.
  static let outputFactor = 64.0
  /// Gradients may be off by this many roundings of their norm, taken over a parameter, with a hundredth of the
  /// norm over all of them for parameters whose gradient is a sum that cancels.
  static let gradientFactor = 128.0
  /// The same with layer normalisation, which divides by the deviation of a few units and magnifies rounding where
  /// that is small.
  static let normalizedGradientFactor = 2048.0

  @Test("Outputs and losses are those of the equations", arguments: ModelCase.all(seeds: 0..<6))
  func forward(test: ModelCase) {
    let run = test.make()
    let reference = run.reference
    let parameters = run.namedParameters
    let result = run.backpropagate()
    let expected = reference.meanLoss(parameters)
    let tolerance = Self.outputFactor * Self.epsilon * max(expected, 1)
    #expect(abs(result.found.meanLoss - expected) < tolerance)
    guard run.dropoutKey == nil else { return }
    let data = run.data(threads: 1, lanes: 3, engine: .baseline)
    let outputs = data.outputs(run.batch, initial: run.initial, final: nil)
    let difference = relativeDifference(outputs.values, reference.outputs(parameters).flatMap(\.self))
    #expect(difference < Self.outputFactor * Self.epsilon)
    let loss = data.evaluate(run.batch, loss: run.loss, initial: run.initial, final: nil)
    #expect(loss.loss == result.found.loss && loss.correct == result.found.correct)
  }

  @Test("Gradients are those of finite differences in Double", arguments: ModelCase.all(seeds: 0..<3))
  func backward(test: ModelCase) {
    let run = test.make()
    let reference = run.reference
    let parameters = run.namedParameters
    let result = run.backpropagate()
    var random = TestGenerator(seed: test.seed)
    for parameter in run.model.layout.parameters {
      let range = parameter.offset..<parameter.offset + parameter.count
      let (departure, norm) = FiniteDifferences.departure(
        of: Array(result.gradient[range]),
        from: { values in
          var changed = parameters
          changed[parameter.name] = values
          return reference.meanLoss(changed)
        }, at: parameters[parameter.name] ?? [], directions: 2, elements: 6, using: &random)
      let scale = norm + 0.01 * result.norm
      let factor =
        run.configuration.layerNormalization ? Self.normalizedGradientFactor : Self.gradientFactor
      #expect(departure <= factor * Self.epsilon * scale, "\(parameter.name)")
    }
  }
}
