import TestSupport
import Testing

/// Stacks of layers against reference equations in Double: outputs and final states, and the gradients with respect to
/// inputs, initial states and hidden states that flow back from both.
@Suite("Stack gradient check") struct StackGradientTests {
  static let epsilon = Double(Float.ulpOfOne)
  /// Tolerance in roundings of the maximum value, or of a gradient's norm.
  static let factor = 128.0
  /// Tolerance where layer normalization divides by small standard deviations.
  static let normalizedFactor = 2048.0

  /// One row of a stack: its loss is Σ outputs·R + Σ final states·R′.
  struct Row {
    let run: StackRun
    let number: Int
    let reference: ReferenceStack
    let parameters: [String: [Double]]

    func outputs(
      _ inputs: [[Double]], _ initial: [ReferenceLayer.State],
      _ disturbances: [Int: ReferenceLayer.Disturbance] = [:]
    ) -> (outputs: [[Double]], finals: [ReferenceLayer.State]) {
      reference.run(
        inputs, row: number, initial: initial, parameters: parameters, disturbances: disturbances)
    }

    func loss(
      _ inputs: [[Double]], _ initial: [ReferenceLayer.State],
      _ disturbances: [Int: ReferenceLayer.Disturbance] = [:]
    ) -> Double {
      let (outputs, finals) = outputs(inputs, initial, disturbances)
      var sum = 0.0
      for (step, output) in outputs.enumerated() {
        for (value, weight) in zip(output, run.outputGradient[step, number]) { sum += value * Double(weight) }
      }
      for (final, weights) in zip(finals, run.finalGradient?.states(row: number) ?? []) {
        for (value, weight) in zip(final.hidden, weights.hidden) { sum += value * weight }
        for (value, weight) in zip(final.cell, weights.cell) { sum += value * weight }
      }
      return sum
    }
  }

  static func rows(_ run: StackRun, isNormalized: Bool) -> [Row] {
    run.lengths.indices.map {
      Row(
        run: run, number: $0, reference: run.reference(isNormalized: isNormalized),
        parameters: run.namedParameters)
    }
  }

  @Test("Outputs and final states are those of the equations", arguments: StackCase.all(seeds: 0..<6))
  func forward(test: StackCase) {
    let run = test.make()
    let result = run.run(workers: 2, lanes: 3)
    let tolerance = Self.factor * Self.epsilon
    for row in Self.rows(run, isNormalized: test.isNormalized) {
      let (outputs, finals) = row.outputs(
        run.inputs(row: row.number), run.initial?.states(row: row.number) ?? [])
      for (step, output) in outputs.enumerated() {
        let found = result.outputs[step, row.number].map(Double.init)
        #expect(zip(found, output).allSatisfy { abs($0 - $1) < tolerance * max(1, abs($1)) })
      }
      for (found, expected) in zip(result.final.states(row: row.number), finals) {
        #expect(zip(found.hidden, expected.hidden).allSatisfy { abs($0 - $1) < tolerance * max(1, abs($1)) })
        #expect(found.cell.count == expected.cell.count)
        #expect(zip(found.cell, expected.cell).allSatisfy { abs($0 - $1) < tolerance * max(1, abs($1)) })
      }
    }
  }

  @Test(
    "Gradients of inputs, initial states and hidden states are those of finite differences",
    arguments: StackCase.all(seeds: 0..<6))
  func backward(test: StackCase) {
    let run = test.make()
    let result = run.run(workers: 2, lanes: 3)
    let tolerance = (test.isNormalized ? Self.normalizedFactor : Self.factor) * Self.epsilon
    var random = SplitMix(seed: test.seed)
    for row in Self.rows(run, isNormalized: test.isNormalized) {
      let inputs = run.inputs(row: row.number)
      let initial = run.initial?.states(row: row.number) ?? []
      let width = run.inputs.features
      let gradient = inputs.indices.flatMap { Array(result.inputGradient[$0, row.number]) }
      let (departure, norm) = FiniteDifferences.departure(
        of: gradient,
        from: { values in
          row.loss(inputs.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }, initial)
        }, at: inputs.flatMap(\.self), directions: 2, elements: 3, using: &random)
      #expect(departure <= tolerance * norm, "inputs of row \(row.number)")

      for (layer, gradients) in result.initialGradient.states(row: row.number).enumerated() {
        for path in [\ReferenceLayer.State.hidden, \.cell] where !gradients[keyPath: path].isEmpty {
          let (departure, _) = FiniteDifferences.departure(
            of: gradients[keyPath: path].map { Float($0) },
            from: { values in
              var changed = initial
              changed[layer][keyPath: path] = values
              return row.loss(inputs, changed)
            }, at: initial[layer][keyPath: path], directions: 2, elements: 3, using: &random)
          #expect(departure <= tolerance * norm, "initial state of layer \(layer), row \(row.number)")
        }
        let step = Int.random(in: inputs.indices, using: &random)
        let squares = (0..<gradients.hidden.count).reduce(into: 0.0) { sum, unit in
          let direction = gradients.hidden.indices.map { $0 == unit ? 1.0 : 0 }
          let derivative = FiniteDifferences.derivative(
            of: { row.loss(inputs, initial, [layer: .init(step: step, values: $0)]) },
            at: direction.map { _ in 0 }, along: direction)
          sum += derivative * derivative
        }
        let found = Double(result.squaredNorms[layer][step, row.number].first ?? .nan)
        #expect(
          abs(found.squareRoot() - squares.squareRoot()) <= tolerance * max(norm, 1),
          "hidden gradient's norm in layer \(layer), row \(row.number), step \(step)")
      }
    }
  }
}
