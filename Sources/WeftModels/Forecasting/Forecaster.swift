import WeftBase
import WeftData
import WeftLayers
import WeftParallel

/// Forecasts with a sequence model: all steps at once, or step by step by feeding sampled values back.
package struct Forecaster {
  let model: SequenceModel
  let executor: Executor
  let loss: Loss
  /// Whether the model forecasts all steps at once.
  let isDirect: Bool
  let context: Int
  /// Steps that are forecast.
  let horizon: Int
  /// Numbers that are forecast for each step.
  let targets: Int
  /// Paths that are sampled where forecasts are fed back and the model tells a distribution.
  var paths = 100
  /// Where the random numbers come from.
  package var seed: UInt64 = 1

  /// - Parameters:
  ///   - executor: Holds the model's parameters.
  ///   - isDirect: Whether the model forecasts all steps at once.
  ///   - context: Steps that a forecast looks back on.
  ///   - horizon: Steps that are forecast.
  ///   - targets: Numbers that are forecast for each step.
  package init(
    model: SequenceModel, executor: Executor, loss: Loss, isDirect: Bool, context: Int, horizon: Int,
    targets: Int
  ) {
    self.model = model
    self.executor = executor
    self.loss = loss
    self.isDirect = isDirect
    self.context = context
    self.horizon = horizon
    self.targets = targets
  }

  /// One window's forecast, as the model was trained: scaled.
  package struct Result: Sendable, Equatable {
    /// `[horizon × targets]`.
    package var median: [Double]
    /// For each of `levels`, the numbers exceeded with a probability of 1 − level; none where only points are known.
    package var quantiles: [[Double]]
  }

  /// Levels that the model can tell, of those wanted; a model of points tells none.
  package static func levels(_ loss: Loss, wanted: [Double]) -> [Double] {
    loss.kind.predictsDistribution ? wanted : []
  }

  /// - Parameters:
  ///   - batch: Windows as the model was trained on (`WindowBatches`): of those for feedback, the steps after the context
  ///     are read for their covariates alone.
  ///   - levels: As `levels(_:wanted:)` gives them.
  package func forecast(_ batch: Minibatch, levels: [Double]) -> [Result] {
    isDirect ? direct(batch, levels: levels) : fedBack(batch, levels: levels)
  }

  private func direct(_ batch: Minibatch, levels: [Double]) -> [Result] {
    model.outputRows(batch, on: executor).map { outputs in
      let distributions = loss.distributions(outputs)
      return Result(
        median: distributions.map(\.median),
        quantiles: levels.map { level in distributions.map { $0.quantile(level) } })
    }
  }

  private func fedBack(_ batch: Minibatch, levels: [Double]) -> [Result] {
    guard case .features(let steps) = batch.inputs else { preconditionFailure("forecasts are of numbers") }
    let paths = levels.isEmpty ? 1 : paths
    let rows = batch.rows * paths
    func features(_ row: Int, _ step: Int) -> ArraySlice<Float> { steps[batch.offsets[row] + step] }
    // The context is read once a window, and its state handed to every path.
    let contexts = (0..<batch.rows).flatMap { row in (0..<context).flatMap { features(row, $0) } }
    let start = RecurrentState(batch: batch.rows, layers: model.stack.layers)
    let read = model.outputRows(
      Minibatch(
        lengths: [Int](repeating: context, count: batch.rows),
        inputs: .features(contexts, width: steps.width)), final: start, on: executor)
    var outputs = (0..<rows).map { read[($0 / paths + 1) * context - 1] }
    let state = RecurrentState(batch: rows, layers: model.stack.layers)
    for (target, source) in zip(state.tensors, start.tensors) {
      executor.engine.kernels.gatherRows(
        table: source.tensor.matrix, indices: (0..<rows).map { Int32($0 / paths) }, into: target.tensor.matrix
      )
    }
    let random = RandomSequence(key: RandomKey(seed: seed, purpose: RandomPurpose.sampling, step: 0))
    // `[row][step × targets]`.
    var sampled = [[Double]](repeating: [], count: rows)
    for step in 0..<horizon {
      for row in 0..<rows {
        for (target, distribution) in loss.distributions(outputs[row]).enumerated() {
          let draw = ((row / paths * horizon + step) * targets + target) * paths + row % paths
          // Halfway between the ends, which a quantile function does not reach.
          let uniform = min(max(Double(random.uniform(draw)), 1e-7), 1 - 1e-7)
          sampled[row].append(levels.isEmpty ? distribution.median : distribution.quantile(uniform))
        }
      }
      if step == horizon - 1 { break }
      let inputs = (0..<rows).flatMap { row in
        sampled[row].suffix(targets).map { Float($0) }
          + features(row / paths, context + step).dropFirst(targets)
      }
      outputs = model.outputRows(
        Minibatch(
          lengths: [Int](repeating: 1, count: rows), inputs: .features(inputs, width: steps.width)),
        initial: state, final: state, on: executor)
    }
    return (0..<batch.rows).map { window in
      let columns = (0..<horizon * targets).map { place in
        (0..<paths).map { sampled[window * paths + $0][place] }.sorted()
      }
      return Result(
        median: columns.map { $0.quantile(0.5) },
        quantiles: levels.map { level in columns.map { $0.quantile(level) } })
    }
  }
}
