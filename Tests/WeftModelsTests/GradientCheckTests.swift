import TestSupport
import Testing

@testable import WeftLayers

/// Models of every kind against reference equations in Double, and gradients against finite differences.
@Suite("Gradient check") struct GradientCheckTests {
  static let epsilon = Double(Float.ulpOfOne)
  /// Tolerance of outputs, in roundings of the maximum.
  static let outputFactor = 64.0
  /// Tolerance of gradients, in roundings of the parameter's norm plus a hundredth of the global norm, for parameters
  /// whose gradient is a sum that cancels.
  static let gradientFactor = 128.0
  /// Tolerance with layer normalization, which divides by the standard deviation of a few units and magnifies rounding
  /// if that is small.
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
    let executor = run.executor(threads: 1, lanes: 3, engine: .baseline)
    let outputs = run.model.outputs(run.batch, initial: run.initial, final: nil, on: executor)
    let references = reference.outputs(parameters)
    let difference = relativeDifference(outputs.values, references.flatMap(\.self))
    #expect(difference < Self.outputFactor * Self.epsilon)
    let loss = run.model.evaluate(run.batch, loss: run.loss, initial: run.initial, final: nil, on: executor)
    #expect(loss.loss == result.found.loss)
    if case .classes(let classes) = run.batch.targets {
      let correct = zip(reference.predictedClasses(parameters), classes).count { $0 == Int($1) }
      #expect(loss.correct == Double(correct))
      // Training does not compute what the most probable class of an adaptive softmax would need.
      let isCounted = run.configuration.adaptiveCutoffs.isEmpty
      #expect(result.found.correct == (isCounted ? loss.correct : 0))
    }
  }

  @Test("Gradients are those of finite differences in Double", arguments: ModelCase.all(seeds: 0..<3))
  func backward(test: ModelCase) { Self.expectGradients(test.make(), seed: test.seed) }

  /// Single rows, steps and units, and more lanes than rows.
  static let edges: [(lengths: [Int], hidden: Int)] = [
    ([1], 1), ([1, 1, 1], 1), ([6], 1), ([1], 17), ([4, 4, 4, 4, 1], 16),
  ]

  @Test(
    "Batches, sequences and states of one",
    arguments: ModelCase.all([.plain, .everything], seeds: 0..<1), edges)
  func ofOne(test: ModelCase, edge: (lengths: [Int], hidden: Int)) {
    Self.expectGradients(test.make(lengths: edge.lengths, hidden: edge.hidden), seed: 1)
  }

  @Test(
    "Norms of the gradients that flow through time are those of finite differences",
    arguments: CellType.allCases)
  func flow(kind: CellType) {
    for variant in [ModelCase.Variant.bidirectional, .dropout, .lastStep, .zoneout] {
      let run = ModelCase(kind: kind, variant: variant, seed: 2).make(lengths: [4, 3, 3, 1], hidden: 3)
      let reference = run.reference
      let parameters = run.namedParameters
      let norms = run.backpropagate(threads: 2).found.gradientNorms
      #expect(norms.count == run.model.stack.layers.count && norms.allSatisfy { $0.count == 4 })
      let scale = Double(norms.joined().max() ?? 0)
      for layer in norms.indices {
        for step in 0..<4 {
          var sum = 0.0
          for row in run.batch.lengths.indices where run.batch.lengths[row] > step {
            let units = run.model.stack.layers[layer].outputSize
            for unit in 0..<units {
              let derivative = FiniteDifferences.derivative(
                of: { values in
                  reference.meanLoss(
                    parameters, disturbances: [row: [layer: .init(step: step, values: values)]])
                }, at: [Double](repeating: 0, count: units), along: (0..<units).map { $0 == unit ? 1 : 0 })
              sum += derivative * derivative
            }
          }
          let difference = abs(Double(norms[layer][step]) - sum.squareRoot())
          #expect(difference <= Self.gradientFactor * Self.epsilon * scale, "layer \(layer), step \(step)")
        }
      }
    }
  }

  static let segmented: [ModelCase.Variant] = [
    .plain, .absoluteError, .layerNormalization, .stacked, .dropout, .recurrentDropout, .learnedState,
    .givenState,
    .oneHot, .tiedWeights, .student, .missingTargets, .zoneout, .adaptiveSoftmax,
  ]

  @Test(
    "Sequences that memory holds in segments have the gradients of whole ones",
    arguments: ModelCase.all(segmented, seeds: 0..<1), [1, 3])
  func inSegments(test: ModelCase, steps: Int) {
    let run = test.make(lengths: [9, 8, 8, 5, 3, 1])
    Self.expectGradients(run, seed: test.seed, segmentSteps: steps)
    let first = run.backpropagate(segmentSteps: steps)
    let second = run.backpropagate(threads: 3, segmentSteps: steps)
    #expect(first.gradient == second.gradient && first.found.loss == second.found.loss)
  }

  static func expectGradients(_ run: ModelRun, seed: UInt64, segmentSteps: Int? = nil) {
    let reference = run.reference
    let result = run.backpropagate(segmentSteps: segmentSteps)
    var random = SplitMix(seed: seed)
    let factor =
      run.configuration.layerNormalization ? Self.normalizedGradientFactor : Self.gradientFactor
    let departures = run.departures(
      of: result, from: { reference.meanLoss($0) }, elements: 6, using: &random)
    for (parameter, departure, scale) in departures {
      #expect(departure <= factor * Self.epsilon * scale, "\(parameter)")
    }
  }
}
