import KernelInterface
import WeftTensor

/// Pools a sequence into one vector, a mean of its states with learned weights: Σ_t a_t h_t with a = softmax over t of
/// v · f(W h_t + b), where f is tanh unless chosen otherwise (Yang et al. 2016).
package struct AttentionPooling: Sendable {
  /// Hidden units of the score.
  package let size: Int
  private let activation: Activation
  private let projection: Projection
  private let bias: PaddedRow
  private let score: Projection

  /// - Parameters:
  ///   - path: Prefix of the parameter names.
  ///   - inputSize: Features per state.
  ///   - activation: f, whose derivative follows from its values.
  package init(
    path: String, inputSize: Int, size: Int, activation: Activation = .tanh, initialization: Initialization,
    layout: inout ParameterLayout
  ) {
    precondition(!activation.gradientReadsInputs)
    self.size = size
    self.activation = activation
    let values = initialization.values(gates: 1)
    projection = Projection(
      layout.add("\(path)/weights", rows: inputSize, columns: size, initialization: values, isWeight: true),
      width: size, dotAlgorithm: layout.dotAlgorithm)
    bias = PaddedRow(
      layout.add("\(path)/bias", rows: 1, columns: size, initialization: .zero, isWeight: false), width: size)
    score = Projection(
      layout.add("\(path)/score", rows: size, columns: 1, initialization: values, isWeight: true), width: 1,
      dotAlgorithm: layout.dotAlgorithm)
  }

  /// Offset of the first parameter in the flat array.
  var firstParameter: Int { projection.parameter.offset }

  /// Packs worker `worker`'s share of the weights.
  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    projection.pack(engine, parameters: parameters, worker: worker, workers: workers)
    score.pack(engine, parameters: parameters, worker: worker, workers: workers)
    if worker == 0 { bias.pack(engine, parameters: parameters) }
  }

  /// Activations of `forward` over one shard.
  package struct Pass {
    /// h, `[positions, inputSize]`.
    let states: Matrix
    /// f(W h + b), `[positions, size]`.
    let compared: Matrix
    /// a, `[positions, 1]`.
    package let weights: Matrix
    /// `[rows, inputSize]`.
    package let result: Matrix
  }

  /// The weighted means of states `[positions, inputSize]`.
  package func forward(_ states: Matrix, _ shard: Shard) -> Pass {
    let (arena, kernels, layout) = (shard.arena, shard.kernels, shard.layout)
    let compared = arena.matrix(rows: states.rows, columns: size)
    projection.forward(states, initial: .row(bias.row), into: compared, record: nil, shard)
    kernels.activate(activation, compared, into: compared)
    let weights = arena.matrix(rows: states.rows, columns: 1)
    score.forward(compared, initial: .zero, into: weights, record: nil, shard)
    kernels.softmaxOverTime(weights, starts: layout.starts, lengths: layout.lengths)
    let result = arena.matrix(rows: layout.rows, columns: states.columns)
    kernels.pool(
      states, weights: weights, starts: layout.starts, lengths: layout.lengths, into: result)
    return Pass(states: states, compared: compared, weights: weights, result: result)
  }

  /// Computes the gradients of the parameters from ∂L/∂result.
  ///
  /// - Parameter stateGradient: Receives ∂L/∂states.
  package func backward(_ pass: Pass, _ gradient: Matrix, into stateGradient: Matrix, _ shard: Shard) {
    let (arena, kernels, layout) = (shard.arena, shard.kernels, shard.layout)
    let scoreGradient = arena.matrix(like: pass.weights)
    kernels.poolBackward(
      gradient, values: pass.states, weights: pass.weights, starts: layout.starts, lengths: layout.lengths,
      valueGradient: stateGradient, scoreGradient: scoreGradient)
    let index = layout.lanePositions
    shard.outerProducts(
      [score.operand(pass.compared, rows: nil, shard)], right: scoreGradient, width: 1, index: index)
    let comparedGradient = arena.matrix(like: pass.compared)
    score.backward(scoreGradient, initial: .zero, into: comparedGradient, record: nil, shard)
    kernels.activateBackward(activation, comparedGradient, values: pass.compared)
    shard.outerProducts(
      [projection.operand(pass.states, rows: nil, shard), bias.operand(gates: 0..<1, shard)],
      right: comparedGradient, width: size, index: index)
    projection.backward(comparedGradient, initial: .result, into: stateGradient, record: nil, shard)
  }
}
