import KernelInterface
import WeftBase
import WeftTensor

/// A recurrent layer, or one per direction whose states are concatenated.
package struct RecurrentBlock: Block {
  /// The forward before the backward layer.
  package private(set) var layers: [RecurrentLayer]
  /// Index of the first layer among all recurrent layers of the model.
  package let firstLayer: Int

  /// - Parameters:
  ///   - level: Index of this block among the model's recurrent blocks.
  ///   - firstLayer: Index of its first layer among the model's recurrent layers.
  init(
    path: String, inputSize: Int, options: RecurrentLayerOptions, directions: [Direction], level: Int,
    firstLayer: Int, layout: inout ParameterLayout
  ) {
    layers = []
    for (index, direction) in directions.enumerated() {
      layers.append(
        RecurrentLayer(
          path: "\(path)/\(direction.rawValue)", inputSize: inputSize, options: options,
          direction: direction, purpose: UInt32(2 * level + index), layout: &layout))
    }
    self.firstLayer = firstLayer
  }

  package var recurrent: [RecurrentBlock] { [self] }
  package var outputSize: Int { layers.reduce(0) { $0 + $1.outputSize } }
  package var firstParameter: Int? { layers[0].input.parameter.offset }
  package var stepWeightBytes: Int { layers.map(\.stepWeightBytes).max() ?? 0 }
  package var canOverwriteGradient: Bool { layers.count == 1 }
  package var canBeStepped: Bool { layers.map(\.direction) == [.forward] }
  package var canBeSegmented: Bool { canBeStepped }

  package var activationBytes: Int {
    let joined = layers.count > 1 ? 2 * VectorWidth.padded(outputSize) : 0
    let inputs = 4 * VectorWidth.padded(layers[0].inputSize)
    return layers.reduce(0) { $0 + $1.activationBytes } + (joined + inputs) * MemoryLayout<Float>.stride
  }

  /// Whether the inputs can be tokens, projected once each.
  var acceptsTokens: Bool { layers.allSatisfy { $0.input.gain == nil } }

  mutating func addTokenTables(vocabulary: Int, layout: inout ParameterLayout) {
    precondition(acceptsTokens)
    for index in layers.indices {
      layers[index].tokenTable = TokenTable(
        vocabulary: vocabulary, outputs: layers[index].input.outputs, layout: &layout)
    }
  }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    for layer in layers { layer.pack(engine, parameters: parameters, worker: worker, workers: workers) }
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    let passes = layers.enumerated().map { offset, layer in
      layer.forward(input, initial: initial?.layers[firstLayer + offset], shard)
    }
    return BlockPass(input: input, output: joined(passes, shard), shard: shard, layers: passes)
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    let parts = split(gradient, shard)
    for (offset, layer) in layers.enumerated() {
      let number = firstLayer + offset
      // The gradient of the second direction is added to that of the first.
      let target = offset == 0 ? inputGradient : inputGradient.map { shard.arena.matrix(like: $0) }
      layer.backward(
        pass.layers[offset], inputs: pass.input, outputGradient: parts[offset],
        finalGradient: states.final?.layers[number], shardFinalGradient: states.shardFinal?[number],
        inputGradient: target, initialGradient: states.initial?.layers[number],
        gradientNorms: states.norms.isEmpty ? nil : states.norms[number], shard)
      if offset > 0, let inputGradient, let target { shard.kernels.add(target, to: inputGradient) }
    }
  }

  package func step(_ input: Steps<Matrix>, _ steps: SingleSteps) -> Matrix {
    let pass = steps.passes[firstLayer]
    layers[0].step(input, pass, steps.segment, steps.shard)
    return pass.hidden.rows(steps.segment.current)
  }

  /// Copies the final states of each row to the minibatch's rows of `state`.
  func storeFinal(_ passes: [RecurrentPass], into state: RecurrentState, _ shard: Shard) {
    for (offset, layer) in layers.enumerated() {
      layer.storeFinal(passes[offset], into: state.layers[firstLayer + offset], shard)
    }
  }

  /// The hidden states of all positions, with both directions concatenated.
  private func joined(_ passes: [RecurrentPass], _ shard: Shard) -> Matrix {
    let states = passes.map { $0.hidden.rows($0.layout.rows..<$0.hidden.rows) }
    guard states.count == 2 else { return states[0] }
    let result = shard.arena.matrix(rows: states[0].rows, columns: states[0].columns * 2)
    shard.kernels.concatenate(states[0], states[1], into: result)
    return result
  }

  private func split(_ gradient: Matrix, _ shard: Shard) -> [Matrix] {
    guard layers.count == 2 else { return [gradient] }
    let parts = layers.map { shard.arena.matrix(rows: gradient.rows, columns: $0.outputSize) }
    shard.kernels.split(gradient, into: parts[0], parts[1])
    return parts
  }
}
