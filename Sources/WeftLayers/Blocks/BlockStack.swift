import KernelInterface
import WeftBase
import WeftTensor

/// Blocks that stand on one another.
package struct BlockStack: Block {
  /// From the input up.
  package private(set) var blocks: [any Block]
  private var inputSize: Int

  /// - Parameter inputSize: Features per position of the input.
  init(_ blocks: [any Block], inputSize: Int) {
    self.blocks = blocks
    self.inputSize = inputSize
  }

  /// Puts embeddings of categorical features below the other blocks.
  ///
  /// - Parameter inputSize: Features per position of their input.
  package mutating func prepend(_ embeddings: CategoryEmbeddings, inputSize: Int) {
    blocks.insert(embeddings, at: 0)
    self.inputSize = inputSize
  }

  /// Adds token tables to the layers of the first block, whose inputs are tokens.
  ///
  /// - Precondition: `acceptsTokens`.
  package mutating func addTokenTables(vocabulary: Int, layout: inout ParameterLayout) {
    guard var first = blocks.first as? RecurrentBlock else { preconditionFailure("not a recurrent block") }
    first.addTokenTables(vocabulary: vocabulary, layout: &layout)
    blocks[0] = first
  }

  /// Whether the first block can read tokens without an embedding of each position.
  package var acceptsTokens: Bool { (blocks.first as? RecurrentBlock)?.acceptsTokens ?? false }
  /// The layers of the first block, whose inputs may be tokens.
  package var firstLayers: [RecurrentLayer] { (blocks.first as? RecurrentBlock)?.layers ?? [] }

  package var recurrent: [RecurrentBlock] { blocks.flatMap(\.recurrent) }
  package var batchNormalizations: [BatchNormalizationBlock] { blocks.flatMap(\.batchNormalizations) }
  /// The layers of each recurrent block.
  package var levels: [[RecurrentLayer]] { recurrent.map(\.layers) }
  /// All recurrent layers from the input up, forward before backward.
  package var layers: [RecurrentLayer] { levels.flatMap(\.self) }
  package var outputSize: Int { blocks.last?.outputSize ?? inputSize }
  package var firstParameter: Int? { blocks.lazy.compactMap(\.firstParameter).first }
  package var activationBytes: Int { blocks.reduce(0) { $0 + $1.activationBytes } }
  package var stepWeightBytes: Int { blocks.map(\.stepWeightBytes).max() ?? 0 }
  package var canOverwriteGradient: Bool { false }
  package var canBeStepped: Bool { blocks.allSatisfy(\.canBeStepped) }
  package var canBeSegmented: Bool { blocks.allSatisfy(\.canBeSegmented) }

  package func outputLength(_ length: Int) -> Int { blocks.reduce(length) { $1.outputLength($0) } }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    for block in blocks { block.pack(engine, parameters: parameters, worker: worker, workers: workers) }
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    var (current, rows) = (input, shard)
    var parts: [BlockPass] = []
    for block in blocks {
      let pass = block.forward(current, initial: initial, rows)
      parts.append(pass)
      (current, rows) = (.features(pass.output), pass.shard)
    }
    guard case .features(let output) = current else { preconditionFailure("tokens need a block") }
    return BlockPass(input: input, output: output, shard: rows, parts: parts)
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    backward(pass, gradient, into: inputGradient, states, shard, onFinal: nil)
  }

  /// The backward pass of a whole model's blocks, which reports the gradients that are final.
  ///
  /// - Parameters:
  ///   - outputGradient: ∂L/∂output; overwritten.
  ///   - finalGradient: ∂L/∂(final states) of the minibatch's rows; nil for zero.
  ///   - shardFinalGradient: The same for the shard's rows, layer by layer.
  ///   - inputGradient: Receives ∂L/∂input, if not nil.
  ///   - initialGradient: Receives ∂L/∂(initial states), if not nil.
  ///   - gradientNorms: `[1, positions]` per layer, receive ‖∂L/∂h_t‖²; may be empty.
  package func backward(
    _ pass: BlockPass, outputGradient: Matrix, finalGradient: RecurrentState?,
    shardFinalGradient: [ShardState]? = nil, inputGradient: Matrix?, initialGradient: RecurrentState?,
    gradientNorms: [Matrix], _ shard: Shard
  ) {
    let states = StateGradients(
      final: finalGradient, shardFinal: shardFinalGradient, initial: initialGradient, norms: gradientNorms)
    backward(pass, outputGradient, into: inputGradient, states, shard) { shard.gradientsAreFinal(from: $0) }
  }

  private func backward(
    _ pass: BlockPass, _ outputGradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard, onFinal: ((_ place: Int) -> Void)?
  ) {
    var gradient = outputGradient
    for (index, block) in blocks.enumerated().reversed() {
      let part = pass.parts[index]
      var below = inputGradient
      if index > 0 {
        below = isNeeded(below: index, inputGradient) ? target(block, part, gradient, shard) : nil
      }
      block.backward(part, gradient, into: below, states, index > 0 ? pass.parts[index - 1].shard : shard)
      if let place = block.firstParameter { onFinal?(place) }
      guard let below else { return }
      gradient = below
    }
    if blocks.isEmpty, let inputGradient { shard.kernels.copy(outputGradient, into: inputGradient) }
  }

  /// Whether the gradient of a block's input is needed.
  private func isNeeded(below index: Int, _ inputGradient: Matrix?) -> Bool {
    inputGradient != nil || blocks[..<index].contains { $0.firstParameter != nil }
  }

  /// Memory for the gradient of a block's input: that of its output, if it fits.
  private func target(_ block: any Block, _ pass: BlockPass, _ gradient: Matrix, _ shard: Shard) -> Matrix {
    let input = pass.features
    let fits = input.columns == gradient.columns && input.rows == gradient.rows
    return block.canOverwriteGradient && fits ? gradient : shard.arena.matrix(like: input)
  }

  /// The offsets that `backward` reports as final on its way down, except that of the lowest block.
  package var gradientBoundaries: [Int] { blocks.compactMap(\.firstParameter).dropFirst().reversed() }

  /// Copies the final states of each row to the minibatch's rows of `state`.
  package func storeFinal(_ pass: BlockPass, into state: RecurrentState, _ shard: Shard) {
    for (block, passes) in zip(recurrent, pass.recurrent) { block.storeFinal(passes, into: state, shard) }
  }

  package func step(_ input: Steps<Matrix>, _ steps: SingleSteps) -> Matrix {
    var current = input
    for block in blocks { current = .features(block.step(current, steps)) }
    guard case .features(let output) = current else { preconditionFailure("tokens need a block") }
    return output
  }
}
