import KernelInterface
import WeftLayers
import WeftTensor

/// What turns the states of a sequence model into its outputs.
package enum OutputLayer: Sendable {
  case linear(LinearOutput)
  /// Log-probabilities of many classes, of which a loss computes only a part.
  case adaptive(AdaptiveSoftmax)

  /// Packs worker `worker`'s share of the weights.
  func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    switch self {
    case .linear(let layer): layer.pack(engine, parameters: parameters, worker: worker, workers: workers)
    case .adaptive(let layer): layer.pack(engine, parameters: parameters, worker: worker, workers: workers)
    }
  }

  /// Offset of its first parameter; nil if they are those of the embedding.
  var offset: Int? {
    switch self {
    case .linear(let layer): layer.embedding == nil ? layer.projection.parameter.offset : nil
    case .adaptive(let layer): layer.offset
    }
  }

  /// Bytes of weights that all outputs read.
  var forwardBytes: Int {
    switch self {
    case .linear(let layer): layer.projection.forwardBytes
    case .adaptive(let layer): layer.forwardBytes
    }
  }

  /// Bytes per position in a forward and backward pass, the gradient of the states apart.
  var activationBytes: Int {
    switch self {
    case .linear(let layer):
      2 * VectorWidth.padded(layer.projection.width) * MemoryLayout<Float>.stride
    case .adaptive(let layer): layer.activationBytes
    }
  }

  /// All outputs of states `[P, inputs]`.
  func outputs(_ states: Matrix, into result: Matrix, _ shard: Shard) {
    switch self {
    case .linear(let layer): layer.forward(states, into: result, shard)
    case .adaptive(let layer): layer.logProbabilities(states, into: result, shard)
    }
  }
}

/// y = h W + b, or with tied weights h Eᵀ + b.
package struct LinearOutput: Sendable {
  package let projection: Projection
  package let bias: PaddedRow
  /// The embedding whose weights it shares; nil for its own.
  let embedding: Parameter?

  func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    projection.pack(engine, parameters: parameters, worker: worker, workers: workers)
    if worker == 0 { bias.pack(engine, parameters: parameters) }
  }

  func forward(_ states: Matrix, into outputs: Matrix, _ shard: Shard) {
    projection.forward(states, initial: .row(bias.row), into: outputs, record: nil, shard)
  }

  /// Accumulates the gradients of weights and biases.
  ///
  /// - Parameters:
  ///   - gradient: With respect to the outputs, one row per position.
  ///   - states: What `forward` read.
  ///   - tiedOffset: Offset of the second gradient of a shared embedding.
  func accumulate(
    _ gradient: Matrix, _ states: Matrix, tiedOffset: Int?, index: LaneIndex, _ shard: Shard
  ) {
    let bias = bias.operand(gates: 0..<1, shard)
    if let embedding, let tiedOffset {
      let outputs = shard.gradients.map { embedding.matrix(in: $0, at: tiedOffset) }
      shard.outerProducts(
        [(OuterOperand(gradient, rows: nil), outputs)], right: states, width: embedding.columns, index: index)
      shard.columnSums(
        values: gradient, factors: nil, width: projection.width, rows: index, outputs: bias.outputs)
    } else {
      shard.outerProducts(
        [projection.operand(states, rows: nil, shard), bias], right: gradient, width: projection.width,
        index: index)
    }
  }
}
