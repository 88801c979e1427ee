import WeftBase
import WeftData
import WeftLayers
import WeftParallel

/// Forecasts with a sequence model: directly, or step by step by feeding sampled values back.
package struct Forecaster {
  let model: SequenceModel
  let executor: Executor
  let loss: Loss
  /// Whether the model forecasts all steps at once.
  let isDirect: Bool
  let context: Int
  /// Steps to forecast.
  let horizon: Int
  /// Values per forecast step.
  let targets: Int
  /// Number of sampled paths, if forecasts are fed back and the model predicts a distribution.
  var paths = 100
  /// Random seed.
  package var seed: UInt64 = 1

  /// - Parameters:
  ///   - executor: The executor with the model's parameters.
  ///   - isDirect: Whether the model forecasts all steps at once.
  ///   - context: Steps of history that a forecast is computed from.
  ///   - horizon: Steps to forecast.
  ///   - targets: Values per forecast step.
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

  /// The forecast of one window, in the scaled units of training.
  package struct Result: Sendable, Equatable {
    /// `[horizon × targets]`.
    package var median: [Double]
    /// Quantiles at each level; empty for point forecasts.
    package var quantiles: [[Double]]
    /// The distributions, `[horizon × targets]`, by samples if forecasts are fed back; empty for points.
    package var distributions: [PredictedDistribution] = []
  }

  /// The requested levels that the model can predict; none for a point forecast.
  package static func levels(_ loss: Loss, wanted: [Double]) -> [Double] {
    loss.kind.predictsDistribution ? wanted : []
  }

  /// - Parameters:
  ///   - batch: Windows as in training (`WindowBatches`); if forecasts are fed back, only the covariates of the steps
  ///     after the context are used.
  ///   - levels: From `levels(_:wanted:)`.
  package func forecast(_ batch: Minibatch, levels: [Double]) -> [Result] {
    isDirect ? direct(batch, levels: levels) : fedBack(batch, levels: levels)
  }

  private func direct(_ batch: Minibatch, levels: [Double]) -> [Result] {
    model.outputRows(batch, on: executor).map { outputs in
      let distributions = loss.distributions(outputs)
      return Result(
        median: distributions.map(\.median),
        quantiles: levels.map { level in distributions.map { $0.quantile(level) } },
        distributions: loss.kind.predictsDistribution ? distributions : [])
    }
  }

  private func fedBack(_ batch: Minibatch, levels: [Double]) -> [Result] {
    guard case .features(let steps) = batch.inputs else { preconditionFailure("forecasts are of numbers") }
    let paths = levels.isEmpty ? 1 : paths
    let rows = batch.rows * paths
    func features(_ row: Int, _ step: Int) -> ArraySlice<Float> { steps[batch.offsets[row] + step] }
    // The context is processed once per window, and its final state copied to every path.
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
          // Every window has the same random numbers, so that its forecast does not depend on the others.
          let draw = (step * targets + target) * paths + row % paths
          // Excludes 0 and 1, where quantiles are infinite.
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
        quantiles: levels.map { level in columns.map { $0.quantile(level) } },
        distributions: levels.isEmpty ? [] : columns.map(PredictedDistribution.samples))
    }
  }
}
