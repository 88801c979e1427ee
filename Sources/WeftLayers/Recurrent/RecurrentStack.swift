import KernelInterface
import WeftBase
import WeftTensor

/// Stacked recurrent layers, unidirectional or bidirectional, with dropout between them.
package struct RecurrentStack: Sendable {
  /// Levels from the input up; each has a forward and, if bidirectional, a backward layer.
  package private(set) var levels: [[RecurrentLayer]]
  /// Dropout rate before each level and after the last one.
  let dropout: Float
  private static let dropoutPurpose: UInt32 = 1 << 16

  /// Adds the layers' parameters to a model's layout under `path`.
  package init(
    path: String, inputSize: Int, levels count: Int, isBidirectional: Bool, dropout: Float,
    options: RecurrentLayerOptions, layout: inout ParameterLayout
  ) {
    precondition(count > 0)
    let directions: [Direction] = isBidirectional ? [.forward, .backward] : [.forward]
    var levels: [[RecurrentLayer]] = []
    for level in 0..<count {
      let inputs = level == 0 ? inputSize : options.outputSize * directions.count
      levels.append(
        directions.enumerated().map { index, direction in
          RecurrentLayer(
            path: "\(path)\(level)/\(direction.rawValue)", inputSize: inputs, options: options,
            direction: direction, purpose: UInt32(2 * level + index), layout: &layout)
        })
    }
    self.levels = levels
    self.dropout = dropout
  }

  /// Adds token tables to the layers of the first level, whose inputs are tokens.
  package mutating func addTokenTables(vocabulary: Int, layout: inout ParameterLayout) {
    precondition(dropout == 0 && levels[0].allSatisfy { $0.input.gain == nil })
    for index in levels[0].indices {
      levels[0][index].tokenTable = TokenTable(
        vocabulary: vocabulary, outputs: levels[0][index].input.outputs, layout: &layout)
    }
  }

  package var isBidirectional: Bool { levels[0].count > 1 }
  package var layers: [RecurrentLayer] { levels.flatMap(\.self) }
  package var inputSize: Int { levels[0][0].inputSize }
  package var outputSize: Int { levels[0].count * levels[0][0].outputSize }
  /// Bytes of the weights of one time step of the largest layer.
  package var stepWeightBytes: Int { layers.map(\.stepWeightBytes).max() ?? 0 }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    for layer in layers { layer.pack(engine, parameters: parameters, worker: worker, workers: workers) }
  }

  /// Activations of all levels over one shard.
  package struct Pass {
    /// Inputs of each level.
    fileprivate(set) var inputs: [Steps<Matrix>] = []
    /// Dropout masks of the inputs, and last of the output.
    fileprivate var masks: [Matrix?] = []
    package fileprivate(set) var layers: [[RecurrentPass]] = []
    /// `[positions, outputSize]`.
    package fileprivate(set) var output: Matrix
  }

  /// - Parameters:
  ///   - input: Features of every position, or tokens if the first level has token tables.
  ///   - initial: Initial states; nil for the layers' own.
  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> Pass {
    var (input, mask) = (input, Matrix?.none)
    if case .features(let features) = input {
      let (dropped, inputMask) = applyDropout(features, level: 0, isOwned: false, shard)
      (input, mask) = (.features(dropped), inputMask)
    }
    var passes: [[RecurrentPass]] = []
    var inputs: [Steps<Matrix>] = []
    var masks: [Matrix?] = []
    var output: Matrix?
    for (index, level) in levels.enumerated() {
      let layers = level.enumerated().map { offset, layer in
        layer.forward(input, initial: initial?.layers[index * level.count + offset], shard)
      }
      passes.append(layers)
      inputs.append(input)
      masks.append(mask)
      let (dropped, outputMask) = applyDropout(
        joined(layers, shard), level: index + 1, isOwned: layers.count > 1, shard)
      (output, mask) = (dropped, outputMask)
      input = .features(dropped)
    }
    guard let output else { preconditionFailure("a stack has levels") }
    return Pass(inputs: inputs, masks: masks + [mask], layers: passes, output: output)
  }

  /// - Parameters:
  ///   - outputGradient: ∂L/∂output `[positions, outputSize]`; overwritten.
  ///   - finalGradient: ∂L/∂(final states) of the minibatch's rows; nil for zero.
  ///   - shardFinalGradient: The same for the shard's rows, layer by layer.
  ///   - inputGradient: Receives ∂L/∂input, if not nil.
  ///   - initialGradient: Receives ∂L/∂(initial states), if not nil.
  ///   - gradientNorms: `[1, positions]` per layer, receive ‖∂L/∂h_t‖²; may be empty.
  package func backward(
    _ pass: Pass, outputGradient: Matrix, finalGradient: RecurrentState?,
    shardFinalGradient: [ShardState]? = nil, inputGradient: Matrix?, initialGradient: RecurrentState?,
    gradientNorms: [Matrix], _ shard: Shard
  ) {
    var gradient = outputGradient
    for (index, level) in levels.enumerated().reversed() {
      applyMask(pass.masks[index + 1], to: gradient, shard)
      let parts = split(gradient, level, shard)
      var below = inputGradient
      if index > 0, case .features(let input) = pass.inputs[index] {
        // A layer no longer needs a block's output gradient when it computes the block's input gradient.
        let fits = level.count == 1 && input.columns == gradient.columns
        below = fits ? gradient : shard.arena.matrix(like: input)
      }
      for (offset, layer) in level.enumerated() {
        let number = index * level.count + offset
        // The gradient of the second direction is added to that of the first.
        let target = offset == 0 ? below : below.map { shard.arena.matrix(like: $0) }
        layer.backward(
          pass.layers[index][offset], inputs: pass.inputs[index], outputGradient: parts[offset],
          finalGradient: finalGradient?.layers[number], shardFinalGradient: shardFinalGradient?[number],
          inputGradient: target, initialGradient: initialGradient?.layers[number],
          gradientNorms: gradientNorms.isEmpty ? nil : gradientNorms[number], shard)
        if offset > 0, let below, let target { shard.kernels.add(target, to: below) }
      }
      if let below { gradient = below }
      shard.gradientsAreFinal(from: firstPlace(level: index))
    }
    if let inputGradient { applyMask(pass.masks[0], to: inputGradient, shard) }
  }

  /// Offset of the parameters of a level; those of higher levels follow.
  private func firstPlace(level: Int) -> Int { levels[level][0].input.parameter.offset }

  /// The offsets that `backward` reports as final on its way down, except that of the lowest level.
  package var gradientBoundaries: [Int] { levels.indices.dropFirst().reversed().map(firstPlace) }

  /// Copies the final states of each row to the minibatch's rows of `state`.
  package func storeFinal(_ pass: Pass, into state: RecurrentState, _ shard: Shard) {
    for (index, level) in levels.enumerated() {
      for (offset, layer) in level.enumerated() {
        layer.storeFinal(pass.layers[index][offset], into: state.layers[index * level.count + offset], shard)
      }
    }
  }

  /// The hidden states of all positions, with both directions concatenated.
  private func joined(_ layers: [RecurrentPass], _ shard: Shard) -> Matrix {
    let states = layers.map { $0.hidden.rows($0.layout.rows..<$0.hidden.rows) }
    guard states.count == 2 else { return states[0] }
    let result = shard.arena.matrix(rows: states[0].rows, columns: states[0].columns * 2)
    shard.kernels.concatenate(states[0], states[1], into: result)
    return result
  }

  private func split(_ gradient: Matrix, _ level: [RecurrentLayer], _ shard: Shard) -> [Matrix] {
    guard level.count == 2 else { return [gradient] }
    let parts = level.map { shard.arena.matrix(rows: gradient.rows, columns: $0.outputSize) }
    shard.kernels.split(gradient, into: parts[0], parts[1])
    return parts
  }

  private func applyDropout(
    _ values: Matrix, level: Int, isOwned: Bool, _ shard: Shard
  ) -> (Matrix, mask: Matrix?) {
    guard let key = shard.dropoutKey, dropout > 0 else { return (values, nil) }
    let mask = shard.arena.matrix(like: values)
    shard.kernels.dropoutMask(
      key: RandomKey(seed: key.seed, purpose: RecurrentStack.dropoutPurpose + UInt32(level), step: key.step),
      rows: shard.globalPositions, rate: dropout, width: values.columns, into: mask)
    let result = isOwned ? values : shard.arena.matrix(like: values)
    shard.kernels.multiply(values, mask, into: result)
    return (result, mask)
  }

  private func applyMask(_ mask: Matrix?, to gradient: Matrix, _ shard: Shard) {
    if let mask { shard.kernels.multiply(gradient, mask, into: gradient) }
  }
}
