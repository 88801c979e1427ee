import KernelInterface
import WeftLayers
import WeftTensor

/// Computes the initial states of one decoder layer from the encoder's final states, with both directions concatenated,
/// or from the mean of the source without a recurrent encoder.
struct StateBridge: Sendable {
  private let hidden: Part?
  private let cell: Part?
  private let hasCellState: Bool

  /// W and b of one state.
  private struct Part: Sendable {
    let weights: Projection
    let bias: PaddedRow
  }

  /// - Parameters:
  ///   - kind: For `copy`, sizes must be equal.
  ///   - hiddenInputs: Input features for the hidden state.
  ///   - cellInputs: Input features for the cell state.
  init(
    path: String, kind: BridgeKind, layer: RecurrentLayerOptions, hiddenInputs: Int, cellInputs: Int,
    layout: inout ParameterLayout
  ) {
    hasCellState = layer.kind.hasCellState
    guard kind == .projection else {
      precondition(
        hiddenInputs == layer.outputSize
          && (!hasCellState || cellInputs == layer.kind.cellVectors * layer.hiddenSize))
      (hidden, cell) = (nil, nil)
      return
    }
    func part(_ name: String, inputs: Int, size: Int) -> Part {
      Part(
        weights: Projection(
          layout.add(
            "\(path)/\(name)_weights", rows: inputs, columns: size,
            initialization: layer.inputInitialization.values(gates: 1), isWeight: true), width: size,
          dotAlgorithm: layout.dotAlgorithm),
        bias: PaddedRow(
          layout.add(
            "\(path)/\(name)_bias", rows: 1, columns: size, initialization: .zero, isWeight: false),
          width: size))
    }
    hidden = part("hidden", inputs: hiddenInputs, size: layer.outputSize)
    // A cell state of several vectors has a meaning to its own cell alone; it starts as zeros.
    cell =
      layer.kind.hasCellState && layer.kind.cellVectors == 1
      ? part("cell", inputs: cellInputs, size: layer.hiddenSize) : nil
  }

  func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    for part in [hidden, cell].compactMap(\.self) {
      part.weights.pack(engine, parameters: parameters, worker: worker, workers: workers)
      if worker == 0 { part.bias.pack(engine, parameters: parameters) }
    }
  }

  /// Final states of the encoder, one row per row of the decoder's shard.
  struct Source {
    let hidden: Matrix
    let cell: Matrix
  }

  /// The initial states of a shard's rows.
  func forward(_ source: Source, _ shard: Shard) -> ShardState {
    guard let hidden else {
      return ShardState(hidden: source.hidden, cell: hasCellState ? source.cell : nil)
    }
    let state = shard.arena.matrix(rows: source.hidden.rows, columns: hidden.bias.width)
    hidden.weights.forward(source.hidden, initial: .row(hidden.bias.row), into: state, record: nil, shard)
    shard.kernels.applyHyperbolicTangent(state)
    let cellState = cell.map { cell in
      let state = shard.arena.matrix(rows: source.cell.rows, columns: cell.bias.width)
      cell.weights.forward(source.cell, initial: .row(cell.bias.row), into: state, record: nil, shard)
      return state
    }
    return ShardState(hidden: state, cell: cellState)
  }

  /// Computes the gradients of the parameters and of the source.
  ///
  /// - Parameters:
  ///   - state: The result of `forward`.
  ///   - gradient: ∂L/∂(state); overwritten.
  /// - Returns: ∂L/∂(source); nil for an unused part.
  func backward(
    _ source: Source, state: ShardState, gradient: ShardState, _ shard: Shard
  ) -> (hidden: Matrix, cell: Matrix?) {
    guard let hidden else { return (gradient.hidden, gradient.cell) }
    shard.kernels.elmanBackward(
      .tanh, gates: gradient.hidden, hidden: state.hidden, hiddenGradient: gradient.hidden)
    let hiddenGradient = backward(hidden, source.hidden, gradient.hidden, shard)
    guard let cell, let cellGradient = gradient.cell else { return (hiddenGradient, nil) }
    return (hiddenGradient, backward(cell, source.cell, cellGradient, shard))
  }

  private func backward(_ part: Part, _ source: Matrix, _ gradient: Matrix, _ shard: Shard) -> Matrix {
    let result = shard.arena.matrix(like: source)
    part.weights.backward(gradient, initial: .zero, into: result, record: nil, shard)
    shard.outerProducts(
      [part.weights.operand(source, rows: nil, shard), part.bias.operand(gates: 0..<1, shard)],
      right: gradient, width: part.bias.width, index: shard.layout.laneRows)
    return result
  }
}
